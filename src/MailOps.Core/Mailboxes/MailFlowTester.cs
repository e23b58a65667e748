using System.Diagnostics;
using System.Globalization;
using MailOps.Headers;
using MailOps.Messages;
using MailOps.Reports;
using MailOps.Submission;

namespace MailOps.Mailboxes;

/// <summary>A message that is to be sent and waited for.</summary>
public sealed record MailFlowOptions
{
    /// <summary>Where it is sent.</summary>
    public required SubmissionOptions Submission { get; init; }
    /// <summary>Where it is waited for.</summary>
    public required MailboxOptions Mailbox { get; init; }
    /// <summary>The sender.</summary>
    public required Mailbox From { get; init; }
    /// <summary>The recipient.</summary>
    public required Mailbox To { get; init; }
    /// <summary>The folders in which it may arrive.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [MailboxSession.Inbox];
    /// <summary>How long it is waited for once it is sent. Default: 5 minutes.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>Sends a marked message and waits for it at the other end.</summary>
public sealed class MailFlowTester(MailFlowOptions options, Action<string>? step)
{
    /// <summary>By POP3 the header of each message is read: the newest of them are enough for one that has just come.</summary>
    private const int Newest = 50;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(10);

    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly Stopwatch _clock = new();

    private DateTimeOffset _sent;
    private MailOpsException? _doubt;     // of sending, where the server may have the message or not
    private MailOpsException? _failure;   // of the last look, while it is waited

    private string Subject => $"MailOps mail flow test {_mark}";

    /// <summary>Does it.</summary>
    /// <exception cref="MailOpsException">The mailbox cannot be read, which is found out before anything is sent.</exception>
    public async Task<MailFlowTest> RunAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken).ConfigureAwait(false);
        _sent = DateTimeOffset.Now;
        _clock.Start();
        var (response, error) = await SendAsync(cancellationToken).ConfigureAwait(false);
        var taken = _clock.Elapsed;
        // What the server has had the whole of may come, though it has not said that it took it.
        _doubt = error is { Code: ErrorCode.SmtpOutcomeUnknown } ? error : null;
        if (error is not null && _doubt is null) return Result(MailFlowOutcome.NotSent, response, taken, $"{error.Message} {error.Hint}");
        for (var pause = First; ; pause = pause < Longest ? pause + First : Longest)
        {
            var (found, failure) = await LookAgainAsync(cancellationToken).ConfigureAwait(false);
            if (found is not null) return Result(MailFlowOutcome.Arrived, response, taken, null, found);
            _failure = failure;
            var left = options.Wait + taken - _clock.Elapsed;
            if (left <= TimeSpan.Zero || IsLockedOut) break;
            step?.Invoke(FormattableString.Invariant($"Not there after {_clock.Elapsed.TotalSeconds:0} seconds."));
            await Task.Delay(left < pause ? left : pause, cancellationToken).ConfigureAwait(false);
        }
        return Result(MailFlowOutcome.NotArrived, response, taken, NotThere(_clock.Elapsed - taken));
    }

    /// <summary>Whether the mailbox has refused the login: one that is tried again and again has the account locked.</summary>
    private bool IsLockedOut => _failure?.Code == ErrorCode.MailboxAuthFailed;

    private string NotThere(TimeSpan waited)
    {
        var seconds = (IsLockedOut ? waited : options.Wait).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        var sent = _doubt is null ? "The server took the message" : $"Whether the server took the message is not known ({_doubt.Message})";
        if (IsLockedOut) return $"{sent}, and the mailbox refused the login {seconds} seconds later, so that it was not asked again: {_failure!.Message} {_failure.Hint}";
        return _failure is not null
            ? $"{sent}, and the mailbox could not be read when it was last looked at, {seconds} seconds later: {_failure.Message} {_failure.Hint}"
            : $"{sent}, and it is not in {string.Join(", ", options.Folders)} after {seconds} seconds. Look for it in the folder for junk (-Folder), in the queue of {options.Submission.Endpoint}, and for a report at the sender's; raise -Wait for a slow way.";
    }

    private async Task<(string? Response, MailOpsException? Error)> SendAsync(CancellationToken cancellationToken)
    {
        using var message = MessageComposer.Compose(new MessageDraft { From = options.From, To = [options.To], Subject = Subject, Text = "Sent by Test-MailFlow, which waits for it. It may be deleted.\r\n" });
        using var submission = new SmtpSubmission(options.Submission, new SubmissionLog(step));
        var result = await submission.SendAsync(message, cancellationToken).ConfigureAwait(false);
        await submission.CloseAsync(cancellationToken).ConfigureAwait(false);
        return (result.Recipients[0].Response, result.Errors.Count > 0 ? result.Errors[0].Error : null);
    }

    // Once the message is out, a mailbox that fails is asked again, unless it refuses the login: what became of the message is what the user wants to know.
    private async Task<(MailboxMessage? Found, MailOpsException? Failure)> LookAgainAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await LookAsync(cancellationToken).ConfigureAwait(false), null);
        }
        catch (MailOpsException e)
        {
            step?.Invoke(e.Message);
            return (null, e);
        }
    }

    // With a connection of its own each time: POP3 shows what was there when it began, and a wait may be longer than servers keep one.
    private async Task<MailboxMessage?> LookAsync(CancellationToken cancellationToken)
    {
        using var session = await MailboxSession.OpenAsync(options.Mailbox, null, cancellationToken).ConfigureAwait(false);
        MailboxMessage? found = null;
        foreach (var folder in options.Folders)
        {
            var query = new MailboxQuery { Folder = folder, Subject = _mark };
            var ids = await session.FindAsync(query, cancellationToken).ConfigureAwait(false);
            var readings = await session.ReadAsync(query, [.. ids.Take(Newest)], null, cancellationToken).ConfigureAwait(false);
            if ((found = readings.Select(reading => reading.Message).FirstOrDefault(IsOurs)) is not null) break;
        }
        await session.CloseAsync(cancellationToken).ConfigureAwait(false);
        return found;
    }

    // A server may find what it likes: the mark is read in the message itself.
    private bool IsOurs(MailboxMessage? message) => message?.Subject?.Has(_mark) == true;

    private MailFlowTest Result(MailFlowOutcome outcome, string? response, TimeSpan taken, string? reason, MailboxMessage? found = null)
    {
        var header = found is null ? null : MailHeaderReader.Read(found.Header);
        return new MailFlowTest
        {
            Outcome = outcome,
            From = options.From.Address.ToString(),
            To = options.To.Address.ToString(),
            Subject = Subject,
            SmtpServer = options.Submission.Endpoint,
            Response = response is null ? null : Printable.Escape(response),
            SentTime = _sent,
            SendDuration = taken,
            Latency = found is null ? null : _clock.Elapsed,
            Hops = header?.Hops ?? [],
            Verdicts = header?.Verdicts ?? [],
            Reason = reason,
            Folder = found?.Folder ?? options.Folders[options.Folders.Count - 1],
            Id = found?.Id,
            Server = options.Mailbox.Server,
            Port = options.Mailbox.EffectivePort,
            Protocol = options.Mailbox.Protocol,
            Tls = options.Mailbox.Tls,
        };
    }
}
