using MailKit.Security;

namespace MailOps.Authentication;

/// <summary>AUTH (RFC 4954 section 4) by the one best mechanism: a password that it refuses is not tried by another, for accounts are locked that way.</summary>
internal static class SaslLogin
{
    private const int MaxCommand = 510;   // RFC 5321 section 4.5.3.1.4, without CRLF
    private const int MaxRounds = 10;     // the longest mechanism has three

    /// <summary>Authenticates; whether the connection may see the credential is for the caller to know.</summary>
    /// <param name="ask">Sends a line and gives the reply.</param>
    /// <param name="mechanism">One exchange by the mechanism.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The server's last word.</returns>
    /// <exception cref="SaslFaultException">The server does not keep to the mechanism.</exception>
    public static async Task<SmtpReply> RunAsync(Func<string, Task<SmtpReply>> ask, SaslMechanism mechanism, CancellationToken cancellationToken)
    {
        var name = mechanism.MechanismName;
        var command = "AUTH " + name;
        string? first = null;
        if (mechanism.SupportsInitialResponse)
        {
            first = await AnswerAsync(mechanism, null, cancellationToken).ConfigureAwait(false);
            var whole = command + " " + (first.Length == 0 ? "=" : first);
            // RFC 4954 section 4: one that does not fit goes as the answer to an empty challenge.
            if (whole.Length <= MaxCommand) (command, first) = (whole, null);
        }
        var reply = await ask(command).ConfigureAwait(false);
        for (var round = 0; reply.Code == 334; round++)
        {
            if (round == MaxRounds) throw new SaslFaultException(name, "the server does not come to an end");
            var answer = first ?? await AnswerAsync(mechanism, reply.Text, cancellationToken).ConfigureAwait(false);
            first = null;
            reply = await ask(answer).ConfigureAwait(false);
        }
        // RFC 5802 section 5: who does not prove to know the password too is not the server we mean.
        if (reply.IsPositive && mechanism is SaslMechanismScramBase { IsAuthenticated: false } or ScramPlusMechanism { IsAuthenticated: false } or DigestMd5Mechanism { IsAuthenticated: false })
            throw new SaslFaultException(name, "the server did not prove that it knows the password");
        return reply;
    }

    // What some mechanisms make of a challenge that is none is any exception at all, of an index say.
    private static async Task<string> AnswerAsync(SaslMechanism mechanism, string? challenge, CancellationToken cancellationToken)
    {
        try
        {
            return await mechanism.ChallengeAsync(challenge, cancellationToken).ConfigureAwait(false) ?? "";
        }
        catch (FormatException e) when (mechanism is ScramPlusMechanism or DigestMd5Mechanism)
        {
            throw new SaslFaultException(mechanism.MechanismName, e.Message, e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new SaslFaultException(mechanism.MechanismName, "its challenge is none", e);
        }
    }
}
