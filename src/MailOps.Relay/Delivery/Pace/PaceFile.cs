using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MailOps.Relay.Configuration;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Pace;

/// <summary>
/// What sites remember over a restart, in the file <c>pace</c> of the queue's folder: a first line, a JSON document, and a checksum. It is replaced whole, so that a crash leaves the one or the
/// other. It is written every few seconds where something has changed, and at the end; what a crash forgets is what was sent in those seconds. One that is damaged is set aside and told, and
/// counting begins anew.
/// </summary>
internal sealed class PaceFile(IQueueDisk disk, string folder, IMailTrace trace)
{
    private const string FirstLine = "MailOps pace 1";

    private readonly Lock _gate = new();
    private readonly string _path = Path.Combine(folder, "pace");
    private bool _told;

    /// <summary>Reads it; nothing where there is none.</summary>
    public IReadOnlyList<SavedSite> Read()
    {
        try
        {
            if (!disk.Files(folder).Contains(_path)) return [];
            using (var file = disk.Open(_path))
            {
                var bytes = new byte[checked((int)file.Length)];
                if (file.Read(0, bytes) == bytes.Length && Parse(Encoding.UTF8.GetString(bytes)) is { } sites) return sites;
            }
            var aside = _path + ".damaged";
            disk.Replace(_path, aside);
            trace.Fault("delivery, start", new InvalidDataException(
                $"'{_path}', which says how much was sent to providers with limits, was damaged, and is now '{aside}'. The counts begin anew: until a day is over, more may go out than a provider allows in a day."));
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            trace.Fault($"delivery, reading '{_path}': counts of what was sent begin anew", e);
        }
        return [];
    }

    /// <summary>Writes it; false where the disk does not take it, which is told once.</summary>
    /// <param name="sites">What to write: asked when it is this one's turn, so that of two at once the later one has the later word.</param>
    public bool Write(Func<IReadOnlyList<SavedSite>> sites)
    {
        lock (_gate)
        {
            try
            {
                var text = $"{FirstLine}\n{JsonSerializer.Serialize(sites(), RelayConfiguration.Json)}\n";
                WholeFile.Write(disk, _path, Encoding.UTF8.GetBytes($"{text}{Checksum(text)}\n"));
                _told = false;
                return true;
            }
            catch (Exception e) when (DiskFault.Is(e))
            {
                if (!_told) trace.Fault($"delivery, writing '{_path}', which remembers over a restart how much was sent to providers with limits", e);
                _told = true;
                return false;
            }
        }
    }

    private static List<SavedSite>? Parse(string text)
    {
        var last = text.TrimEnd('\n').LastIndexOf('\n') + 1;
        if (last <= FirstLine.Length || !text.StartsWith(FirstLine + "\n", StringComparison.Ordinal) || text[last..] != Checksum(text[..last]) + "\n") return null;
        try
        {
            return JsonSerializer.Deserialize<List<SavedSite>>(text[FirstLine.Length..last], RelayConfiguration.Json);
        }
        catch (JsonException)
        {
            return null;   // whole, and yet none of ours
        }
    }

    private static string Checksum(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
