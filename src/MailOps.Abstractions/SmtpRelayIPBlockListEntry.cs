namespace MailOps;

/// <summary>An address that a relay blocks because too many authentications from it failed; property names as Exchange's Get-IPBlockListEntry has them.</summary>
public sealed class SmtpRelayIPBlockListEntry
{
    /// <summary>Relay and address: <c>default\192.0.2.7</c>.</summary>
    public required string Identity { get; init; }
    /// <summary>The address, or the /64 network of an IPv6 client.</summary>
    public required string IPRange { get; init; }
    /// <summary>When the block ends.</summary>
    public DateTimeOffset ExpirationTime { get; init; }
    /// <summary>Always true: the relay made the entry, nobody wrote it.</summary>
    public bool IsMachineGenerated { get; init; }
    /// <summary>Why, as in <c>10 failed authentications</c>.</summary>
    public required string Comment { get; init; }
}
