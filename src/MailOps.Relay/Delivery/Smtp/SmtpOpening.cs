using System.Security.Authentication;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>What a conversation needs before MAIL.</summary>
internal sealed record OpeningOptions
{
    /// <summary>Our name, for EHLO.</summary>
    public required string HostName { get; init; }
    /// <summary>The server's name, which its certificate must prove where it is verified.</summary>
    public required string ServerName { get; init; }
    /// <summary>The server for people, with its address.</summary>
    public required string Peer { get; init; }
    public bool IsLmtp { get; init; }
    /// <summary>None, Auto (STARTTLS where offered, unverified), StartTls or Implicit.</summary>
    public TlsMode Tls { get; init; }
    /// <summary>Whether the certificate must prove <see cref="ServerName"/>.</summary>
    public bool VerifyCertificate { get; init; }
    /// <summary>Whether messages with REQUIRETLS will go over it, which the server must offer then; TLS and its verification are asked for above.</summary>
    public bool RequireTls { get; init; }
    /// <summary>Whether proof of <see cref="ServerName"/> is proof of the right server (<see cref="SmtpHost.IsNameTrusted"/>).</summary>
    public bool IsNameTrusted { get; init; }
    /// <summary>The user and a way to the password, which is fetched only when it is about to be sent.</summary>
    public string? UserName { get; init; }
    public Func<string>? Password { get; init; }
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
        var isProven = options.Tls == TlsMode.Implicit && await HandshakeAsync(channel, options, cancellationToken).ConfigureAwait(false);
        await ExpectAsync(channel, SmtpStep.Greeting, cancellationToken).ConfigureAwait(false);
        var offered = await HelloAsync(channel, options, cancellationToken).ConfigureAwait(false);
        if (options.Tls is TlsMode.Auto or TlsMode.StartTls && await StartTlsAsync(channel, offered, options, cancellationToken).ConfigureAwait(false) is { } proven)
        {
            offered = await HelloAsync(channel, options, cancellationToken).ConfigureAwait(false);   // RFC 3207 section 4.2: what was said before counts no more
            isProven = proven;
        }
        offered = offered with { RequireTls = offered.RequireTls && isProven && options.IsNameTrusted };
        // RFC 8689 section 4.2.1
        if (options.RequireTls && !offered.RequireTls) throw new SmtpFailureException(SmtpStep.RequireTls, new SmtpReply(550, "5.7.30", "REQUIRETLS support required, which the server does not offer"));
        if (options.UserName is { } user) await AuthenticateAsync(channel, offered, options, user, cancellationToken).ConfigureAwait(false);
        return new SmtpConnection(channel, offered, options.IsLmtp, options.Peer);
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

    // Null where there is no TLS; otherwise whether the server has proved its name.
    private static async ValueTask<bool?> StartTlsAsync(SmtpChannel channel, SmtpCapabilities offered, OpeningOptions options, CancellationToken cancellationToken)
    {
        var required = options.Tls == TlsMode.StartTls;
        if (!offered.StartTls)
        {
            if (options.RequireTls) throw SmtpFailureException.Unsafe("the server does not offer STARTTLS");
            return required
                ? throw SmtpFailureException.Local(SmtpStep.StartTls, "4.7.4", "TLS is required and the server does not offer STARTTLS; failed")
                : null;
        }
        var reply = await SayAsync(channel, "STARTTLS", SmtpStep.StartTls, cancellationToken).ConfigureAwait(false);
        if (reply.IsPositive) return await HandshakeAsync(channel, options, cancellationToken).ConfigureAwait(false);
        if (options.RequireTls && reply.IsPermanent) throw SmtpFailureException.Unsafe($"the server refused STARTTLS with '{reply}'");
        return required ? throw new SmtpFailureException(SmtpStep.StartTls, reply) : null;
    }

    private static async ValueTask<bool> HandshakeAsync(SmtpChannel channel, OpeningOptions options, CancellationToken cancellationToken)
    {
        var check = new CertificateCheck(options.ServerName, options.VerifyCertificate);
        try
        {
            await channel.StartTlsAsync(check.Options, cancellationToken).ConfigureAwait(false);
            return check.IsProven;
        }
        catch (AuthenticationException e) when (options.RequireTls)
        {
            throw SmtpFailureException.Unsafe((check.Fault ?? "the TLS handshake failed") + " while negotiating TLS", e);
        }
        catch (AuthenticationException e)
        {
            throw SmtpFailureException.Local(SmtpStep.Handshake, "4.7.5", check.Fault ?? "the TLS handshake failed", e);
        }
    }

    private static async ValueTask AuthenticateAsync(SmtpChannel channel, SmtpCapabilities offered, OpeningOptions options, string user, CancellationToken cancellationToken)
    {
        // A password crosses a network only inside TLS (RFC 4954 section 4).
        if (!channel.IsTls && !(options.IsLoopback && options.Tls == TlsMode.None))
            throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.11", "a password is configured and the connection is not encrypted; stopped");
        string password;
        try
        {
            password = options.Password!();
        }
        catch (MailOpsException e)
        {
            // The sender may read this in a report: where the password should be is for the log alone.
            throw SmtpFailureException.Local(SmtpStep.Auth, "4.3.5", "the relay has no password for this server; its log says why", e);
        }
        await SmtpAuthentication.RunAsync(channel, offered.AuthMechanisms, user, password, cancellationToken).ConfigureAwait(false);
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
