using System.Net;

namespace MailOps;

/// <summary>One address of a mail exchanger.</summary>
public sealed class MailDomainAddress
{
    /// <summary>The mail exchanger.</summary>
    public required string NameExchange { get; init; }
    /// <summary>The address.</summary>
    public required IPAddress IPAddress { get; init; }
    /// <summary>Its names by the DNS (PTR).</summary>
    public string[] ReverseName { get; init; } = [];
    /// <summary>Whether one of these names has this address; null where it was not found out.</summary>
    public bool? IsForwardConfirmed { get; init; }
    /// <summary>The block lists that have it, each with the code of its answer and what that means.</summary>
    public string[] ListedBy { get; init; } = [];

    /// <summary>Host and address.</summary>
    public override string ToString() => $"{NameExchange} [{IPAddress}]";
}
