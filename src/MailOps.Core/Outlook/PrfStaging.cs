using MailOps.Messages;
using MailOps.Outlook.Exports;

namespace MailOps.Outlook;

/// <summary>Has classic Outlook import a PRF file when it starts next, and tells how far that is.</summary>
/// <remarks>
/// Outlook looks for ImportPRF in its Setup key where neither First-Run nor FirstRun is there, removes it, and puts First-Run back. Nothing but these three values is ever touched; where one of them
/// cannot be changed, all have their old content again. The account itself is made by Outlook.
/// </remarks>
public sealed class PrfStaging
{
    private readonly IOutlookHost _host;
    private readonly OutlookHive _hive;
    private readonly PrfImports _imports;

    /// <summary>Staging in a user's hive.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="hive">The hive.</param>
    /// <param name="version">16.0 or 15.0. Default: the newest that has been here, or else 16.0.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/></exception>
    public PrfStaging(IOutlookHost host, OutlookHive hive, string? version)
    {
        (_host, _hive, _imports) = (host, hive, new PrfImports(host, hive));
        Version = version ?? OutlookErrors.Reading(() => OutlookPlace.All.FirstOrDefault(place => place.Version != "14.0" && place.IsReal(hive.Root)))?.Version ?? "16.0";
    }

    /// <summary>The version of Outlook that is to import the file.</summary>
    public string Version { get; }

    /// <summary>Whether the user has switched to the new Outlook, which imports nothing.</summary>
    public bool UsesNewOutlook => OutlookReader.UsesNewOutlook(_hive.Root);

    /// <summary>Where the file for a user is put if nobody says where.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookSettingsInvalid"/>: it is another user, who cannot be expected to reach this one's folders.</exception>
    public string DefaultFolder => _hive.Sid == _host.UserSid
        ? Path.Combine(_host.BackupFolder, "Prf")
        : throw OutlookErrors.Invalid("The file for another user needs a place that this user can read.", "Name a folder with -StagingPath; a share will do.");

    /// <summary>How far it is with a file.</summary>
    /// <param name="document">What is in the file.</param>
    /// <param name="content">The file, byte for byte.</param>
    /// <param name="path">Where it is, or is to be.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/></exception>
    public OutlookProfileState State(PrfDocument document, byte[] content, string path)
    {
        var account = document.Accounts[0];
        if (account.FindIn(OutlookReader.Accounts(_hive.Root, []), Version, document.ProfileName) is { } made) return account.StateOf(made);
        if (!IsThere(path, content)) return OutlookProfileState.None;
        var state = OutlookErrors.Reading(() => OutlookSetup.Read(_hive.Root, Version)).StateOf(path);
        // A file that came to be there by another way, or by a run that ended before it was staged, was taken by nobody.
        return state != OutlookProfileState.Consumed || _imports.IsRemembered(Version, path) ? state : OutlookProfileState.None;
    }

