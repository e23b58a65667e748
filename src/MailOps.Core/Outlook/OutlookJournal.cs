using System.Diagnostics;
using System.Globalization;
using MailOps.Messages;

namespace MailOps.Outlook;

/// <summary>
/// The files of a run, and the right to write to a hive, which one run of the machine has at a time: the note of what is being written, on the disk before the registry is touched and gone when all is read back; and the backup.
/// </summary>
/// <remarks>Only folders of the account that runs this are written to without being named: a folder of another user could lead a privileged run anywhere.</remarks>
internal sealed class OutlookJournal : IDisposable
{
    private const string Unwanted = "Remove it, or name another file.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IOutlookHost _host;
    private readonly string _folder;
    private readonly string _sid;
    private readonly string? _named;
    private readonly Func<DateTime> _now;
    private IReadOnlyList<BackupAccount> _accounts = [];
    private IDisposable? _right;

    /// <summary>Nothing is made before there is something to write.</summary>
    /// <param name="host">The machine, whose folder of backups has one for each user.</param>
    /// <param name="sid">The user.</param>
    /// <param name="backupPath">The file for the backup, or a folder that exists; null for the user's folder here.</param>
    /// <param name="now">The time, in UTC.</param>
    public OutlookJournal(IOutlookHost host, string sid, string? backupPath, Func<DateTime> now)
    {
        (_host, _folder, _sid, _named, _now) = (host, Path.Combine(host.BackupFolder, sid), sid, backupPath, now);
    }

    /// <summary>The backup of this run; null as long as nothing is in it.</summary>
    public string? BackupPath { get; private set; }

    /// <summary>Whether a run ended in the middle of writing.</summary>
    public bool IsUnfinished => File.Exists(NotePath);

    private string NotePath => Path.Combine(_folder, "unfinished.json");

    /// <summary>Has this run be the only one on this machine; another is waited for, ten seconds at most.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookBusy"/>.</exception>
    public void Lock(CancellationToken cancellationToken)
    {
        if (_right is not null) return;
        var waited = Stopwatch.StartNew();
        while ((_right = _host.TryEnter(_sid)) is null)
        {
            if (waited.Elapsed > Patience)
                throw new MailOpsException(ErrorCode.OutlookBusy, "Another run changes the profiles of this user.", "Wait until it has ended, and run this again; a logon script and a run as SYSTEM may meet.");
            cancellationToken.WaitHandle.WaitOne(Pause);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>What a run that ended in the middle was writing.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookBackupInvalid"/>, <see cref="ErrorCode.FileUnreadable"/>.</exception>
    public BackupAccount ReadUnfinished()
    {
        var noted = OutlookBackupFile.Read(NotePath);
        return noted.UserSid == _sid && noted.Accounts.Count == 1 ? noted.Accounts[0] : throw new MailOpsException(ErrorCode.OutlookBackupInvalid, $"'{NotePath}' is not of one account of this user.", "");
    }

    /// <summary>Keeps what is noted as unfinished under another name, where nothing looks at it any more.</summary>
    /// <returns>Its new path; a backup that Restore-OutlookSmtpProfile takes, if it is none that is damaged.</returns>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnwritable"/>.</exception>
    public string SetAside() => OnFolder("moved", () =>
    {
        var aside = Path.Combine(_folder, FileName("unfinished"));
        File.Move(NotePath, aside);
        return aside;
    });

    /// <summary>Puts an account on the disk, in the backup and as being written.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnwritable"/>, <see cref="ErrorCode.FileExists"/>.</exception>
    public void Begin(BackupAccount account)
    {
        var path = BackupPath ?? NewBackupPath();
        PrivateFile.WriteInto(path, OutlookBackupFile.Write(new OutlookBackup(_sid, [.. _accounts, account]), _now()), overwrites: BackupPath is not null, Unwanted);
        (BackupPath, _accounts) = (path, [.. _accounts, account]);
        try
        {
            PrivateFile.WriteInto(NotePath, OutlookBackupFile.Write(new OutlookBackup(_sid, [account]), _now()), overwrites: true, Unwanted);
        }
        catch (MailOpsException)
        {
            Forget();
            throw;
        }
    }

    /// <summary>Says that an account is as the last <see cref="Begin"/> said, or again as it was before.</summary>
    /// <param name="isChanged">Whether it is changed; otherwise the backup forgets it.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnwritable"/>.</exception>
    public void End(bool isChanged)
    {
        OnFolder("removed", () => File.Delete(NotePath));
        if (!isChanged) Forget();
    }

    // The account that was begun last is not in the backup.
    private void Forget()
    {
        if (_accounts.Count == 0 || BackupPath is not { } path) return;
        _accounts = [.. _accounts.Take(_accounts.Count - 1)];
        if (_accounts.Count > 0)
        {
            PrivateFile.WriteInto(path, OutlookBackupFile.Write(new OutlookBackup(_sid, _accounts), _now()), overwrites: true, Unwanted);
            return;
        }
        OnFolder("removed", () => File.Delete(path));
        BackupPath = null;
    }

    private void OnFolder(string what, Action action) => OnFolder(what, () =>
    {
        action();
        return true;
    });

    // A virus scanner or an indexer may have a file open for a moment. Ctrl+C does not end these 0.9 seconds at most: a note that stays would have the next run undo what is done and read back.
    private T OnFolder<T>(string what, Func<T> action)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return action();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (attempt == Attempts)
                    throw new MailOpsException(ErrorCode.FileUnwritable, $"A file in '{_folder}' cannot be {what}: {e.Message}", "Run this again, so that what is noted there as unfinished is looked at.", e);
                Thread.Sleep(Pause);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _right?.Dispose();

    private string FileName(string kind) => string.Format(CultureInfo.InvariantCulture, "{0}-{1:yyyyMMdd-HHmmss}-{2}.json", kind, _now(), Guid.NewGuid().ToString("N").Substring(0, 8));

    private string NewBackupPath()
    {
        var name = FileName("outlook");
        if (_named is null) return Path.Combine(_folder, name);
        return Directory.Exists(_named) || _named[_named.Length - 1] is '/' or '\\' ? Path.Combine(_named, name) : _named;
    }
}
