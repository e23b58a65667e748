using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Server.Authentication;

/// <summary>The user file as JSON, version 1. What is read is checked whole: a file that is wrong in one place is not half right.</summary>
internal static class UsersFileFormat
{
    private const int Version = 1;
    private const int MinIterations = 4096;          // RFC 7677 section 4
    private const int MaxIterations = 100_000_000;   // more is damage, and would hold a processor for a minute

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    public static byte[] Write(UsersFileContent content) => JsonSerializer.SerializeToUtf8Bytes(
        new Document(Version, content.DecoyKey, [.. content.Users.Select(u => new User(u.Name, u.Enabled, u.Senders, u.Created, u.Changed, [.. u.Keys.Select(Stored)]))]), Json);

    /// <exception cref="FormatException">It is not such a file; the message says what is wrong, and no secret.</exception>
    public static UsersFileContent Read(byte[] bytes)
    {
        try
        {
            using (var document = StrictJson.Parse(bytes))
                if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("version", out var version) && version.TryGetInt32(out var number) && number > Version)
                    throw new FormatException($"its version is {number}, which a newer MailOps has written.");
            var read = JsonSerializer.Deserialize<Document>(bytes, Json) ?? throw new FormatException("it holds nothing.");
            if (read.Version != Version || read.DecoyKey.Length < 16) throw new FormatException("its version or key is none.");
            var users = Present(read.Users).Select(Checked).ToList();
            if (users.GroupBy(u => u.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new FormatException($"the user '{twice.Key}' is in it twice.");
            return new UsersFileContent(read.DecoyKey, users);
        }
        catch (JsonException e)
        {
            throw new FormatException(e.LineNumber is { } line ? $"it is not the JSON it should be, in line {line + 1}." : "it is not the JSON it should be.", e);
        }
    }

    // Annotations say nothing of what is in a list.
    private static IReadOnlyList<T> Present<T>(IReadOnlyList<T> list)
        where T : class => list.Contains(null!) ? throw new FormatException("a list in it holds null.") : list;

    private static Scram Stored(ScramKeys keys) => new(keys.Hash.Mechanism, keys.Iterations, keys.Salt, keys.StoredKey, keys.ServerKey);

    private static RelayUser Checked(User user)
    {
        if (user.Name.Length == 0 || SaslPrep.Prepare(user.Name) != user.Name) throw new FormatException("a user name in it is none.");
        if (Present(user.Senders).FirstOrDefault(s => !SenderRule.IsValid(s)) is { } sender) throw new FormatException($"the sender '{sender}' of the user '{user.Name}' is none.");
        var keys = Present(user.Scram).Select(s => Checked(s, user.Name)).ToList();
        if (keys.All(k => k.Hash != ScramHash.Sha256) || keys.DistinctBy(k => k.Hash).Count() < keys.Count) throw new FormatException($"the hashes of the user '{user.Name}' are not one of each kind.");
        return new RelayUser(user.Name) { Enabled = user.Enabled, Senders = user.Senders, Created = user.Created, Changed = user.Changed, Keys = keys };
    }

    private static ScramKeys Checked(Scram scram, string user)
    {
        var hash = ScramHash.All.FirstOrDefault(h => h.Mechanism == scram.Mechanism) ?? throw new FormatException($"the user '{user}' has a hash of an unknown kind.");
        if (scram.Iterations is < MinIterations or > MaxIterations || scram.Salt.Length < 8 || scram.StoredKey.Length != hash.Length || scram.ServerKey.Length != hash.Length)
            throw new FormatException($"a hash of the user '{user}' has a wrong length or number of iterations.");
        return new ScramKeys(hash, scram.Iterations, scram.Salt, scram.StoredKey, scram.ServerKey);
    }

    private sealed record Document(int Version, byte[] DecoyKey, IReadOnlyList<User> Users);

    private sealed record User(string Name, bool Enabled, IReadOnlyList<string> Senders, DateTimeOffset Created, DateTimeOffset Changed, IReadOnlyList<Scram> Scram);

    private sealed record Scram(string Mechanism, int Iterations, byte[] Salt, byte[] StoredKey, byte[] ServerKey);
}