    /// <summary>Writes the file, and tells Outlook of it.</summary>
    /// <param name="content">The file.</param>
    /// <param name="path">Where it is put.</param>
    /// <param name="force">Whether that is done while Outlook runs, and in the place of another file that waits.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.OutlookRunning"/>, <see cref="ErrorCode.PrfStaged"/>: another file waits; <see cref="ErrorCode.FileUnwritable"/>; <see cref="ErrorCode.OutlookWriteFailed"/>: all is as it was;
    /// <see cref="ErrorCode.OutlookUndoFailed"/>: it is not.
    /// </exception>
    public void Stage(byte[] content, string path, bool force)
    {
        var old = OldFile(path);
        if (!force) CheckFree(path, content, old);
        // The file first: Outlook may start at any moment, and what it is told of must be there.
        WholeFile.WriteInto(path, content, overwrites: true, "");
        (string Name, RegistryData? Data)[] before = [];
        try
        {
            using var setup = _hive.Root.Create(OutlookSetup.PathOf(Version));
            before = [.. OutlookSetup.FirstRuns.Append(OutlookSetup.ImportValue).Select(name => (name, setup.Read(name)))];
            Tell(setup, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or MailOpsException)
        {
            if (Undo(path, old, before) is { } stays)
                throw new MailOpsException(
                    ErrorCode.OutlookUndoFailed, $"Outlook could not be told of the file: {e.Message} Not all is as it was: {stays}", $@"Look at ImportPRF and First-Run in {_hive.Root.Path}\{OutlookSetup.PathOf(Version)}, and at '{path}'.", e);
            if (e is MailOpsException) throw;
            throw new MailOpsException(ErrorCode.OutlookWriteFailed, $"Outlook could not be told of the file: {e.Message}", "Check that the user's registry can be written, and run it again.", e);
        }
    }

    private void CheckFree(string path, byte[] content, byte[]? old)
    {
        if (_host.OutlookProcesses(_hive.Sid) is { Count: > 0 } processes)
            throw new MailOpsException(
                ErrorCode.OutlookRunning, $"Outlook of this user is running (process {string.Join(", ", processes)}), and imports nothing before it starts anew.", "Close Outlook and run this again, or use -Force.");
        var waiting = OutlookErrors.Reading(() => OutlookSetup.Read(_hive.Root, Version)).ImportPath;
        if (waiting.Length > 0 && (!string.Equals(waiting, path, StringComparison.OrdinalIgnoreCase) || !IsOfSameAccount(content, old)))
            throw new MailOpsException(
                ErrorCode.PrfStaged, $"Another file waits for Outlook's next start: '{OutlookAccount.Shorten(waiting)}'.", "Start Outlook once, or replace that file's turn with -Force.");
    }

    // The same account may get other servers before Outlook starts; another one must not lose its turn.
    private static bool IsOfSameAccount(byte[] content, byte[]? old)
    {
        if (old is null || PrfDocument.Parse(old) is not { Accounts.Count: > 0 } there) return true;
        var (waiting, document, same) = (there.Accounts[0], PrfDocument.Parse(content), StringComparer.OrdinalIgnoreCase);
        return waiting.Type == document.Accounts[0].Type && same.Equals(waiting.EmailAddress, document.Accounts[0].EmailAddress) && same.Equals(there.ProfileName, document.ProfileName);
    }

    // Were it to end in between, Outlook would start as ever, or import the file: it does not look before First-Run is gone.
    private void Tell(IRegistryKey setup, string path)
    {
        var import = RegistryData.OfText(path);
        setup.Write(OutlookSetup.ImportValue, import);
        _imports.Remember(Version, path);
        foreach (var name in OutlookSetup.FirstRuns)
        {
            if (setup.Read(name) is not null) setup.Delete(name);
        }
        setup.Flush();
        if (!import.Equals(setup.Read(OutlookSetup.ImportValue)) || Array.Exists(OutlookSetup.FirstRuns, name => setup.Read(name) is not null)) throw new IOException("the registry holds something else than was written.");
    }

    // Everything is tried, whatever of it fails; what does not come back is said.
    private string? Undo(string path, byte[]? old, IReadOnlyList<(string Name, RegistryData? Data)> before)
    {
        var failures = new List<string>();
        foreach (var (name, data) in before) Try(() => PutBack(name, data));
        Try(() =>
        {
            if (old is null) File.Delete(path);
            else WholeFile.WriteInto(path, old, overwrites: true, "");
        });
        return failures.Count > 0 ? string.Join(" ", failures) : null;

        void Try(Action action)
        {
            try
            {
                action();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or MailOpsException)
            {
                failures.Add(e.Message);
            }
        }
    }

    private void PutBack(string name, RegistryData? data)
    {
        using var setup = _hive.Root.Open(OutlookSetup.PathOf(Version), writable: true) ?? throw new IOException("The key is gone.");
        if (Equals(data, setup.Read(name))) return;
        if (data is null) setup.Delete(name);
        else setup.Write(name, data);
        setup.Flush();
        if (!Equals(data, setup.Read(name))) throw new IOException($"'{name}' is not what it was.");
    }

    // A file that is larger than any PRF is not this one's to keep, and it is not replaced.
    private static byte[]? OldFile(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) return null;
            return file.Length <= PrfDocument.MaxSize ? File.ReadAllBytes(path) : throw new IOException("it is larger than any PRF file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailOpsException(ErrorCode.FileUnwritable, $"The file '{path}' is not replaced: {e.Message}", "Remove it, or name another folder with -StagingPath.", e);
        }
    }

    private static bool IsThere(string path, byte[] content)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length == content.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;   // whoever writes it hears why
        }
    }
}
