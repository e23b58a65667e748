using System.Text;
using MailOps.Messages;
using MailOps.Outlook.Exports;

namespace MailOps.Outlook;

/// <summary>
/// The PRF files that were staged for a user, and how far each is. The registry names one until Outlook has taken it, and then none: which there were is remembered beside the backups of the account that staged them.
/// </summary>
internal sealed class PrfImports(IOutlookHost host, OutlookHive hive)
{
    private const int MostRemembered = 50;
    private const int LongestRecord = 256 * 1024;

    private string RecordPath => Path.Combine(host.BackupFolder, hive.Sid, "staged.txt");

    /// <summary>Remembers a file; those that are gone are forgotten, and the oldest of many.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnwritable"/>, <see cref="ErrorCode.FileUnreadable"/>.</exception>
    public void Remember(string version, string path)
    {
        var added = (version, path);
        var kept = Remembered().Where(one => !IsSame(one, added) && File.Exists(one.Path)).ToList();
        kept.Add(added);
        var lines = kept.Skip(kept.Count - MostRemembered).Select(one => $"{one.Version}\t{one.Path}\n");
        PrivateFile.WriteInto(RecordPath, Encoding.UTF8.GetBytes(string.Concat(lines)), overwrites: true, "");
    }

    /// <summary>Whether a file was staged.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/>.</exception>
    public bool IsRemembered(string version, string path) => Remembered().Exists(one => IsSame(one, (version, path)));

    /// <summary>The files, those that wait for Outlook's next start first. One that is remembered, and is gone or has come to nothing, is left out.</summary>
    /// <param name="accounts">All accounts of the user.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/>, <see cref="ErrorCode.FileUnreadable"/>.</exception>
    public IReadOnlyList<PrfImport> Read(IReadOnlyList<OutlookAccount> accounts)
    {
        var remembered = Remembered();
        remembered.Reverse();
        var imports = new List<PrfImport>();
        foreach (var version in OutlookSetup.Versions)
        {
            var setup = OutlookErrors.Reading(() => OutlookSetup.Read(hive.Root, version));
            var isOwn = hive.Sid == host.UserSid || remembered.Exists(one => IsSame(one, (version, setup.ImportPath)));
            // A path from the hive of another user could lead an administrator to a server of that user's choice, and to logging in there.
            if (setup.ImportPath.Length > 0) imports.AddRange(isOwn ? Waiting(version, setup, accounts) : [new PrfImport(version, setup.ImportPath, State(setup)) { Fault = "it is not read, since another user named it" }]);
            foreach (var one in remembered.Where(one => one.Version == version && !setup.IsNamed(one.Path))) imports.AddRange(Taken(one.Path, version, setup, accounts));
        }
        return imports;
    }

    private static IEnumerable<PrfImport> Waiting(string version, OutlookSetup setup, IReadOnlyList<OutlookAccount> accounts)
    {
        var document = Document(setup.ImportPath, out var fault);
        if (document is not null) return document.Accounts.Select(account => Import(version, setup.ImportPath, setup, document, account, accounts));
        return [new PrfImport(version, setup.ImportPath, OutlookProfileState.None) { Fault = fault }];
    }

    private static IEnumerable<PrfImport> Taken(string path, string version, OutlookSetup setup, IReadOnlyList<OutlookAccount> accounts) => Document(path, out _) is { } document
        ? document.Accounts.Select(account => Import(version, path, setup, document, account, accounts)).Where(import => import.State != OutlookProfileState.None)
        : [];

    private static PrfImport Import(string version, string path, OutlookSetup setup, PrfDocument document, PrfAccount account, IReadOnlyList<OutlookAccount> accounts)
    {
        var made = account.FindIn(accounts, version, document.ProfileName);
        return new PrfImport(version, path, made is null ? setup.StateOf(path) : account.StateOf(made)) { ProfileName = document.ProfileName, Account = account, Made = made };
    }

    private static OutlookProfileState State(OutlookSetup setup) => setup.StateOf(setup.ImportPath);

    private static PrfDocument? Document(string path, out string? fault)
    {
        fault = null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[PrfDocument.MaxSize + 1];
            var length = 0;
            while (length < content.Length && file.Read(content, length, content.Length - length) is > 0 and var more) length += more;
            Array.Resize(ref content, length);
            var document = PrfDocument.Parse(content);
            if (document.Faults.Count == 0 && document.Accounts.Count > 0) return document;
            fault = document.Faults.Count > 0 ? document.Faults[0] : "it has no account for POP3 or IMAP";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            fault = e.Message;
        }
        return null;
    }

    // The oldest first. Nobody but this account writes there; a line that is none is passed over all the same.
    private List<(string Version, string Path)> Remembered()
    {
        try
        {
            if (new FileInfo(RecordPath) is not { Exists: true, Length: <= LongestRecord }) return [];
            return [.. File.ReadAllLines(RecordPath).Select(line => line.Split(['\t'], 2)).Where(parts => parts.Length == 2 && OutlookSetup.Versions.Contains(parts[0]) && parts[1].Length > 0).Select(parts => (parts[0], parts[1]))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailOpsException(ErrorCode.FileUnreadable, $"The file '{RecordPath}' cannot be read: {e.Message}", "It remembers which PRF files were staged; see that this account may read it, or remove it.", e);
        }
    }

    private static bool IsSame((string Version, string Path) one, (string Version, string Path) other) => one.Version == other.Version && string.Equals(one.Path, other.Path, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A PRF file that was staged, or that waits for Outlook's next start: one of its accounts.</summary>
/// <param name="Version">The version of Outlook.</param>
/// <param name="Path">The file.</param>
/// <param name="State">How far it is.</param>
internal sealed record PrfImport(string Version, string Path, OutlookProfileState State)
{
    /// <summary>The profile that it makes, or adds to.</summary>
    public string ProfileName { get; init; } = "";

    /// <summary>The account; null where the file says none.</summary>
    public PrfAccount? Account { get; init; }

    /// <summary>The account that Outlook made of it, or that was there; null for none.</summary>
    public OutlookAccount? Made { get; init; }

    /// <summary>Why nothing is known of its accounts.</summary>
    public string? Fault { get; init; }
}
