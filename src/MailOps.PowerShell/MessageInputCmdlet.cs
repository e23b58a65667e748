using System.Management.Automation;
using System.Text;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell;

/// <summary>
/// A cmdlet that reads messages: files by path or from the pipeline, or a message as bytes, as one string, or line by line as Get-Content gives it.
/// </summary>
public abstract class MessageInputCmdlet : AsyncCmdlet
{
    /// <summary>The parameter set of paths with wildcards.</summary>
    protected const string PathSet = "Path";

    private const string LiteralPathSet = "LiteralPath";
    private const string InputSet = "InputObject";
    private const int LongestPath = 4096;

    private readonly StringBuilder _lines = new();
    private readonly List<byte> _bytes = [];
    private string? _source;

    /// <summary>Message files; wildcards are resolved.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Message files; the paths are taken as they are.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>A message as bytes or as a string, with its header; its lines one after another; or a file, also as a string with its path.</summary>
    [Parameter(ParameterSetName = InputSet, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyString, AllowEmptyCollection]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>Why a message cannot be used, behind its name: "is not a delivery report".</summary>
    protected abstract string WhatItIsNot { get; }

    /// <summary>Reads a message and writes what it tells; false where it cannot be used.</summary>
    protected abstract Task<bool> TryReadAsync(byte[] message, CancellationToken cancellationToken);

    /// <summary>Reads a file and writes what it tells.</summary>
    /// <exception cref="MailOpsException">It cannot be read or used.</exception>
    protected abstract Task ReadAsync(string file, CancellationToken cancellationToken);

    /// <summary>The error for what cannot be used.</summary>
    /// <param name="what">What is wrong.</param>
    /// <param name="hint">What to do; null for what is always right.</param>
    protected abstract MailOpsException Unusable(string what, string? hint = null);

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
    protected override Task EndAsync(CancellationToken cancellationToken) => FlushAsync(cancellationToken);

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        switch (InputObject.BaseObject)
        {
            case byte[] message:
                await FlushAsync(cancellationToken);
                await TakeAsync(message, cancellationToken);
                return;
            case byte single:
                _bytes.Add(single);
                return;
            case SmtpRelayMessageContent exported:
                await FlushAsync(cancellationToken);
                await TakeAsync(exported.Content, cancellationToken);
                return;
            case MailboxMessage read:
                await FlushAsync(cancellationToken);
                await TakeAsync(read.Content ?? read.Header, cancellationToken);
                return;
            case string name when _lines.Length == 0 && FileOf(name) is { } file:
                await FlushAsync(cancellationToken);
                await ReadFileAsync(file, cancellationToken);
                return;
            case string text:
                await TakeTextAsync(text, (InputObject.Properties["PSPath"]?.Value)?.ToString(), cancellationToken);
                return;
            case object[] { Length: > 0 } list when Array.TrueForAll(list, item => LanguagePrimitives.TryConvertTo<byte>(item, out _)):
                await FlushAsync(cancellationToken);
                await TakeAsync(LanguagePrimitives.ConvertTo<byte[]>(list), cancellationToken);
                return;
        }
        await FlushAsync(cancellationToken);
        if (FilePaths.PathOf(InputObject) is { } path) await ReadFileAsync(path, cancellationToken);
        else WriteError(Unusable($"An object of type {InputObject.BaseObject.GetType().Name} is not a message and not a file."), InputObject);
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
    private async Task TakeTextAsync(string text, string? source, CancellationToken cancellationToken)
    {
        var whole = text.Contains("\n");
        if (whole || source != _source) await FlushAsync(cancellationToken);
        _source = source;
        if (whole) await TakeAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        else _lines.Append(text).Append('\n');
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        var (bytes, text) = (_bytes.ToArray(), _lines.ToString());
        _bytes.Clear();
        _lines.Clear();
        _source = null;
        if (bytes.Length > 0) await TakeAsync(bytes, cancellationToken);
        if (text.Length > 0) await TakeAsync(Encoding.UTF8.GetBytes(text), text.IndexOf('\n') == text.Length - 1 ? text.TrimEnd('\n') : null, cancellationToken);
    }

    private IReadOnlyList<string> Files(string path)
    {
        if (ParameterSetName == LiteralPathSet) return [path];
        try
        {
            return this.MatchingFiles(path, mayBeNone: true);
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
            await ReadAsync(ParameterSetName == PathSet ? path : this.FullPath(path), cancellationToken);
        }
        catch (MailOpsException e)
        {
            WriteError(e, path);   // the others may do better
        }
    }

    private Task TakeAsync(byte[] message, CancellationToken cancellationToken) => TakeAsync(message, null, cancellationToken);

    // One line is no message, and more often than not meant as a path.
    private async Task TakeAsync(byte[] message, string? line, CancellationToken cancellationToken)
    {
        if (await TryReadAsync(message, cancellationToken)) return;
        if (line is null) WriteError(Unusable($"The message {WhatItIsNot}."), null);
        else WriteError(Unusable($"'{line}' {WhatItIsNot}, and no file of that name is there.", "Give files with -Path, which takes wildcards, or a whole message with its header (Get-Content -Raw)."), line);
    }
}
