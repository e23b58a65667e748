using MailOps.Messages;

namespace MailOps.Diagnosis;

/// <summary>Whether the server passes mail on for a stranger. RCPT is as far as it goes, on connections that never authenticate.</summary>
internal sealed partial class ProbeSession
{
    private const int MaxReconnections = 8;
    private const string Stranger = "relay-test@example.com";
    private const string NotHere = "relay-test@example.net";

    private async Task TryRelayingAsync()
    {
        if (!options.OpenRelay || !EmailAddress.TryParse(options.Recipient ?? NotHere, out var target)) return;
        record.Begin("OpenRelay");
        var sender = options.From ?? Stranger;
        var tricks = RelayTricks.All(options.Server, _address!, sender, target);
        // A server that takes whatever stands before its own name takes the tricks there too, and says nothing by it.
        var host = tricks[2].Sender.Split('@')[1];
        RelayTricks.Trick[] control = [new("control", sender, $"no-such-user-{Guid.NewGuid():N}@{host}")];
        var done = new List<(RelayTricks.Trick Trick, SmtpOpenRelayAttempt Attempt)>();
        ProbeConnection? connection = null;
        var left = MaxReconnections;
        try
        {
            foreach (var trick in control.Concat(tricks))
            {
                while (true)
                {
                    try
                    {
                        connection ??= await OpenAgainAsync(secure: true).ConfigureAwait(false);
                        done.Add((trick, await TryAsync(connection, trick).ConfigureAwait(false)));
                        break;
                    }
                    catch (IOException) when (left-- > 0)
                    {
                        // Servers hang up on those who are refused too often: the rest is tried anew.
                        connection?.Dispose();
                        connection = null;
                    }
                }
                if (done.Count > 1) record.RelayAttempts.Add(done[done.Count - 1].Attempt);
            }
        }
        finally
        {
            connection?.Dispose();
        }
        var accepted = done.Skip(1).Where(one => one.Attempt.Accepted).ToArray();
        var isSure = accepted.Any(one => !one.Trick.IsLocalPart) || !done[0].Attempt.Accepted;
        var seen = FormattableString.Invariant($"{accepted.Length} of {tricks.Count} accepted");
        if (accepted.Length == 0) record.End(seen);
        else record.End(seen, Faults.OpenRelay([.. accepted.Select(one => one.Attempt)], isSure));
    }

    private async Task<SmtpOpenRelayAttempt> TryAsync(ProbeConnection connection, RelayTricks.Trick trick)
    {
        var reply = await connection.AskAsync($"MAIL FROM:<{trick.Sender}>", deadline).ConfigureAwait(false);
        var accepted = false;
        if (reply.IsPositive)
        {
            reply = await connection.AskAsync($"RCPT TO:<{trick.Recipient}>", deadline).ConfigureAwait(false);
            accepted = reply.Code is 250 or 251;
        }
        if (reply.Code == 421) throw new IOException(reply.ToString());
        await connection.AskAsync("RSET", deadline).ConfigureAwait(false);
        return new SmtpOpenRelayAttempt(trick.Name, $"<{trick.Sender}>", $"<{trick.Recipient}>", accepted, reply.ToString());
    }
}
