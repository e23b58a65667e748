namespace MailOps.Relay.Disk;

/// <summary>A file that is replaced whole and at once: a crash, and a power cut once this has returned, leave the new content, or before that the old.</summary>
internal static class WholeFile
{
    /// <summary>Writes beside it, for this user alone, flushes, puts the one in the place of the other, and flushes the folder.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The file, with its whole path, and no link.</param>
    /// <param name="content">What is in it from then on.</param>
    public static void Write(IQueueDisk disk, string path, ReadOnlyMemory<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        var beside = path + ".new";
        if (disk.Files(folder).Contains(beside)) disk.Delete(beside);   // of a write that was not finished
        using (var file = disk.Create(beside))
        {
            file.Write(0, [content]);
            file.Flush();
        }
        disk.Replace(beside, path);
        disk.FlushFolder(folder);
    }
}
