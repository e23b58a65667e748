using System.Management.Automation;
using System.Text;
using MailOps.PowerShell.Parameters;
using MailOps.Reports;

namespace MailOps.PowerShell.Commands;

/// <summary>Reads delivery reports (bounces) and tells for each recipient what became of the message, why, and whether the address is wrong for good.</summary>
/// <remarks>
/// <para>Takes reports in the standard form (RFC 3464, RFC 6533) and those of systems that do not keep to it: qmail, Exim, sendmail, Exchange, Notes, Gmail, Amazon SES and many
/// others. Complaints (RFC 5965) come out with the class Feedback, automatic answers with AutoReply. A file that begins as an mbox does may hold many reports.</para>
/// <para>Class says what a report means, in one word of a fixed list, whatever the words of the system that wrote it: NoSuchUser, MailboxFull, DomainUnknown, Blocked,
/// AuthenticationFailed and so on. It is a judgement by codes and words; Status, SmtpStatusCode and Diagnostic say what it rests on. IsAddressInvalid is true where the address is to
/// be taken off the list.</para>
/// <para>Input is a file, by path or from the pipeline, or a message: as bytes, as one string, or line by line. Bytes and files are read as they are; a string has been decoded by
/// whoever read it, and letters beyond ASCII may have suffered. At most 4 MiB of a message are read. It needs no relay and no network.</para>
/// <para>A file that cannot be read is the error FileUnreadable, a message that is not a report NotDeliveryReport; the others go on.</para>
/// </remarks>
/// <example>
/// <para>What a folder of bounces says</para>
/// <code>ConvertFrom-DeliveryStatus ./bounces/*.eml</code>
/// <para>A line for each recipient.</para>
/// </example>
/// <example>
/// <para>Addresses to take off a list</para>
/// <code>Get-ChildItem ./bounces -Filter *.eml | ConvertFrom-DeliveryStatus | Where-Object IsAddressInvalid | Select-Object -ExpandProperty Recipient -Unique</code>
/// <para>Those that do not exist, have moved, or whose domain does not exist or takes no mail.</para>
/// </example>
/// <example>
/// <para>A message at hand</para>
/// <code>Get-Content ./bounce.eml -Raw | ConvertFrom-DeliveryStatus | Format-List</code>
/// <para>All that the report tells.</para>
/// </example>
/// <example>
/// <para>Why mail comes back</para>
/// <code>ConvertFrom-DeliveryStatus ./bounces/*.eml | Group-Object Class -NoElement | Sort-Object Count -Descending</code>
/// <para>The most frequent reason first.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc3464">RFC 3464, An Extensible Message Format for Delivery Status Notifications</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc3463">RFC 3463, Enhanced Mail System Status Codes</seealso>
[Cmdlet(VerbsData.ConvertFrom, "DeliveryStatus", DefaultParameterSetName = PathSet)]
[OutputType(typeof(DeliveryReport))]
public sealed class ConvertFromDeliveryStatusCommand : AsyncCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string InputSet = "InputObject";
    private const int LongestPath = 4096;

    private readonly StringBuilder _lines = new();
    private readonly List<byte> _bytes = [];
    private string? _source;

    /// <summary>Files with reports; wildcards are resolved.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files with reports; the paths are taken as they are.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>A message as bytes or as a string, with its header; its lines one after another; or a file, also as a string with its path.</summary>
    [Parameter(ParameterSetName = InputSet, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyString, AllowEmptyCollection]
    public PSObject InputObject { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == InputSet)
        {
            await TakeAsync(cancellationToken);
            return;
        }
        foreach (var path in ParameterSetName == PathSet ? Path : LiteralPath)
        {
            foreach (var file in Files(path)) await ReadFileAsync(file, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        switch (InputObject.BaseObject)
        {
            case byte[] message:
                Flush();
                Read(message);
                return;
            case byte single:
                _bytes.Add(single);
                return;
            case SmtpRelayMessageContent exported:
                Flush();
                Read(exported.Content);
                return;
            case string name when _lines.Length == 0 && FileOf(name) is { } file:
                Flush();
                await ReadFileAsync(file, cancellationToken);
                return;
            case string text:
                Take(text, (InputObject.Properties["PSPath"]?.Value)?.ToString());
                return;
            case object[] { Length: > 0 } list when Array.TrueForAll(list, item => LanguagePrimitives.TryConvertTo<byte>(item, out _)):
                Flush();
                Read(LanguagePrimitives.ConvertTo<byte[]>(list));
                return;
        }
        Flush();
        if (FilePaths.PathOf(InputObject) is { } path) await ReadFileAsync(path, cancellationToken);
        else WriteError(NotReport($"An object of type {InputObject.BaseObject.GetType().Name} is not a message and not a file."), InputObject);
    }

    // The path of a file that is there; no message begins with one.
    private string? FileOf(string text)
    {
        if (text.Length is 0 or > LongestPath || text.Contains("\n")) return null;
        try
        {
            var path = this.FullPath(text);
            return File.Exists(path) ? path : null;
        }
        catch (MailOpsException)
        {
            return null;   // of a header's first line what is before the colon looks like a drive
        }
    }

    // A string with several lines is a message. Single lines, as Get-Content gives them, belong together as long as they come from one file.
    private void Take(string text, string? source)
    {
        var whole = text.Contains("\n");
        if (whole || source != _source) Flush();
        _source = source;
        if (whole) Read(Encoding.UTF8.GetBytes(text));
        else _lines.Append(text).Append('\n');
    }

    private void Flush()
    {
        var (bytes, text) = (_bytes.ToArray(), _lines.ToString());
        _bytes.Clear();
        _lines.Clear();
        _source = null;
        if (bytes.Length > 0) Read(bytes);
        if (text.Length > 0) Read(Encoding.UTF8.GetBytes(text), text.IndexOf('\n') == text.Length - 1 ? text.TrimEnd('\n') : null);
    }

    private IReadOnlyList<string> Files(string path)
    {
        if (ParameterSetName == LiteralPathSet) return [path];
        try
        {
            return this.MatchingFiles(path);
        }
        catch (MailOpsException e)
        {
            WriteError(e, path);
            return [];
        }
    }

    private async Task ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var full = ParameterSetName == PathSet ? path : this.FullPath(path);
            var found = await DeliveryReportReader.ReadFileAsync(full, cancellationToken);
            if (found.Count == 0) throw NotReport($"The file '{full}' is not a delivery report.");
            WriteObject(found, enumerateCollection: true);
        }
        catch (MailOpsException e)
        {
            WriteError(e, path);   // the others may do better
        }
    }

    // One line is no message, and more often than not meant as a path.
    private void Read(byte[] message, string? line = null)
    {
        var found = DeliveryReportReader.Read(message);
        if (found.Count > 0) WriteObject(found, enumerateCollection: true);
        else if (line is null) WriteError(NotReport("The message is not a delivery report."), null);
        else WriteError(new MailOpsException(ErrorCode.NotDeliveryReport, $"'{line}' is not a delivery report, and no file of that name is there.", "Give files with -Path, which takes wildcards, or a whole message with its header (Get-Content -Raw)."), line);
    }

    private static MailOpsException NotReport(string what) =>
        new(ErrorCode.NotDeliveryReport, what, "Give the whole bounce as it was received, with its header (a file .eml, or Get-Content -Raw), not the message that was sent.");
}
