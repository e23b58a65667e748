using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>Reads Maildirs as a mail client finds them.</summary>
internal static class Maildir
{
    private static readonly string[] Delivered = ["new", "cur"];

    /// <summary>The messages in one, none where it does not exist.</summary>
    public static IReadOnlyList<byte[]> Messages(string folder) =>
        [.. Delivered.Select(name => Path.Combine(folder, name)).Where(Directory.Exists).SelectMany(Directory.GetFiles).Select(File.ReadAllBytes)];

    /// <summary>A message in one, or null while there is none.</summary>
    public static byte[]? First(string folder) => Messages(folder) is [var message, ..] ? message : null;

    /// <summary>Waits for the first message in one.</summary>
    public static Task<byte[]> FirstAsync(string folder, Func<string> otherwise) =>
        Until.FoundAsync(() => First(folder), () => $"no message in {folder}. {otherwise()}");
}
