using MailOps.Messages;

namespace MailOps.Policies;

/// <summary>The TXT record at <c>_mta-sts.DOMAIN</c> (RFC 8461 section 3.1): that the domain has a policy, and which one is current.</summary>
/// <param name="Id">What the current policy is known by: 1 to 32 letters and digits. Another id says that the policy has changed.</param>
public sealed record MtaStsRecord(string Id)
{
    /// <summary>What such a record begins with.</summary>
    public const string Version = "v=STSv1";

    /// <summary>The name of the record of a domain.</summary>
    public static string NameFor(string domain) => "_mta-sts." + domain;

    /// <summary>The one record among all TXT records of the name. None counts where several are of this version (RFC 8461 section 3.1).</summary>
    public static PolicyReading<MtaStsRecord> Choose(IReadOnlyList<string> records) => TaggedRecord.Choose(records, Version, Parse);

    /// <summary>Reads one record, its strings joined.</summary>
    public static PolicyReading<MtaStsRecord> Parse(string text)
    {
        string? id = null;
        var fields = TaggedRecord.Read(text, Version, out var malformed);
        foreach (var field in fields)
        {
            var fault = field.Name == "id" ? IdFault(field) : TaggedRecord.Extension(field);
            if (fault is not null) return PolicyReading.Not<MtaStsRecord>(fault);
            if (field.Name == "id") id ??= field.Value;
        }
        if (malformed is not null) return PolicyReading.Not<MtaStsRecord>(malformed);
        return id is not null ? PolicyReading.Of(new MtaStsRecord(id)) : PolicyReading.Not<MtaStsRecord>(PolicyFault.Whole("there is no id"));
    }

    private static PolicyFault? IdFault(TaggedField field) =>
        field.Value.Length is > 0 and <= 32 && field.Value.All(TaggedRecord.IsAlphanumeric)
            ? null
            : new PolicyFault(1, field.ValueColumn, $"'{Printable.Shorten(field.Value)}' is no id, which has 1 to 32 letters and digits");
}
