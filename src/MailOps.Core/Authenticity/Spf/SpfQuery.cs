using System.Net;

namespace MailOps.Authenticity.Spf;

/// <summary>What is asked: may this client send in this name?</summary>
/// <param name="Address">The address of the client.</param>
/// <param name="Sender">The sender of the envelope; empty for a report, which has none.</param>
/// <param name="Helo">The name the client gave in HELO or EHLO; null where it is not known.</param>
/// <param name="At">The time, which explanations may tell.</param>
public sealed record SpfQuery(IPAddress Address, string Sender, string? Helo, DateTimeOffset At)
{
    /// <summary>The name of the host that checks, which explanations and Received-SPF tell.</summary>
    public string Receiver { get; init; } = "unknown";
}

/// <summary>Client and sender as one check of one identity sees them.</summary>
internal sealed class SpfSubject
{
    public SpfSubject(SpfQuery query, SpfIdentity identity, string localPart, string domain)
    {
        Address = query.Address.IsIPv4MappedToIPv6 ? query.Address.MapToIPv4() : query.Address;   // RFC 7208 section 5
        Identity = identity;
        LocalPart = localPart.Length == 0 ? "postmaster" : localPart;   // RFC 7208 section 4.3
        Domain = domain;
        Helo = query.Helo ?? "unknown";
        Receiver = query.Receiver;
        At = query.At;
    }

    public IPAddress Address { get; }
    public SpfIdentity Identity { get; }
    public string LocalPart { get; }
    public string Domain { get; }
    public string Helo { get; }
    public string Receiver { get; }
    public DateTimeOffset At { get; }
    public string Sender => LocalPart + "@" + Domain;
}
