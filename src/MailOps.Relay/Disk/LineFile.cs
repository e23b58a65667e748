namespace MailOps.Relay.Disk;

/// <summary>What became of lines that were to be appended.</summary>
/// <param name="Lines">How many of them, from the first, are whole in the file.</param>
/// <param name="Length">The bytes of the file; 0 where that is not known.</param>
/// <param name="Fault">Why not all of them; null where all are.</param>
internal readonly record struct Appended(int Lines, long Length, Exception? Fault);

/// <summary>
/// Appends lines to a file, which is made if absent. A line that a crash or a full disk has cut short is ended first, so that the next one is not glued to it: whoever reads
/// the file loses the torn line and no other.
/// </summary>
internal static class LineFile
{
    /// <summary>Appends lines; it does not throw where the disk does not take them.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The file.</param>
    /// <param name="lines">The lines, each with its end.</param>
    public static Appended Append(IQueueDisk disk, string path, IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        try
        {
            using var file = OpenOrCreate(disk, path);
            var start = file.Length;
            if (IsTorn(file, start)) file.Write(start++, [(byte[])[(byte)'\n']]);
            try
            {
                file.Write(start, lines);
                return new Appended(lines.Count, file.Length, null);
            }
            catch (Exception e) when (DiskFault.Is(e))
            {
                var length = file.Length;
                return new Appended(WholeLines(lines, length - start), length, e);
            }
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            return new Appended(0, 0, e);
        }
    }

    private static IQueueFile OpenOrCreate(IQueueDisk disk, string path)
    {
        try
        {
            return disk.Open(path);
        }
        catch (FileNotFoundException)
        {
            return disk.Create(path);
        }
    }

    private static bool IsTorn(IQueueFile file, long length)
    {
        Span<byte> last = stackalloc byte[1];
        return length > 0 && file.Read(length - 1, last) == 1 && last[0] != '\n';
    }

    private static int WholeLines(IReadOnlyList<ReadOnlyMemory<byte>> lines, long written)
    {
        var count = 0;
        while (count < lines.Count && (written -= lines[count].Length) >= 0) count++;
        return count;
    }
}
