using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using MailOps.Submission;

namespace MailOps.Diagnosis;

/// <summary>Looks where the test did not: what else a port is, and which of the usual ports do. Each look is a connection of its own, short, and shows no secret.</summary>
internal static class Elsewhere
{
    private static readonly Redaction Nothing = new(null);

    /// <summary>What a port in plain text is.</summary>
    /// <param name="StartTls">Whether it offers STARTTLS.</param>
    internal sealed record PlainSpeaker(bool StartTls);

    /// <summary>How long one look may take.</summary>
    public static TimeSpan Share(SmtpServerTestOptions options) => TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(5).Ticks, options.Timeout.Ticks / 8));

    /// <summary>The protocol that speaks under TLS from the first byte; null where there is no TLS.</summary>
    public static Task<string?> TlsSpeakerAsync(IPAddress address, int port, string server, TimeSpan limit, CancellationToken deadline) => LookAsync<string?>(
        address, port, limit,
        async (connection, token) =>
        {
            var unjudged = new CertificateReview(server, SmtpServerVerdict.Warning, DateTime.UtcNow);
            await connection.SecureAsync(server, (_, certificate, chain, errors) => unjudged.Take(certificate, chain, errors), token).ConfigureAwait(false);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
            patience.CancelAfter(TimeSpan.FromTicks(limit.Ticks / 2));
            try
            {
                var first = await connection.ReadSomeAsync(patience.Token).ConfigureAwait(false);
                return OtherProtocol.IsSmtp(first) ? "SMTP" : OtherProtocol.Name(first) ?? "something";
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                return "HTTP or another protocol in which the client speaks first";
            }
        },
        deadline);

    /// <summary>What SMTP in plain text a port speaks; null where it speaks none.</summary>
    public static Task<PlainSpeaker?> PlainSpeakerAsync(IPAddress address, int port, TimeSpan limit, CancellationToken deadline) => LookAsync<PlainSpeaker?>(
        address, port, limit,
        async (connection, token) =>
        {
            if ((await connection.ReadReplyAsync(token).ConfigureAwait(false)).Code != 220) return null;
            var hello = await connection.AskAsync("EHLO " + ServerName.Own(connection.LocalAddress), token).ConfigureAwait(false);
            return hello.IsPositive ? new PlainSpeaker(Capabilities.Read(hello).StartTls) : null;
        },
        deadline);

    /// <summary>The first bytes that come, after something was said or not; none where nothing comes.</summary>
    public static async Task<byte[]> AnswerAsync(IPAddress address, int port, string? said, TimeSpan limit, CancellationToken deadline) => await LookAsync<byte[]?>(
        address, port, limit,
        async (connection, token) =>
        {
            if (said is not null) await connection.SendAsync(Encoding.ASCII.GetBytes(said), token).ConfigureAwait(false);
            return await connection.ReadSomeAsync(token).ConfigureAwait(false);
        },
        deadline).ConfigureAwait(false) ?? [];

    /// <summary>Which of the usual ports do, as a sentence for the end of an advice; empty where none does.</summary>
    public static async Task<string> UsualPortsAsync(IPAddress address, SmtpServerTestOptions options, CancellationToken deadline)
    {
        var looks = options.UsualPorts.Where(usual => usual.Port != options.EffectivePort).Select(async usual =>
        {
            if (usual.IsImplicit)
                return await TlsSpeakerAsync(address, usual.Port, options.Server, Share(options), deadline).ConfigureAwait(false) == "SMTP" ? FormattableString.Invariant($"-Port {usual.Port} -Tls Implicit") : null;
            return await PlainSpeakerAsync(address, usual.Port, Share(options), deadline).ConfigureAwait(false) is { } plain
                ? FormattableString.Invariant($"-Port {usual.Port}{(plain.StartTls ? " -Tls StartTls" : " (without TLS)")}")
                : null;
        });
        var found = (await Task.WhenAll(looks).ConfigureAwait(false)).OfType<string>().ToArray();
        return found.Length == 0 ? "" : $" This server answers there: {string.Join("; ", found)}.";
    }

    private static async Task<T?> LookAsync<T>(IPAddress address, int port, TimeSpan limit, Func<ProbeConnection, CancellationToken, Task<T?>> look, CancellationToken deadline)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        patience.CancelAfter(limit);
        try
        {
            using var connection = await ProbeConnection.OpenAsync(address, port, Nothing, patience.Token).ConfigureAwait(false);
            return await look(connection, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or NotSmtpException or OperationCanceledException)
        {
            deadline.ThrowIfCancellationRequested();
            return default;   // there is nothing of the kind
        }
    }
}
