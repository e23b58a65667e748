using MailOps.PowerShell.Parameters;
using MailOps.Submission;

namespace MailOps.PowerShell.Commands;

/// <summary>The log of -LogPath, and with -SkipSent who is left out because of it.</summary>
public sealed partial class SendSmtpMessageCommand
{
    private SendLog? _log;
    private bool _toldOfAnother;

    private void OpenLog()
    {
        if (SkipSent && LogPath is null) throw new MailOpsException(ErrorCode.SendLogInvalid, "-SkipSent needs the log that says what was sent.", "Name it with -LogPath.");
        if (LogPath is not null && !IsWhatIf) _log = new SendLog(this.FullPath(LogPath), SkipSent, ResendUnknown, readRecent: Provider is not null);
    }

    /// <summary>With -SkipSent: the message for those who have not had it; null where that is nobody. Here and not where it is made, so that nobody is asked or told about what does not go.</summary>
    private async Task<Planned?> WithoutSentAsync(Planned planned, string name, CancellationToken cancellationToken)
    {
        if (!SkipSent || _log is not { } log) return planned;
        var (fingerprint, recipients, known) = (planned.Fingerprint(), planned.Recipients, log.Known);
        if (recipients.Count == 0)
        {
            using var message = await planned.Make(cancellationToken);   // its headers say who gets it
            recipients = [.. message.Recipients.Select(address => address.ToString())];
        }
        var another = log.Another;
        var wanted = new List<string>();
        var leftOut = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var recipient in recipients.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (log.TakeSent(fingerprint, recipient)) leftOut.Add(recipient);
            else wanted.Add(recipient);
            if (log.Another > another) WarnOfAnother(recipient, known);
        }
        if (leftOut.Count > 0) WriteVerbose($"{string.Join(", ", leftOut)}: left out of {name}.");
        if (wanted.Count > 0) return planned with { Fingerprint = () => fingerprint, Recipients = wanted, LeftOut = leftOut.Count > 0 ? leftOut : null };
        _settled++;
        TakeEvents();
        return null;
    }

    // Before the first of them goes: whoever only meant to go on can still end it.
    private void WarnOfAnother(string recipient, int known)
    {
        if (_toldOfAnother) return;
        _toldOfAnother = true;
        var who = known == 1 ? $"{recipient} is" : $"Up to {known} recipients, the first of them {recipient}, are";
        WriteWarning($"{who} in {LogPath} with another text, and will get this one too: a changed text is a new mailing.");
    }

    private void ShowSkipped()
    {
        if (_log is not { } log) return;
        if (log.Skipped > 0) WriteVerbose($"{log.Skipped} recipients were left out, who have had their message by {LogPath}.");
        if (log.Repeated > 0) WriteVerbose($"{log.Repeated} recipients were left out, to whom this call had taken the same message already.");
        if (log.Another > 0) WriteVerbose($"{log.Another} recipients are in {LogPath} with another text, and were not left out.");
        if (log.SkippedUnknown > 0) WriteWarning($"{log.SkippedUnknown} recipients were left out, of whose message {LogPath} says that it may have arrived; -ResendUnknown sends it to them.");
    }
}
