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
    private const string ImportValue = "ImportPRF";
    private static readonly string[] FirstRuns = ["First-Run", "FirstRun"];
    private readonly IOutlookHost _host;
    private readonly OutlookHive _hive;

    /// <summary>Staging in a user's hive.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="hive">The hive.</param>
    /// <param name="version">16.0 or 15.0. Default: the newest that has been here, or else 16.0.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/></exception>
    public PrfStaging(IOutlookHost host, OutlookHive hive, string? version)
    {
        (_host, _hive) = (host, hive);
        Version = version ?? Reading(() => OutlookPlace.All.FirstOrDefault(place => place.Version != "14.0" && place.IsReal(hive.Root)))?.Version ?? "16.0";
    }

    /// <summary>The version of Outlook that is to import the file.</summary>
    public string Version { get; }

    private string SetupPath => $@"Software\Microsoft\Office\{Version}\Outlook\Setup";

    /// <summary>Whether the user has switched to the new Outlook, which imports nothing.</summary>
    public bool UsesNewOutlook => Reading(() => OutlookReader.UsesNewOutlook(_hive.Root));

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
        var wanted = document.Accounts[0];
        var type = wanted.Protocol == MailProtocol.Pop3 ? OutlookAccountType.Pop3 : OutlookAccountType.Imap;
        var account = OutlookReader.Accounts(_hive.Root).FirstOrDefault(one => one.Type == type && one.Place.Version == Version && Same(one.Profile, document.ProfileName) && Same(one.Email, wanted.EmailAddress));
        if (account is not null)
            return Same(account.Text(account.Incoming("Server")), wanted.IncomingServer) && Same(account.Text(ValueNames.SmtpServer), wanted.SmtpServer) ? OutlookProfileState.Verified : OutlookProfileState.Different;
        if (!IsThere(path, content)) return OutlookProfileState.None;
        return Reading(() =>
        {
            using var setup = _hive.Root.Open(SetupPath);
            var import = setup?.Read(ImportValue)?.AsText();
            var hasRun = Array.Exists(FirstRuns, name => setup?.Read(name) is not null);
            return import is { Length: > 0 }
                ? Same(import, path) && !hasRun ? OutlookProfileState.Staged : OutlookProfileState.None
                : hasRun ? OutlookProfileState.Consumed : OutlookProfileState.None;
        });
    }

    /// <summary>Writes the file, and tells Outlook of it.</summary>
    /// <param name="content">The file.</param>
    /// <param name="path">Where it is put.</param>
    /// <param name="force">Whether that is done while Outlook runs, and in the place of another file that waits.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.OutlookRunning"/>, <see cref="ErrorCode.PrfStaged"/>: another file waits; <see cref="ErrorCode.FileUnwritable"/>; <see cref="ErrorCode.OutlookWriteFailed"/>: all is as it was.
    /// </exception>
    public void Stage(byte[] content, string path, bool force)
    {
        if (!force) CheckFree(path);
        var isNew = !File.Exists(path);
        try
        {
            using var setup = _hive.Root.Create(SetupPath);
            Tell(setup, path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (isNew) File.Delete(path);
            throw new MailOpsException(ErrorCode.OutlookWriteFailed, $"Outlook could not be told of the file: {e.Message}", "Check that the user's registry can be written, and run it again.", e);
        }
    }

    private void CheckFree(string path)
    {
        if (_host.OutlookProcesses(_hive.Sid) is { Count: > 0 } processes)
            throw new MailOpsException(
                ErrorCode.OutlookRunning, $"Outlook of this user is running (process {string.Join(", ", processes)}), and imports nothing before it starts anew.", "Close Outlook and run this again, or use -Force.");
        var waiting = Reading(() =>
        {
            using var setup = _hive.Root.Open(SetupPath);
            return setup?.Read(ImportValue)?.AsText();
        });
        if (waiting is { Length: > 0 } && !Same(waiting, path))
            throw new MailOpsException(
                ErrorCode.PrfStaged, $"Another file waits for Outlook's next start: '{OutlookAccount.Shorten(waiting)}'.", "Start Outlook once, or replace that file's turn with -Force.");
    }

    // Were it to end in between, Outlook would start as ever: it does not look before First-Run is gone. A file without ImportPRF would look as if Outlook had taken it.
    private static void Tell(IRegistryKey setup, string path, byte[] content)
    {
        var before = FirstRuns.Append(ImportValue).Select(name => (Name: name, Data: setup.Read(name))).ToArray();
        var import = RegistryData.OfText(path);
        try
        {
            setup.Write(ImportValue, import);
            WholeFile.WriteInto(path, content, overwrites: true, "");
            foreach (var name in FirstRuns)
            {
                if (setup.Read(name) is not null) setup.Delete(name);
            }
            if (!import.Equals(setup.Read(ImportValue)) || Array.Exists(FirstRuns, name => setup.Read(name) is not null)) throw new IOException("the registry holds something else than was written.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or MailOpsException)
        {
            foreach (var (name, data) in before)
            {
                if (Equals(data, setup.Read(name))) continue;
                if (data is null) setup.Delete(name);
                else setup.Write(name, data);
            }
            throw;
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

    private static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutlookErrors.Unreadable(e);
        }
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
