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
    protected abstract bool TryRead(byte[] message);

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
                Take(message);
                return;
            case byte single:
                _bytes.Add(single);
                return;
            case SmtpRelayMessageContent exported:
                Flush();
                Take(exported.Content);
                return;
            case MailboxMessage read:
                Flush();
                Take(read.Content ?? read.Header);
                return;
            case string name when _lines.Length == 0 && FileOf(name) is { } file:
                Flush();
                await ReadFileAsync(file, cancellationToken);
                return;
            case string text:
                TakeText(text, (InputObject.Properties["PSPath"]?.Value)?.ToString());
                return;
            case object[] { Length: > 0 } list when Array.TrueForAll(list, item => LanguagePrimitives.TryConvertTo<byte>(item, out _)):
                Flush();
                Take(LanguagePrimitives.ConvertTo<byte[]>(list));
                return;
        }
        Flush();
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
    private void TakeText(string text, string? source)
    {
        var whole = text.Contains("\n");
        if (whole || source != _source) Flush();
        _source = source;
        if (whole) Take(Encoding.UTF8.GetBytes(text));
        else _lines.Append(text).Append('\n');
    }

    private void Flush()
    {
        var (bytes, text) = (_bytes.ToArray(), _lines.ToString());
        _bytes.Clear();
        _lines.Clear();
        _source = null;
        if (bytes.Length > 0) Take(bytes);
        if (text.Length > 0) Take(Encoding.UTF8.GetBytes(text), text.IndexOf('\n') == text.Length - 1 ? text.TrimEnd('\n') : null);
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
            await ReadAsync(ParameterSetName == PathSet ? path : this.FullPath(path), cancellationToken);
        }
        catch (MailOpsException e)
        {
            WriteError(e, path);   // the others may do better
        }
    }

    // One line is no message, and more often than not meant as a path.
    private void Take(byte[] message, string? line = null)
    {
        if (TryRead(message)) return;
        if (line is null) WriteError(Unusable($"The message {WhatItIsNot}."), null);
        else WriteError(Unusable($"'{line}' {WhatItIsNot}, and no file of that name is there.", "Give files with -Path, which takes wildcards, or a whole message with its header (Get-Content -Raw)."), line);
    }
}
