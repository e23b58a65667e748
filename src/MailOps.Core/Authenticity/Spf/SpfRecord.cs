using System.Net;

namespace MailOps.Authenticity.Spf;

/// <summary>The mechanisms (RFC 7208 section 5).</summary>
internal enum SpfMechanism
{
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <summary>One term of a record as it stands in the text.</summary>
/// <param name="Text">The term as it was written.</param>
/// <param name="Column">Where it begins, from 1.</param>
internal abstract record SpfTerm(string Text, int Column);

/// <summary>A mechanism, and what it says of the client if it matches.</summary>
internal sealed record SpfDirective(string Text, int Column, SpfMechanism Mechanism, SpfResult Result) : SpfTerm(Text, Column)
{
    /// <summary>The domain it is about; null for the domain of the record, and where it has none.</summary>
    public MacroText? Domain { get; init; }

    /// <summary>The network of ip4 and ip6.</summary>
    public IPAddress? Network { get; init; }

    /// <summary>How many bits of an IPv4 address count.</summary>
    public int Prefix4 { get; init; } = 32;

    /// <summary>How many bits of an IPv6 address count.</summary>
    public int Prefix6 { get; init; } = 128;

    /// <summary>Whether it is one of those that are counted (RFC 7208 section 4.6.4).</summary>
    public bool AsksDns => Mechanism is not (SpfMechanism.All or SpfMechanism.Ip4 or SpfMechanism.Ip6);
}

/// <summary>A modifier: <c>name=value</c>.</summary>
internal sealed record SpfModifier(string Text, int Column, string Name, MacroText Value) : SpfTerm(Text, Column);

/// <summary>A record, read (RFC 7208 section 4.6). With faults it means nothing but a permanent error.</summary>
internal sealed class SpfRecord
{
    private const string Version = "v=spf1";

    /// <summary>The record as it was published, its strings joined.</summary>
    public required string Text { get; init; }

    /// <summary>All terms that could be read, in their order.</summary>
    public List<SpfTerm> Terms { get; } = [];

    /// <summary>Terms behind <c>all</c> that are no known mechanism and are ignored there.</summary>
    public List<SpfFault> Ignored { get; } = [];

    /// <summary>What is wrong with it, in the order of the text.</summary>
    public List<SpfFault> Faults { get; } = [];

    /// <summary>The mechanisms.</summary>
    public IEnumerable<SpfDirective> Directives => Terms.OfType<SpfDirective>();

    /// <summary>Where to go on if nothing matches; there is none beside <c>all</c> (RFC 7208 section 5.1).</summary>
    public SpfModifier? Redirect => Directives.Any(directive => directive.Mechanism == SpfMechanism.All) ? null : Modifier("redirect");

    /// <summary>Where the words are for those who are refused.</summary>
    public SpfModifier? Explanation => Modifier("exp");

    /// <summary>The only modifier of a name, or the first.</summary>
    public SpfModifier? Modifier(string name) => Terms.OfType<SpfModifier>().FirstOrDefault(modifier => modifier.Name == name);

    /// <summary>Whether a TXT record is one (RFC 7208 section 4.5): the version, then a space or nothing.</summary>
    public static bool IsOne(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');
}
