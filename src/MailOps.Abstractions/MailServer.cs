using System.Globalization;

namespace MailOps;

/// <summary>One server of a provider, as a client is set up with it.</summary>
public sealed class MailServer
{
    /// <summary>What is spoken to it.</summary>
    public MailProtocol Protocol { get; init; }
    /// <summary>Its name; what stands in braces, as in <c>email-smtp.{region}.amazonaws.com</c>, is to be filled in.</summary>
    public required string Server { get; init; }
    /// <summary>Its port.</summary>
    public int Port { get; init; }
    /// <summary>How the connection gets its TLS.</summary>
    public TlsMode Tls { get; init; }
    /// <summary>What it takes as proof, best first.</summary>
    public MailAuthentication[] Authentication { get; init; } = [];
    /// <summary>The form of the user name: <c>%EMAILADDRESS%</c>, <c>%EMAILLOCALPART%</c> and <c>%EMAILDOMAIN%</c> stand for the address and its parts; empty where there is no rule.</summary>
    public string UserName { get; init; } = "";
    /// <summary>For whom this server is, where it is not for all of the provider's users.</summary>
    public string? Note { get; init; }

    /// <summary>Protocol, server, port and TLS, as in <c>Smtp smtp.example.com:587 StartTls</c>.</summary>
    public override string ToString() => string.Format(CultureInfo.InvariantCulture, "{0} {1}:{2} {3}", Protocol, Server, Port, Tls);
}
