using MailOps.Relay.Disk;

namespace MailOps.Relay.Server.Authentication;

/// <summary>
/// The file of users that cmdlets write and relays read: JSON, with a version, readable for its owner alone where the system has such rights. It is replaced as a whole
/// (written beside, flushed, renamed), so a reader sees the old or the new one and a crash leaves either. Two that change it wait for each other at a lock file beside it.
/// </summary>
/// <param name="path">The file; made with its first user.</param>
/// <param name="clock">The time, for waiting and for when a user was changed.</param>
public sealed class UsersFile(string path, TimeProvider clock)
{
    // A hundred thousand users; more is something else, and would be memory that does not come back.
    private const int MaxLength = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Behind a link is the file that is to be replaced, not the link.
    private readonly string _path = File.Exists(path) && new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { } target ? target.FullName : System.IO.Path.GetFullPath(path);

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Reads a file; so that a test can have a disk that does not answer.</summary>
    internal Func<string, byte[]> Reading { get; init; } = ReadWhole;

    /// <summary>By which one sees that it changed.</summary>
    public FileStamp Stamp => FileStamp.Of(_path);

    /// <summary>Whether it is there.</summary>
    public bool Exists => File.Exists(_path);

    /// <summary>Reads it.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayUserFileUnusable"/> where it is not there, not readable or damaged.</exception>
    public UsersFileContent Read()
    {
        try
        {
            return UsersFileFormat.Read(Reading(_path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MailOpsException(ErrorCode.RelayUserFileUnusable, $"The user file {path} does not exist.", "Make it with New-SmtpRelayUser, or correct the path.", e);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw new MailOpsException(ErrorCode.RelayUserFileUnusable, $"The user file {path} cannot be read: {e.Message}", "Check its path and that the relay's user may read it.", e);
        }
        catch (FormatException e)
        {
            throw new MailOpsException(ErrorCode.RelayUserFileUnusable, $"The user file {path} is damaged: {e.Message}", "Restore it from a backup; the cmdlets write it whole or not at all.", e);
        }
    }

    /// <summary>Changes the users, alone.</summary>
    /// <param name="change">Gets the users and the time, and gives them changed; it throws to change nothing.</param>
    /// <param name="cancellationToken">Ends the wait for another change.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayUserFileUnusable"/> where it cannot be read or written.</exception>
    public async Task ChangeAsync(Func<IReadOnlyList<RelayUser>, DateTimeOffset, IReadOnlyList<RelayUser>> change, CancellationToken cancellationToken)
    {
        using var locked = await LockAsync(cancellationToken).ConfigureAwait(false);
        var before = Exists ? Read() : UsersFileContent.Empty();
        var after = before with { Users = change(before.Users, clock.GetUtcNow()) };
        try
        {
            WholeFile.Write(new LocalDisk(), _path, UsersFileFormat.Write(after));
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw Unwritable(e);
        }
    }

    // Looked at before it is opened: opening a pipe that stands in its place waits for whoever writes to it, for good.
    private static byte[] ReadWhole(string path)
    {
        if (Directory.Exists(path)) throw new IOException("It is a folder.");
        var length = new FileInfo(path).Length;
        if (length is 0 or > MaxLength) throw new FormatException(length == 0 ? "It is empty, or no file." : $"It has {length} bytes, and {MaxLength} are the most.");
        return File.ReadAllBytes(path);
    }

    // The lock is the open file, so a crash leaves none; the empty file stays, for a name that is deleted and made anew could be locked twice.
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(_path + ".lock", new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None }.ForOwnerOnly());
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && clock.GetElapsedTime(begun) < Patience)
            {
                await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (DiskFault.Is(e))
            {
                throw Unwritable(e);
            }
        }
    }

    private MailOpsException Unwritable(Exception e) =>
        new(ErrorCode.RelayUserFileUnusable, $"The user file {path} cannot be written: {e.Message}", "Check that its folder exists, that this user may write there, and that no other command is changing it.", e);
}
