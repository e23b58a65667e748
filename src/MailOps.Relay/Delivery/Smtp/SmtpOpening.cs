using System.Security.Authentication;
using MailOps.Relay.Delivery.Smtp.Authentication;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>What a conversation needs before MAIL.</summary>
internal sealed record OpeningOptions
{
    /// <summary>Our name, for EHLO.</summary>
    public required string HostName { get; init; }
    /// <summary>What the server's certificate must be.</summary>
    public required CertificateDemand Certificate { get; init; }
    /// <summary>The server for people, with its address.</summary>
    public required string Peer { get; init; }
    public bool IsLmtp { get; init; }
    /// <summary>None, Auto (STARTTLS where offered), StartTls or Implicit.</summary>
    public TlsMode Tls { get; init; }
    /// <summary>Whether messages with REQUIRETLS will go over it, which the server must offer then; TLS and its verification are asked for above.</summary>
    public bool RequireTls { get; init; }
    /// <summary>Whether a certificate that proves the server's name proves that it is the right one (<see cref="TlsDecision.IsNameTrusted"/>).</summary>
    public bool IsNameTrusted { get; init; }
    /// <summary>Who we are to the server; null for nobody.</summary>
    public HostCredential? Credential { get; init; }
    /// <summary>Whether the server is this machine, so that nothing crosses a network.</summary>
    public bool IsLoopback { get; init; }
}

/// <summary>
/// The first half of a conversation, in a straight line: (TLS) greeting, EHLO, STARTTLS and EHLO again, AUTH. Each step that is refused throws;
/// <see cref="FailurePolicy"/> says what that means.
/// </summary>
internal static class SmtpOpening
{
    public static async ValueTask<SmtpConnection> RunAsync(SmtpChannel channel, OpeningOptions options, CancellationToken cancellationToken)
    {
        var check = options.Tls == TlsMode.Implicit ? await HandshakeAsync(channel, options, cancellationToken).ConfigureAwait(false) : null;
        await ExpectAsync(channel, SmtpStep.Greeting, cancellationToken).ConfigureAwait(false);
        var offered = await HelloAsync(channel, options, cancellationToken).ConfigureAwait(false);
        if (options.Tls is TlsMode.Auto or TlsMode.StartTls && await StartTlsAsync(channel, offered, options, cancellationToken).ConfigureAwait(false) is { } started)
        {
            offered = await HelloAsync(channel, options, cancellationToken).ConfigureAwait(false);   // RFC 3207 section 4.2: what was said before counts no more
            check = started;
        }
        offered = offered with { RequireTls = offered.RequireTls && check is { IsProven: true } && options.IsNameTrusted };
        // RFC 8689 section 4.2.1
        if (options.RequireTls && !offered.RequireTls) throw new SmtpFailureException(SmtpStep.RequireTls, new SmtpReply(550, "5.7.30", "REQUIRETLS support required, which the server does not offer"));
        if (options.Credential is { } credential) await AuthenticateAsync(channel, offered, options, credential, cancellationToken).ConfigureAwait(false);
        return new SmtpConnection(channel, offered, options.IsLmtp, options.Peer) { CertificateFault = check?.AuthorityFault };
    }

    private static async ValueTask<SmtpCapabilities> HelloAsync(SmtpChannel channel, OpeningOptions options, CancellationToken cancellationToken)
    {
        var verb = options.IsLmtp ? "LHLO " : "EHLO ";   // RFC 2033 section 4.1
        var reply = await SayAsync(channel, verb + options.HostName, SmtpStep.Hello, cancellationToken).ConfigureAwait(false);
        if (reply.IsPositive) return SmtpCapabilities.Parse(reply);
        if (!reply.IsPermanent || options.IsLmtp || channel.IsTls) throw new SmtpFailureException(SmtpStep.Hello, reply);
        // RFC 5321 section 3.2: a server that does not know EHLO is greeted with HELO.
        reply = await SayAsync(channel, "HELO " + options.HostName, SmtpStep.Hello, cancellationToken).ConfigureAwait(false);
        return reply.IsPositive ? SmtpCapabilities.None : throw new SmtpFailureException(SmtpStep.Hello, reply);
    }

    // Null where there is no TLS.
    private static async ValueTask<CertificateCheck?> StartTlsAsync(SmtpChannel channel, SmtpCapabilities offered, OpeningOptions options, CancellationToken cancellationToken)
    {
        var required = options.Tls == TlsMode.StartTls;
        if (!offered.StartTls)
        {
            if (options.RequireTls) throw SmtpFailureException.Unsafe("the server does not offer STARTTLS", tls: TlsResultType.StartTlsNotSupported);
            return required
                ? throw SmtpFailureException.Local(SmtpStep.StartTls, "4.7.4", "TLS is required and the server does not offer STARTTLS; failed", tls: TlsResultType.StartTlsNotSupported)
                : null;
        }
        var reply = await SayAsync(channel, "STARTTLS", SmtpStep.StartTls, cancellationToken).ConfigureAwait(false);
        if (reply.IsPositive) return await HandshakeAsync(channel, options, cancellationToken).ConfigureAwait(false);
        if (options.RequireTls && reply.IsPermanent) throw SmtpFailureException.Unsafe($"the server refused STARTTLS with '{reply}'", tls: TlsResultType.StartTlsNotSupported);
        return required ? throw SmtpFailureException.NoTls(reply) : null;
    }

    private static async ValueTask<CertificateCheck> HandshakeAsync(SmtpChannel channel, OpeningOptions options, CancellationToken cancellationToken)
    {
        var check = new CertificateCheck(options.Certificate);
        try
        {
            await channel.StartTlsAsync(check.Options, cancellationToken).ConfigureAwait(false);
            return check;
        }
        catch (AuthenticationException e) when (options.RequireTls)
        {
            throw SmtpFailureException.Unsafe((check.Fault?.Text ?? "the TLS handshake failed") + " while negotiating TLS", e, check.Fault?.Type ?? TlsResultType.ValidationFailure);
        }
        catch (AuthenticationException e)
        {
            throw SmtpFailureException.Local(SmtpStep.Handshake, "4.7.5", check.Fault?.Text ?? "the TLS handshake failed", e, check.Fault?.Type ?? TlsResultType.ValidationFailure);
        }
    }

    private static ValueTask AuthenticateAsync(SmtpChannel channel, SmtpCapabilities offered, OpeningOptions options, HostCredential credential, CancellationToken cancellationToken)
    {
        // A password or token crosses a network only inside TLS (RFC 4954 section 4).
        if (!channel.IsTls && !(options.IsLoopback && options.Tls == TlsMode.None))
            throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.11", "a credential is configured and the connection is not encrypted; stopped");
        return SmtpAuthentication.RunAsync(channel, offered.AuthMechanisms, credential, cancellationToken);
    }

    private static async ValueTask<SmtpReply> SayAsync(SmtpChannel channel, string command, SmtpStep step, CancellationToken cancellationToken)
    {
        channel.Write(command);
        await channel.FlushAsync(step, cancellationToken).ConfigureAwait(false);
        return await channel.ReadAsync(step, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask ExpectAsync(SmtpChannel channel, SmtpStep step, CancellationToken cancellationToken)
    {
        var reply = await channel.ReadAsync(step, cancellationToken).ConfigureAwait(false);
        if (!reply.IsPositive) throw new SmtpFailureException(step, reply);
    }
}
