using MailOps.Relay.Disk;

namespace MailOps.Relay.Tests.Disk;

public sealed class FileFlushTests
{
    private const int Invalid = 22;   // EINVAL

    [Fact]
    public void A_file_that_cannot_be_flushed_is_a_fault()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no /dev/null to flush.");
        using var file = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.Equal(Invalid, Assert.Throws<IOException>(() => FileFlush.ToDisk(file)).HResult);
    }

    [Fact]
    public void A_folder_whose_file_system_has_nothing_to_flush_is_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no such folder.");
        using var folder = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);   // which says what such a folder says
        FileFlush.FolderToDisk(folder);
        new LocalDisk().FlushFolder("/proc");
    }
}
