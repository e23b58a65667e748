using System.Net;

namespace MailOps;

/// <summary>One host that takes mail for a domain, as a sending server would try it (RFC 5321 section 5.1).</summary>
public sealed class MailExchanger
{
    /// <summary>The domain asked about, as it was given.</summary>
    public required string Domain { get; init; }
    /// <summary>The MX preference, lowest first; 0 for the address fallback.</summary>
    public int Preference { get; init; }
    /// <summary>The host's name; empty for a null MX.</summary>
    public required string NameExchange { get; init; }
    /// <summary>Its addresses, IPv6 and IPv4; empty where it has none or they were not asked for.</summary>
    public IPAddress[] IPAddress { get; init; } = [];
    /// <summary>How long the MX (or, for the fallback, address) record may be cached.</summary>
    public TimeSpan TTL { get; init; }
    /// <summary>True where the domain has no MX and its own address is used (RFC 5321 section 5.1).</summary>
    public bool Implicit { get; init; }
    /// <summary>True where the domain says that it takes no mail (RFC 7505 section 3).</summary>
    public bool IsNullMx { get; init; }
}
