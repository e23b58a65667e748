#if NET
using System.Management.Automation;

namespace MailOps.PowerShell.Relays;

/// <summary>Identities as Exchange's shell writes them: <c>server\thing</c>, or the thing alone, with wildcards in either.</summary>
internal sealed class IdentityFilter
{
    private readonly List<(string Text, WildcardPattern Pattern)> _wanted;
    private readonly HashSet<string> _matched = new(StringComparer.OrdinalIgnoreCase);

    private IdentityFilter(string[]? identities)
    {
        _wanted = [.. (identities ?? []).Select(i => (i, WildcardPattern.Get(i.Contains('\\') ? i : "*\\" + i, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant)))];
    }

    /// <summary>A filter for the identities given; null or none lets everything through.</summary>
    public static IdentityFilter Of(string[]? identities) => new(identities);

    /// <summary>Identities without wildcards that nothing has matched so far.</summary>
    public IEnumerable<string> Unmatched => _wanted.Select(w => w.Text).Where(text => !WildcardPattern.ContainsWildcardCharacters(text) && !_matched.Contains(text));

    // An address in brackets, as a next hop may be one, is a pattern of something else.
    private static bool IsLiterally(string text, string identity) =>
        identity.EndsWith(text, StringComparison.OrdinalIgnoreCase) && (text.Length == identity.Length || identity[^(text.Length + 1)] == '\\');

    /// <summary>Whether <c>relay\thing</c> is wanted.</summary>
    public bool Matches(string identity)
    {
        if (_wanted.Count == 0) return true;
        var any = false;
        foreach (var (text, pattern) in _wanted)
        {
            if (!pattern.IsMatch(identity) && !IsLiterally(text, identity)) continue;
            _matched.Add(text);
            any = true;
        }
        return any;
    }
}
#endif
