using System.Net;
using MailKit.Security;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>AUTH (RFC 4954 section 4), with the mechanisms of MailKit.</summary>
internal static class SmtpAuthentication
{
    // Best first: those that do not show the password to the server before those that do.
    private static readonly string[] Preferred = ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"];

    public static async ValueTask RunAsync(SmtpChannel channel, IReadOnlyList<string> offered, string user, string password, CancellationToken cancellationToken)
    {
        var name = Preferred.FirstOrDefault(offered.Contains)
            ?? throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.0", $"the server offers no mechanism that this relay knows (it offers: {string.Join(' ', offered)}); failed");
        var mechanism = SaslMechanism.Create(name, new NetworkCredential(user, password))!;
        try
        {
            var command = "AUTH " + name;
            if (mechanism.SupportsInitialResponse) command += " " + Initial(await mechanism.ChallengeAsync(null, cancellationToken).ConfigureAwait(false));
            var reply = await SayAsync(channel, command, cancellationToken).ConfigureAwait(false);
            while (reply.Code == 334)
                reply = await SayAsync(channel, await mechanism.ChallengeAsync(reply.Text, cancellationToken).ConfigureAwait(false) ?? "", cancellationToken).ConfigureAwait(false);
            if (!reply.IsPositive) throw new SmtpFailureException(SmtpStep.Auth, reply);
        }
        catch (SaslException e)
        {
            throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.0", $"the server's {name} challenge makes no sense; failed", e);
        }
    }

    // RFC 4954 section 4: an empty initial response is written as "=".
    private static string Initial(string? response) => string.IsNullOrEmpty(response) ? "=" : response;

    private static async ValueTask<SmtpReply> SayAsync(SmtpChannel channel, string line, CancellationToken cancellationToken)
    {
        channel.Write(line);
        await channel.FlushAsync(SmtpStep.Auth, cancellationToken).ConfigureAwait(false);
        return await channel.ReadAsync(SmtpStep.Auth, cancellationToken).ConfigureAwait(false);
    }
}
