using System.Globalization;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using MailOps.Messages;

namespace MailOps.Submission;

/// <summary>A file with one line of JSON for each recipient of each message; after an interruption it says who has got what already.</summary>
/// <remarks>
/// A line is in the file, and with the operating system, before the next message goes over the same connection. A process that is killed has at most one message a connection that a server took and
/// that no line tells of. For several threads at once.
/// </remarks>
public sealed class SendLog : IDisposable
{
    private const int LongestLine = 1024 * 1024;
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private const string LineStart = "{\"time\":";

    private const int LongestText = 2000;

    private static readonly string[] Needed = ["time", "isOutcomeUnknown", "status", "message", "recipient"];

    private readonly object _gate = new();
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly FileStream _file;
    private readonly HashSet<(string Message, string Recipient)> _sent = [];
    private readonly HashSet<(string Message, string Recipient)> _taken = [];   // by this call
    private readonly HashSet<string> _known = [];   // recipients in _sent, of whom this call has seen none yet
    private readonly Dictionary<(string Server, string MessageId, string Message), (DateTime At, int Recipients)> _recent = [];

    /// <summary>Opens a log, and makes it where it is not there; lines that it has stay.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="readSent">Whether to read who has got what.</param>
    /// <param name="resendUnknown">Whether what a server may have taken counts as not sent.</param>
    /// <param name="readRecent">Whether to read what went in the last 24 hours, for <see cref="Recent"/>.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnwritable"/>, or <see cref="ErrorCode.SendLogInvalid"/> where the file is something else.</exception>
    public SendLog(string path, bool readSent, bool resendUnknown, bool readRecent = false)
    {
        _path = path;
        try
        {
            _lock = WriterLock.Take(path);   // two calls would send the same mail
        }
        catch (IOException e) when (WriterLock.IsHeld(e))
        {
            throw new MailOpsException(ErrorCode.FileUnwritable, $"Another mailing writes to '{path}' now.", "Call again when it has ended: one call at a time writes to a log. Another mailing takes another file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unwritable(e);
        }
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            _lock.Dispose();
            throw Unwritable(e);
        }
        try
        {
            if (readSent || readRecent) Read(readSent, resendUnknown);
            EndTornLine();
        }
        catch
        {
            _file.Dispose();
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Recipients left out so far because a server had taken their message.</summary>
    public int Skipped { get; private set; }

    /// <summary>Recipients left out so far because a server may have taken their message.</summary>
    public int SkippedUnknown { get; private set; }

    /// <summary>Recipients left out so far because this call had taken the same message to them before.</summary>
    public int Repeated { get; private set; }

    /// <summary>Recipients so far who have had, or may have had, another message by the log, and not this one.</summary>
    public int Another { get; private set; }

    /// <summary>Recipients whom the log has as those of a message, and of whom <see cref="TakeSent"/> was not asked yet.</summary>
    public int Known => _known.Count;

    /// <summary>What went to a server in the last 24 hours before the log was opened: when, in UTC, and to how many recipients.</summary>
    /// <param name="server">The server and port as results name them.</param>
    public IEnumerable<(DateTime At, int Recipients)> Recent(string server) => _recent.Where(one => one.Key.Server == server).Select(one => one.Value);

    /// <summary>Whether a recipient has had a message, or may have, or was asked about before: of messages that are the same each recipient gets one, in this call and in all that write to the log.</summary>
    /// <param name="message">What tells the message from others; see <see cref="MessageFingerprint"/>.</param>
    /// <param name="recipient">The address.</param>
    public bool TakeSent(string message, string recipient)
    {
        lock (_gate)
        {
            foreach (var unknown in new[] { false, true })
            {
                if (!_sent.Contains(Key(message, recipient, unknown))) continue;
                _known.Remove(recipient.ToUpperInvariant());
                if (unknown) SkippedUnknown++;
                else Skipped++;
                return true;
            }
            if (!_taken.Add(Key(message, recipient, unknown: false)))
            {
                Repeated++;
                return true;
            }
            if (_known.Remove(recipient.ToUpperInvariant())) Another++;
            return false;
        }
    }

    /// <summary>Writes what became of a message.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnwritable"/></exception>
    public void Write(string message, SubmissionResult result)
    {
        var error = result.Errors.Count == 1 && result.Errors[0].Target != result.Recipients[0].Recipient ? result.Errors[0].Error.Code : null;
        foreach (var one in result.Recipients)
        {
            var refused = error ?? (one.Status == DeliveryStatus.Delivered ? null : ErrorCode.SmtpRecipientRefused);
            Append(message, result.Message, one, one.Status == DeliveryStatus.Delivered ? null : refused);
        }
    }

    /// <summary>Writes that a record could not be made into a message.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnwritable"/></exception>
    public void Write(long recordNumber, string recipients, MailOpsException error) => Append(
        "", new SmtpSendResult { RecordNumber = recordNumber, Recipients = [], SmtpServer = "" },
        new SmtpRecipientResult { Recipient = recipients, Status = DeliveryStatus.Failed, Response = error.Message }, error.Code);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_gate) _file.Dispose();
        _lock.Dispose();
    }

