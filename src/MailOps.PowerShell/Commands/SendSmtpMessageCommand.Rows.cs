using MailOps.Messages;

namespace MailOps.PowerShell.Commands;

/// <summary>Which record an error or a warning is about.</summary>
public sealed partial class SendSmtpMessageCommand
{
    private const int LongestPlace = 200;

    private Row _row = new(0, "");
    private bool _toldOfEmpty;

    /// <summary>A record of the pipeline.</summary>
    /// <param name="Number">Counted from 1; 0 where it is none.</param>
    /// <param name="Target">Its addresses, or its file.</param>
    private sealed record Row(long Number, string Target)
    {
        /// <summary>What stands before what is said about it.</summary>
        public string Place => Number == 0 ? "" : $"Row {Number} ({(Target.Length == 0 ? "no address" : Printable.Shorten(Printable.Escape(Target), LongestPlace))}): ";
    }

    /// <summary>The error, with the record before it where there are records: among a thousand, what is wrong alone does not help to find it.</summary>
    private static MailOpsException In(Row row, MailOpsException error)
    {
        if (row.Number == 0) return error;
        var message = row.Place + error.Message;
        return error.Reply is { } reply ? new MailOpsException(error.Code, message, error.Hint, reply, error) : new MailOpsException(error.Code, message, error.Hint, error);
    }

    /// <summary>Reports an error about a record or a part of it, to the log too.</summary>
    private void Report(MailOpsException error, string target)
    {
        _log?.Write(_records, target, error);
        WriteError(In(_row, error), target);
    }

    /// <summary>Warns of a record that gives neither subject nor text; once, for where a column has another name it has that in all of them.</summary>
    private void WarnOfEmpty(MessageDraft draft)
    {
        if (_toldOfEmpty || !_isRecord || !string.IsNullOrWhiteSpace(draft.Subject) || !string.IsNullOrWhiteSpace(draft.Text) || !string.IsNullOrWhiteSpace(draft.Html)) return;
        _toldOfEmpty = true;
        var columns = Printable.Shorten(Printable.Escape(string.Join(", ", Columns())), LongestPlace);
        WriteWarning($"{_row.Place}The message has neither subject nor text. The record has the columns {columns}; subject and text are taken from Subject and Body (or Text, Html), or from the parameters of those names.");
    }
}
