using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>What a relay wrote down of its messages' lives.</summary>
internal static class TrackingLog
{
    /// <summary>All of it, of the relay whose queue is in the folder's <c>queue</c>; empty before its first event.</summary>
    public static string Text(TestFolder folder)
    {
        var place = folder.At("queue/tracking");
        return !Directory.Exists(place) ? "" : string.Concat(Directory.GetFiles(place).Select(file =>
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return reader.ReadToEnd();
        }));
    }

    /// <summary>The events of a kind, one JSON object each, that speak of a recipient.</summary>
    public static IReadOnlyList<string> Events(TestFolder folder, string kind, string recipient) =>
        [.. Text(folder).Split('\n').Where(line => line.EndsWith('}') && line.Contains($"\"EventId\":\"{kind}\"", StringComparison.Ordinal) && line.Contains($"\"{recipient}\"", StringComparison.Ordinal))];
}