    private void Append(string message, SmtpSendResult result, SmtpRecipientResult recipient, string? error)
    {
        using var line = new MemoryStream();
        using (var json = JsonReaderWriterFactory.CreateJsonWriter(line, Encoding.UTF8, ownsStream: false))
        {
            json.WriteStartElement("root");
            json.WriteAttributeString("type", "object");
            Element(json, "time", DateTime.UtcNow.ToString(TimeForm, CultureInfo.InvariantCulture));
            Element(json, "recordNumber", result.RecordNumber.ToString(CultureInfo.InvariantCulture), "number");
            Element(json, "recipient", recipient.Recipient);
            Element(json, "status", recipient.Status.ToString());
            Element(json, "isOutcomeUnknown", recipient.IsOutcomeUnknown ? "true" : "false", "boolean");
            Element(json, "error", error);
            Element(json, "smtpStatusCode", recipient.SmtpStatusCode.ToString(CultureInfo.InvariantCulture), "number");
            Element(json, "enhancedStatusCode", recipient.EnhancedStatusCode);
            Element(json, "response", Cut(recipient.Response));
            Element(json, "from", result.From);
            Element(json, "subject", Cut(result.Subject));
            Element(json, "messageId", result.MessageId);
            Element(json, "smtpServer", result.SmtpServer);
            Element(json, "message", message);
            json.WriteEndElement();
        }
        line.WriteByte((byte)'\n');
        lock (_gate)
        {
            try
            {
                line.WriteTo(_file);   // one write, so that a line is there whole or not at all
                _file.Flush();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                throw Unwritable(e);
            }
        }
    }

    // For people, who need no more; a line that is longer than any is would not be read again.
    private static string? Cut(string? text) => text is null ? null : Printable.Shorten(text, LongestText);

    private static void Element(XmlDictionaryWriter json, string name, string? value, string type = "string")
    {
        json.WriteStartElement(name);
        json.WriteAttributeString("type", value is null ? "null" : type);
        if (value is not null) json.WriteString(value);
        json.WriteEndElement();
    }

    private void Read(bool sent, bool resendUnknown)
    {
        var recent = DateTime.UtcNow - SendQuota.Day;
        var reader = new StreamReader(_file, Encoding.UTF8);   // not disposed: it would close the file
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Length == 0) continue;
            if (Parse(line) is not { } root)
            {
                if (line.StartsWith(LineStart, StringComparison.Ordinal)) continue;   // torn when the process that wrote it was killed
                throw new MailOpsException(ErrorCode.SendLogInvalid, $"Line {number} of '{_path}' is not a result of Send-SmtpMessage.", "Name with -LogPath the file that the interrupted call wrote, or another one that is not there yet.");
            }
            var unknown = root.Element("isOutcomeUnknown")!.Value == "true";
            if (unknown || root.Element("status")!.Value == nameof(DeliveryStatus.Delivered)) Remember(root, recent);
            if (!sent) continue;
            if (unknown ? resendUnknown : root.Element("status")!.Value != nameof(DeliveryStatus.Delivered)) continue;
            var recipient = root.Element("recipient")!.Value;
            _sent.Add(Key(root.Element("message")!.Value, recipient, unknown));
            _known.Add(recipient.ToUpperInvariant());
        }
    }

    private void Remember(XElement line, DateTime since)
    {
        if (!DateTime.TryParseExact(line.Element("time")!.Value, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var at) || at < since) return;
        var message = (line.Element("smtpServer")?.Value ?? "", line.Element("messageId")?.Value ?? "", line.Element("message")!.Value);
        _recent[message] = _recent.TryGetValue(message, out var known) ? (known.At, known.Recipients + 1) : (at, 1);
    }

    private static XElement? Parse(string line)
    {
        if (line.Length > LongestLine) return null;
        try
        {
            using var reader = JsonReaderWriterFactory.CreateJsonReader(Encoding.UTF8.GetBytes(line), XmlDictionaryReaderQuotas.Max);
            var root = XElement.Load(reader);
            return Array.TrueForAll(Needed, name => root.Element(name) is not null) ? root : null;
        }
        catch (Exception e) when (e is XmlException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private void EndTornLine()
    {
        var length = _file.Seek(0, SeekOrigin.End);
        if (length == 0) return;
        _file.Position = length - 1;
        if (_file.ReadByte() != '\n') _file.WriteByte((byte)'\n');
        _file.Seek(0, SeekOrigin.End);
    }

    // What is sure and what is unknown are counted apart: a space is in no address.
    private static (string Message, string Recipient) Key(string message, string recipient, bool unknown) => (message, recipient.ToUpperInvariant() + (unknown ? " ?" : ""));

    private MailOpsException Unwritable(Exception e) =>
        new(ErrorCode.FileUnwritable, $"The file '{_path}' cannot be written: {e.Message}", "Check that its folder exists, that you may write there, that no other call writes to it, and the space on its disk.", e);
}
