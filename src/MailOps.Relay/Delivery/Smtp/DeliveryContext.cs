using MailOps.Dns;
using MailOps.Relay.Delivery.Smtp.Authentication;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>What all next hops have in common.</summary>
/// <param name="HostName">The relay's name towards others.</param>
/// <param name="Own">Where the relay itself listens.</param>
/// <param name="Dns">Who knows the mail exchangers.</param>
/// <param name="Options">Limits and times.</param>
/// <param name="Trace">Where faults are told.</param>
/// <param name="Clock">Time.</param>
/// <param name="Abort">Nothing is waited for any more, not even the answer to QUIT.</param>
internal sealed record DeliveryContext(string HostName, OwnEndPoints Own, IDnsResolver Dns, DeliveryOptions Options, IMailTrace Trace, TimeProvider Clock, CancellationToken Abort)
{
    /// <summary>The relay stops: nothing is begun any more, and servers that have nothing of a message are not waited for.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>The policies of domains, and who counts what became of TLS.</summary>
    public TlsServices Tls { get; init; } = TlsServices.None;

    /// <summary>The servers that are not asked for TLS where it is only an opportunity.</summary>
    public BrokenTls BrokenTls { get; init; } = new(Options.BrokenTlsMemory, Clock);

    /// <summary>The servers to which nothing is written before they have answered.</summary>
    public EarlyInput EarlyInput { get; init; } = new();

    /// <summary>The credentials towards servers.</summary>
    public required CredentialStore Credentials { get; init; }
}
