using System.Text.RegularExpressions;
using MailKit.Security;
using MailOps.Authentication;
using MailOps.Authentication.Tokens;

namespace MailOps.Diagnosis;

/// <summary>What is asked once the conversation stands: credential, sender, recipient. Never DATA.</summary>
internal sealed partial class ProbeSession
{
    private static readonly Regex AboutTls = new("STARTTLS|TLS|SSL|encrypt", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    private static readonly Regex AboutRelay = new("relay", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private bool _authenticated;

    private string Sender => options.From ?? (options.Credential?.UserName is { } user && Messages.EmailAddress.TryParse(user, out _) ? user : "");

    private bool AsksSender => options.From is not null || options.Recipient is not null || options.MessageSize > 0;

    /// <summary>Authenticates; false where it makes no sense to ask on.</summary>
    private async Task<bool> AuthenticateAsync()
    {
        var offered = record.Capabilities.AuthMechanisms;
        if (options.Credential is not { } credential)
        {
            // A port for submission (RFC 8314 section 3) is for those who authenticate.
            if (options.EffectivePort is 587 or 465 && Connection.Tls is not null && offered.Count == 0) record.Note(Faults.AuthNotOffered(record.EndPoint!, SmtpServerVerdict.Warning));
            return true;
        }
        record.Begin("Authenticate");
        if (Connection.Tls is null || record.Certificate is not { ProvesName: true })
        {
            var why = Connection.Tls is null ? "there is no TLS" : "the certificate does not prove the server's name";
            record.End($"not tried: {why}", Faults.CredentialWithheld(why));
            return Connection.Tls is null;
        }
        if (offered.Count == 0)
        {
            record.End("not offered", Faults.AuthNotOffered(record.EndPoint!, SmtpServerVerdict.Failure));
            return false;
        }
        var login = new ClientLogin(credential, options.Login, options.Server, options.EffectivePort, redaction);
        if (await MechanismAsync(login, offered).ConfigureAwait(false) is not { } mechanism) return false;
        var reply = await ExchangeAsync(mechanism).ConfigureAwait(false);
        record.AuthMechanism = mechanism.MechanismName;
        _authenticated = reply.IsPositive;
        if (!_authenticated) login.DropToken();
        var seen = $"{mechanism.MechanismName}: {reply}{(login.Reason is { } reason ? $" ({reason})" : "")}";
        record.End(seen, _authenticated ? [] : [Faults.AuthRefused(login, redaction.Show(credential.UserName), reply, options.Login)]);
        return _authenticated;
    }

    private async Task<SmtpReply> ExchangeAsync(SaslMechanism mechanism)
    {
        try
        {
            return await SaslLogin.RunAsync(line => Connection.AskAsync(line, deadline, isLogin: true), mechanism, deadline).ConfigureAwait(false);
        }
        catch (SaslFaultException broken)
        {
            throw new ProbeFaultException(Faults.AuthBroken(broken.Mechanism, broken.Message), broken.Message, broken);
        }
    }

    /// <summary>The mechanism with what it shows; null where there is none, which is a finding.</summary>
    private async Task<SaslMechanism?> MechanismAsync(ClientLogin login, IReadOnlyList<string> offered)
    {
        try
        {
            return await login.CreateAsync(ClientLogin.Choose(options.Login, offered), deadline, new SaslChannel(options.Server, Connection.Tls)).ConfigureAwait(false);
        }
        catch (NoMechanismException none)
        {
            record.End(string.Join(" ", offered), Faults.AuthMechanismUnsupported(none.Wanted, options.Login.Tokens is not null, offered));
        }
        catch (SaslFaultException unbound)
        {
            record.End($"not tried: {unbound.Message}", Faults.AuthNotBound(unbound.Mechanism, unbound.Message));
        }
        catch (TokenException none)
        {
            record.End("no access token", Faults.NoToken(LoginErrors.NoToken(options.Credential?.UserName, none, options.Login.Prefix)));
        }
        catch (MailOpsException none)
        {
            record.End("no access token", Faults.NoToken(none));
        }
        return null;
    }

    private async Task AskAsync()
    {
        if (await AskSenderAsync().ConfigureAwait(false) && options.Recipient is { } recipient) await AskRecipientAsync(recipient).ConfigureAwait(false);
    }

    /// <summary>Asks about the sender; in plain text always, for that is where a server says that it wants TLS.</summary>
    private async Task<bool> AskSenderAsync()
    {
        if (!AsksSender && Connection.Tls is not null) return true;
        record.Begin("Sender");
        var size = options.MessageSize > 0 && record.Capabilities.Has("SIZE") ? FormattableString.Invariant($" SIZE={options.MessageSize}") : "";
        var reply = await AskAsync($"MAIL FROM:<{Sender}>{size}").ConfigureAwait(false);
        record.End(reply.ToString(), [.. OfSender(reply)]);
        return reply.IsPositive;
    }

    private IEnumerable<SmtpServerFinding> OfSender(SmtpReply reply)
    {
        var limit = record.Capabilities.MaxMessageSize;
        // RFC 1870 section 6.1: 552 where it is larger than the limit, and some servers look at it later only.
        if (options.MessageSize > 0 && (reply.Code == 552 || (reply.IsPositive && limit < options.MessageSize))) yield return Faults.MessageTooLarge(options.MessageSize, limit, reply);
        else if (reply.IsPositive) yield break;
        else if (Connection.Tls is null && reply.Code is 530 or 538 && AboutTls.IsMatch(reply.Text)) yield return Faults.TlsRequired(reply);
        else if (!AsksSender) yield break;
        else if (IsAuthDemand(reply)) yield return Faults.AuthRequired(reply, _authenticated);
        else yield return Faults.SenderRefused(Sender, reply);
    }

    private async Task AskRecipientAsync(string recipient)
    {
        record.Begin("Recipient");
        var reply = await AskAsync($"RCPT TO:<{recipient}>").ConfigureAwait(false);
        if (reply.IsPositive) record.End(reply.ToString());
        else if (IsAuthDemand(reply)) record.End(reply.ToString(), Faults.AuthRequired(reply, _authenticated));
        else if (reply.IsPermanent && (reply.EnhancedCode == "5.7.54" || AboutRelay.IsMatch(reply.Text))) record.End(reply.ToString(), Faults.RelayingDenied(recipient, reply, _authenticated));
        else record.End(reply.ToString(), Faults.RecipientRefused(recipient, reply));
    }

    // RFC 4954 section 6: 530 where a credential is wanted; Exchange says 550 5.7.57.
    private static bool IsAuthDemand(SmtpReply reply) => reply.Code == 530 || reply.EnhancedCode == "5.7.57";

    /// <summary>Takes back what was begun, and goes: all is known by now, so what a server says to that is no fault of it.</summary>
    private async Task QuitAsync()
    {
        record.Begin("Quit");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await Connection.AskAsync("RSET", patience.Token).ConfigureAwait(false);
            record.End((await Connection.AskAsync("QUIT", patience.Token).ConfigureAwait(false)).ToString());
        }
        catch (Exception e) when (e is IOException or NotSmtpException or OperationCanceledException)
        {
            record.End("(no answer)");
        }
    }
}
