using System.Globalization;
using MailOps.Authenticity.Signatures;

namespace MailOps.Authenticity.Arc;

/// <summary>The three fields that one server adds (RFC 8617 section 4.2).</summary>
internal sealed class ArcSet(int instance)
{
    /// <summary>Its place in the chain, from 1.</summary>
    public int Instance { get; } = instance;

    public List<RawField> Results { get; } = [];
    public List<SignatureField> Signatures { get; } = [];
    public List<SignatureField> Seals { get; } = [];

    /// <summary>Whether each of the three is there once.</summary>
    public bool IsWhole => Results.Count == 1 && Signatures.Count == 1 && Seals.Count == 1;

    /// <summary>The sets of a message by their instance, and why one of the fields belongs to none.</summary>
    public static SortedList<int, ArcSet> ReadAll(IEnumerable<RawField> fields, int maxFields, out string? fault)
    {
        var sets = new SortedList<int, ArcSet>();
        fault = null;
        var count = 0;
        foreach (var field in fields.Where(field => field.Name is "arc-authentication-results" or "arc-message-signature" or "arc-seal"))
        {
            if (++count > maxFields)
            {
                fault = $"There are more than {maxFields} fields of ARC.";
                break;
            }
            if (field.Length > SignatureField.MaxLength) fault ??= $"A field of ARC has {field.Length} bytes, and {SignatureField.MaxLength} at most are read.";
            else if (!Add(sets, field)) fault ??= "A field of ARC has no instance (i=) from 1 to 50.";
        }
        return sets;
    }

    private static bool Add(SortedList<int, ArcSet> sets, RawField field)
    {
        var signature = field.Name == "arc-authentication-results" ? null : SignatureField.Read(field, field.Name == "arc-seal" ? SignatureKind.ArcSeal : SignatureKind.ArcMessage);
        // RFC 8617 section 4.1.1: the instance comes first among the results.
        var text = signature is null ? TagList.Read(field.Value.Split(';')[0], StringComparison.Ordinal)["i"]?.Value : signature.Identity;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var instance) || instance is < 1 or > ArcVerifier.MaxSets) return false;
        if (!sets.TryGetValue(instance, out var set)) sets.Add(instance, set = new ArcSet(instance));
        if (signature is null) set.Results.Add(field);
        else (signature.Kind == SignatureKind.ArcSeal ? set.Seals : set.Signatures).Add(signature);
        return true;
    }
}
