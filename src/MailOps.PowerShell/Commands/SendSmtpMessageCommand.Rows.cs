using MailOps.Messages;

namespace MailOps.PowerShell.Commands;

/// <summary>Which record an error is about.</summary>
public sealed partial class SendSmtpMessageCommand
{
    private const int LongestPlace = 200;

    private Row _row = new(0, "");

    /// <summary>A record of the pipeline.</summary>
    /// <param name="Number">Counted from 1; 0 where it is none.</param>
    /// <param name="Target">Its addresses, or its file.</param>
    private sealed record Row(long Number, string Target);

    /// <summary>The error, with the record before it where there are records: among a thousand, what is wrong alone does not help to find it.</summary>
    private static MailOpsException In(Row row, MailOpsException error)
    {
        if (row.Number == 0) return error;
        var message = $"Row {row.Number} ({(row.Target.Length == 0 ? "no address" : Printable.Shorten(Printable.Escape(row.Target), LongestPlace))}): {error.Message}";
        return error.Reply is { } reply ? new MailOpsException(error.Code, message, error.Hint, reply, error) : new MailOpsException(error.Code, message, error.Hint, error);
    }

    /// <summary>Reports an error about a record or a part of it, to the log too.</summary>
    private void Report(MailOpsException error, string target)
    {
        _log?.Write(_records, target, error);
        WriteError(In(_row, error), target);
    }
}
