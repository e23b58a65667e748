using System.Text;
using MailKit.Security;
using MailOps.Authentication;

namespace MailOps.Relay.Delivery.Smtp.Authentication;

/// <summary>AUTH (RFC 4954 section 4), by the one best mechanism: a secret that is refused by it is not tried by another, for accounts are locked that way.</summary>
internal static class SmtpAuthentication
{
    private const int MaxCommand = 510;   // RFC 5321 section 4.5.3.1.4, without CRLF
    private const int MaxRounds = 10;     // the longest mechanism has three

    public static async ValueTask RunAsync(SmtpChannel channel, IReadOnlyList<string> offered, HostCredential credential, CancellationToken cancellationToken)
    {
        var name = ClientMechanisms.Choose(offered, credential.IsToken, credential.Mechanisms) ?? throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.0", NothingInCommon(offered, credential));
        var secret = await credential.SecretAsync(cancellationToken).ConfigureAwait(false);
        SaslMechanism mechanism = credential.IsToken ? new BearerMechanism(name, credential.UserName, secret, credential.Host, credential.Port) : ClientMechanisms.Create(name, credential.UserName, secret);
        var sent = new List<string>();
        var reply = await ConverseAsync(channel, mechanism, sent, cancellationToken).ConfigureAwait(false);
        if (!reply.IsPositive) throw Refused(credential, mechanism, secret, sent, reply);
        // RFC 5802 section 5: who does not prove to know the password too is not the server we mean.
        if (mechanism is SaslMechanismScramBase { IsAuthenticated: false }) throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.0", $"the server did not prove that it knows the password, as {name} asks; failed");
        credential.Refused?.Forget();
    }

    private static async ValueTask<SmtpReply> ConverseAsync(SmtpChannel channel, SaslMechanism mechanism, List<string> sent, CancellationToken cancellationToken)
    {
        var command = "AUTH " + mechanism.MechanismName;
        string? first = null;
        if (mechanism.SupportsInitialResponse)
        {
            first = await AnswerAsync(mechanism, null, cancellationToken).ConfigureAwait(false);
            sent.Add(first);
            var whole = command + " " + (first.Length == 0 ? "=" : first);   // RFC 4954 section 4: an empty initial response is written as "="
            // RFC 4954 section 4: one that does not fit goes as the answer to an empty challenge.
            if (whole.Length <= MaxCommand) (command, first) = (whole, null);
        }
        var reply = await SayAsync(channel, command, cancellationToken).ConfigureAwait(false);
        for (var round = 0; reply.Code == 334; round++)
        {
            if (round == MaxRounds) throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.0", $"the server does not come to an end with {mechanism.MechanismName}; stopped");
            var answer = first ?? await AnswerAsync(mechanism, reply.Text, cancellationToken).ConfigureAwait(false);
            first = null;
            sent.Add(answer);
            reply = await SayAsync(channel, answer, cancellationToken).ConfigureAwait(false);
        }
        return reply;
    }

    // What some mechanisms make of a challenge that is none is any exception at all, of an index say.
    private static async ValueTask<string> AnswerAsync(SaslMechanism mechanism, string? challenge, CancellationToken cancellationToken)
    {
        try
        {
            return await mechanism.ChallengeAsync(challenge, cancellationToken).ConfigureAwait(false) ?? "";
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.0", $"the server's {mechanism.MechanismName} challenge makes no sense; failed", e);
        }
    }

    private static SmtpFailureException Refused(HostCredential credential, SaslMechanism mechanism, string secret, IReadOnlyList<string> sent, SmtpReply reply)
    {
        string[] secrets = [secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), .. sent];
        var told = reply with { Text = PlainText.Without(reply.Text, secrets) };
        if (mechanism is BearerMechanism { Status: { } status }) told = told with { Text = $"{told.Text} (status {PlainText.Without(status, secrets)})" };
        credential.Refuse(secret, told);
        return new SmtpFailureException(SmtpStep.Auth, told);
    }

    private static string NothingInCommon(IReadOnlyList<string> offered, HostCredential credential)
    {
        var limited = credential.Mechanisms is { } allowed ? $", and the route allows {string.Join(' ', allowed)}" : "";
        return $"the server offers no mechanism for {(credential.IsToken ? "an access token" : "a password")} that this relay knows (it offers: {string.Join(' ', offered)}{limited}); failed";
    }

    private static async ValueTask<SmtpReply> SayAsync(SmtpChannel channel, string line, CancellationToken cancellationToken)
    {
        channel.Write(line);
        await channel.FlushAsync(SmtpStep.Auth, cancellationToken).ConfigureAwait(false);
        return await channel.ReadAsync(SmtpStep.Auth, cancellationToken).ConfigureAwait(false);
    }
}
