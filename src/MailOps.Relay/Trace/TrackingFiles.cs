using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MailOps.Relay.Trace;

/// <summary>The files of the tracking log: how they are named, what a line of them is, and how they are read.</summary>
internal static class TrackingFiles
{
    private const int Disorder = 10_000;

    /// <summary>The file of a day (UTC).</summary>
    public static string PathOf(string folder, DateTime day, string extension) => Path.Combine(folder, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "." + extension);

    /// <summary>The day of a file; null where it is none of the log.</summary>
    public static DateTimeOffset? DayOf(string file) =>
        DateTime.TryParseExact(Path.GetFileName(file).Split('.')[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day)
            ? new DateTimeOffset(day, TimeSpan.Zero)
            : null;

    /// <summary>A step as a line.</summary>
    public static byte[] Encode(SmtpRelayTrackingEvent step) => [.. JsonSerializer.SerializeToUtf8Bytes(step, TrackingJson.Default.SmtpRelayTrackingEvent), (byte)'\n'];

    /// <summary>The steps between two times, oldest first. A step is written a moment after its time, and so may be behind a later one (RECEIVE behind DELIVER), even in the file of the next day.</summary>
    public static IEnumerable<SmtpRelayTrackingEvent> Read(string folder, DateTimeOffset from, DateTimeOffset until)
    {
        var next = new PriorityQueue<SmtpRelayTrackingEvent, (DateTimeOffset, long)>();
        var number = 0L;
        foreach (var step in ReadAll(folder, from, until))
        {
            next.Enqueue(step, (step.Timestamp, number++));
            if (next.Count > Disorder) yield return next.Dequeue();
        }
        while (next.TryDequeue(out var step, out _)) yield return step;
    }

    private static IEnumerable<SmtpRelayTrackingEvent> ReadAll(string folder, DateTimeOffset from, DateTimeOffset until)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var file in Directory.EnumerateFiles(folder, "*.jsonl").Order(StringComparer.Ordinal))
        {
            if (DayOf(file) is not { } day || day.AddDays(1) < from || day.AddHours(-1) > until) continue;
            foreach (var step in ReadFile(file))
                if (step.Timestamp >= from && step.Timestamp <= until) yield return step;
        }
    }

    private static IEnumerable<SmtpRelayTrackingEvent> ReadFile(string file)
    {
        using var reader = Open(file);
        if (reader is null) yield break;
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && Parse(line) is { } step) yield return step;
    }

    private static StreamReader? Open(string file)
    {
        try
        {
            return new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (FileNotFoundException)
        {
            return null;   // it has become too old between the look and the reading
        }
    }

    // A line that a crash or a full disk cut short is not a step; the next one begins behind it.
    private static SmtpRelayTrackingEvent? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, TrackingJson.Default.SmtpRelayTrackingEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(SmtpRelayTrackingEvent))]
internal sealed partial class TrackingJson : JsonSerializerContext;
