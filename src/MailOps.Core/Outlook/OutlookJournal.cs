using System.Diagnostics;
using System.Globalization;
using MailOps.Messages;

namespace MailOps.Outlook;

/// <summary>
/// The files of a run: a lock, so that one run at a time writes to a hive; the note of what is being written, on the disk before the registry is touched and gone when all is read back; and the backup.
/// </summary>
/// <remarks>Only folders of the account that runs this are written to without being named: a folder of another user could lead a privileged run anywhere.</remarks>
internal sealed class OutlookJournal : IDisposable
{
    private const string Unwanted = "Remove it, or name another file.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly string _sid;
    private readonly string? _named;
    private readonly Func<DateTime> _now;
    private readonly List<BackupAccount> _accounts = [];
    private FileStream? _lock;

    /// <summary>Nothing is made before there is something to write.</summary>
    /// <param name="folder">The folder for the files of all users.</param>
    /// <param name="sid">The user.</param>
    /// <param name="backupPath">The file for the backup, or a folder that exists; null for the user's folder here.</param>
    /// <param name="now">The time, in UTC.</param>
    public OutlookJournal(string folder, string sid, string? backupPath, Func<DateTime> now)
    {
        (_folder, _sid, _named, _now) = (Path.Combine(folder, sid), sid, backupPath, now);
    }

    /// <summary>The backup of this run; null as long as nothing is in it.</summary>
    public string? BackupPath { get; private set; }

    /// <summary>Whether a run ended in the middle of writing.</summary>
    public bool IsUnfinished => File.Exists(NotePath);

    private string NotePath => Path.Combine(_folder, "unfinished.json");

    /// <summary>Has this run be the only one.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookBusy"/>, or <see cref="ErrorCode.FileUnwritable"/>.</exception>
    public void Lock()
    {
        if (_lock is not null) return;
        var path = Path.Combine(_folder, "lock");
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(_folder);
                _lock = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return;
            }
            catch (IOException e) when (File.Exists(path))
            {
                if (waited.Elapsed > Patience)
                    throw new MailOpsException(ErrorCode.OutlookBusy, $"Another run changes the profiles of this user: {e.Message}", "Wait until it has ended, and run this again.", e);
                Thread.Sleep(100);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new MailOpsException(ErrorCode.FileUnwritable, $"The folder '{_folder}' cannot be written to: {e.Message}", "It keeps what is needed to undo a change; see that this account may write there.", e);
            }
        }
    }

    /// <summary>What a run that ended in the middle was writing.</summary>
    public OutlookBackup ReadUnfinished() => OutlookBackupFile.Read(NotePath);

    /// <summary>Puts an account on the disk, in the backup and as being written.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnwritable"/>, <see cref="ErrorCode.FileExists"/>.</exception>
    public void Begin(BackupAccount account)
    {
        _accounts.Add(account);
        try
        {
            var path = BackupPath ?? NewBackupPath();
            PrivateFile.WriteInto(path, OutlookBackupFile.Write(new OutlookBackup(_sid, _accounts), _now()), overwrites: BackupPath is not null, Unwanted);
            BackupPath = path;
            PrivateFile.WriteInto(NotePath, OutlookBackupFile.Write(new OutlookBackup(_sid, [account]), _now()), overwrites: true, Unwanted);
        }
        catch (MailOpsException)
        {
            _accounts.Remove(account);
            throw;
        }
    }

    /// <summary>Says that an account is as the last <see cref="Begin"/> said, or again as it was before.</summary>
    /// <param name="isChanged">Whether it is changed; otherwise the backup forgets it.</param>
    public void End(bool isChanged)
    {
        try
        {
            File.Delete(NotePath);
            if (isChanged || _accounts.Count == 0 || BackupPath is null) return;
            _accounts.RemoveAt(_accounts.Count - 1);
            if (_accounts.Count > 0)
            {
                PrivateFile.WriteInto(BackupPath, OutlookBackupFile.Write(new OutlookBackup(_sid, _accounts), _now()), overwrites: true, Unwanted);
                return;
            }
            File.Delete(BackupPath);
            BackupPath = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailOpsException(ErrorCode.FileUnwritable, $"A file in '{_folder}' cannot be removed: {e.Message}", "Run this again, so that what is noted there as unfinished is looked at.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    private string NewBackupPath()
    {
        var name = string.Format(CultureInfo.InvariantCulture, "outlook-{0:yyyyMMdd-HHmmss}-{1}.json", _now(), Guid.NewGuid().ToString("N").Substring(0, 8));
        if (_named is null) return Path.Combine(_folder, name);
        return Directory.Exists(_named) ? Path.Combine(_named, name) : _named;
    }
}
