using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailOps.Messages;
using MailOps.Submission;

namespace MailOps.Diagnosis;

/// <summary>TLS: at once, or by STARTTLS.</summary>
internal sealed partial class ProbeSession
{
    private async Task StartImplicitTlsAsync()
    {
        record.Begin("Tls");
        try
        {
            await SecureAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // Not TLS: a second connection shows what it is.
            var first = await Elsewhere.AnswerAsync(_address!, options.EffectivePort, null, Elsewhere.Share(options), deadline).ConfigureAwait(false);
            var seen = redaction.Show(Encoding.UTF8.GetString(first));
            if (OtherProtocol.IsSmtp(first))
            {
                var kind = await Elsewhere.PlainSpeakerAsync(_address!, options.EffectivePort, Elsewhere.Share(options), deadline).ConfigureAwait(false);
                throw Fault(Faults.PlainPort(record.EndPoint!, kind is { StartTls: true }), seen, e);
            }
            if (OtherProtocol.Name(first) is { } name and not "TLS")
                throw Fault(Faults.NotSmtp(record.EndPoint!, name, await OthersAsync(_address!).ConfigureAwait(false)), seen, e);
            throw await HandshakeFaultAsync(e).ConfigureAwait(false);
        }
        Certify();
    }

    private async Task StartTlsAsync()
    {
        var plain = record.Capabilities;
        if (!plain.StartTls && !await TryHiddenStartTlsAsync(plain).ConfigureAwait(false)) return;
        if (plain.StartTls)
        {
            record.Begin("StartTls");
            var reply = await AskAsync("STARTTLS").ConfigureAwait(false);
            if (reply.Code != 220)
            {
                record.End(reply.ToString(), Faults.StartTlsRefused(reply, options.TlsSeverity));
                return;
            }
            record.End(reply.ToString());
        }
        await SecureAfterStartTlsAsync().ConfigureAwait(false);
        await HelloAsync().ConfigureAwait(false);
        if (plain.AuthMechanisms.Count > 0) record.Note(Faults.AuthBeforeTls(plain.AuthMechanisms));
    }

    /// <summary>STARTTLS is not offered; where it works all the same, somebody has taken the offer away.</summary>
    private async Task<bool> TryHiddenStartTlsAsync(Capabilities plain)
    {
        record.Begin("StartTls");
        var reply = await AskAsync("STARTTLS").ConfigureAwait(false);
        if (reply.Code == 220)
        {
            record.End(reply.ToString(), Faults.StartTlsStripped("it is not offered, and works all the same"));
            return true;
        }
        record.End(reply.ToString(), plain.HasMasked
            ? Faults.StartTlsStripped($"the server seems to offer {plain.Lines.First(line => line.StartsWith("XXXX", StringComparison.Ordinal))}")
            : Faults.StartTlsNotOffered(options.TlsSeverity, await OthersAsync(_address!).ConfigureAwait(false)));
        return false;
    }

    private async Task SecureAfterStartTlsAsync()
    {
        // A server that does TLS waits for the client now; what comes late is seen too.
        await Task.Delay(TimeSpan.FromMilliseconds(50), deadline).ConfigureAwait(false);
        record.Begin("Tls");
        // Whatever came behind the answer came in plain text, from anybody on the way (RFC 3207 section 6).
        if (Connection.HasUnread)
        {
            var seen = await Connection.ShowUnreadAsync(deadline).ConfigureAwait(false);
            throw seen.Length == 0 ? Fault(Faults.ConnectionLost("Tls", "it said nothing more"), "(closed)") : Fault(Faults.RepliesInjected(seen), seen);
        }
        try
        {
            await SecureAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            throw await HandshakeFaultAsync(e).ConfigureAwait(false);
        }
        Certify();
    }

    private async Task SecureAsync()
    {
        var review = new CertificateReview(options.Server, options.TlsSeverity, DateTime.UtcNow);
        record.Certificate = review;
        await Connection.SecureAsync(
            options.Server,
            (_, certificate, chain, errors) =>
            {
                if (certificate is X509Certificate2 shown && chain is not null) options.OnCertificate?.Invoke(shown, chain);
                return review.Take(certificate, chain, errors);
            },
            deadline).ConfigureAwait(false);
        record.TlsProtocol = TlsNames.Of(Connection.Tls!.SslProtocol);
        record.End($"{record.TlsProtocol}, {TlsNames.CipherOf(Connection.Tls)}");
    }

    private void Certify()
    {
        record.Begin("Certificate");
        record.End(record.Certificate!.Seen, record.Certificate.Findings);
    }

    private async Task<ProbeFaultException> HandshakeFaultAsync(Exception failed)
    {
        record.Certificate = null;
        var old = await OldTls.FindAsync(() => OpenAgainAsync(secure: false), options.Server, deadline).ConfigureAwait(false);
        if (old is not null) return Fault(Faults.TlsTooOld(old), $"the server answers {old} and nothing newer", failed);
        var cause = failed;
        while (cause.InnerException is { } inner) cause = inner;
        var why = WireText.Show(cause is EndOfStreamException || cause.Message.Length == 0 ? "the server closed the connection" : cause.Message.TrimEnd('.'));
        return Fault(Faults.TlsFailed(why), why, failed);
    }

    /// <summary>Another connection to where this one had TLS, or would have had it: up to where TLS begins, or secured and greeted like this one.</summary>
    private async Task<ProbeConnection> OpenAgainAsync(bool secure)
    {
        ProbeConnection? connection = null;
        try
        {
            connection = await ProbeConnection.OpenAsync(_address!, options.EffectivePort, redaction, deadline).ConfigureAwait(false);
            var hello = "EHLO " + (options.LocalDomain ?? ServerName.Own(connection.LocalAddress));
            var hasTls = Connection.Tls is not null;
            if (!options.IsImplicit)
            {
                await connection.ReadReplyAsync(deadline).ConfigureAwait(false);
                await connection.AskAsync(hello, deadline).ConfigureAwait(false);
                if (hasTls) await connection.AskAsync("STARTTLS", deadline).ConfigureAwait(false);
            }
            if (!secure || !hasTls) return connection;
            var unjudged = new CertificateReview(options.Server, options.TlsSeverity, DateTime.UtcNow);
            await connection.SecureAsync(options.Server, (_, certificate, chain, errors) => unjudged.Take(certificate, chain, errors), deadline).ConfigureAwait(false);
            if (options.IsImplicit) await connection.ReadReplyAsync(deadline).ConfigureAwait(false);
            await connection.AskAsync(hello, deadline).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e) when (e is SocketException or AuthenticationException)
        {
            connection?.Dispose();
            throw new IOException(e.Message, e);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }
}
