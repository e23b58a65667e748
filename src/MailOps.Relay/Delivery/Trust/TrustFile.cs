using System.Text.Json;
using System.Text.Json.Serialization;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>
/// A JSON document in the folder <c>trust</c> of the queue's folder that survives a restart: replaced whole and at once, for the relay's user alone. Mail does not depend on it: one
/// that is damaged is set aside and told, and one that cannot be written is told.
/// </summary>
/// <param name="disk">The disk.</param>
/// <param name="folder">The folder, made when something is written.</param>
/// <param name="name">The file's name.</param>
/// <param name="trace">Where faults are told.</param>
internal sealed class TrustFile<T>(IQueueDisk disk, string folder, string name, IMailTrace trace)
    where T : class
{
    private const int MaxSize = 64 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
    };

    private readonly string _path = Path.Combine(folder, name);
    private bool _isTooLarge;

    /// <summary>What was written last; null where there is nothing, or nothing that can be used.</summary>
    /// <param name="check">Throws <see cref="InvalidDataException"/> where the content cannot be right.</param>
    public T? Read(Action<T> check)
    {
        try
        {
            if (!disk.Files(folder).Contains(_path)) return null;
            byte[] bytes;
            using (var file = disk.Open(_path))
            {
                if (file.Length > MaxSize) throw new InvalidDataException("it has more than 64 MiB");
                bytes = new byte[(int)file.Length];
                if (file.Read(0, bytes) != bytes.Length) throw new InvalidDataException("it ends too early");
            }
            var content = JsonSerializer.Deserialize<T>(bytes, Json) ?? throw new InvalidDataException("it is empty");
            check(content);
            return content;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            trace.Fault($"reading {name}", new InvalidDataException($"'{_path}' is damaged: {e.Message}. It is set aside as '{_path}.damaged', and what was in it is learnt anew.", e));
            if (!DiskFault.Ignored(() => disk.Replace(_path, _path + ".damaged"))) trace.Fault($"reading {name}", new IOException($"'{_path}' cannot be set aside."));
            return null;
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            trace.Fault($"reading {name}", e);
            return null;
        }
    }

    /// <summary>
    /// Writes it; false, and told, where the disk does not take it, which may pass. What is larger than can be read is not written, which is told once: what was there stays until there is less
    /// to write.
    /// </summary>
    public bool Write(T content)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(content, Json);
        var wasTooLarge = _isTooLarge;
        _isTooLarge = bytes.Length > MaxSize;
        if (_isTooLarge)
        {
            if (!wasTooLarge) trace.Fault($"writing {name}", new InvalidDataException($"'{_path}' would have more than 64 MiB and is not written: what is learnt from now on is lost when the relay stops."));
            return true;
        }
        try
        {
            disk.CreateFolder(folder);
            WholeFile.Write(disk, _path, bytes);
            return true;
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            trace.Fault($"writing {name}", e);
            return false;
        }
    }
}
