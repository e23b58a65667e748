using System.Text;
using System.Text.Json.Nodes;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Server.Authentication;

public sealed class UsersFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-users-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "users.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_written_is_read()
    {
        var user = User("za\u017C\u00F3\u0142\u0107") with { Enabled = false, Senders = ["ada@example.test", "@example.test", "*"], Created = DateTimeOffset.UnixEpoch, Changed = DateTimeOffset.UnixEpoch.AddDays(1) };
        await AddAsync(user);
        var read = Assert.Single(new UsersFile(Path, TimeProvider.System).Read().Users);
        Assert.Equal((user.Name, user.Enabled, user.Created, user.Changed), (read.Name, read.Enabled, read.Created, read.Changed));
        Assert.Equal(user.Senders, read.Senders);
        Assert.True(read.KeysFor(ScramHash.Sha256)!.Matches("pencil"u8));
        Assert.True(read.KeysFor(ScramHash.Sha1)!.Matches("pencil"u8));
        Assert.DoesNotContain("pencil", await File.ReadAllTextAsync(Path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_its_owner_can_read_it_and_nothing_is_left_beside_it()
    {
        await AddAsync(User("ada"));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await File.WriteAllTextAsync(Path + ".new", "left by a crash", TestContext.Current.CancellationToken);
        await AddAsync(User("grace"));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Equal(["users.json", "users.json.lock"], Directory.GetFiles(_folder).Select(f => System.IO.Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Equal(2, new UsersFile(Path, TimeProvider.System).Read().Users.Count);
    }

    [Fact]
    public async Task Many_who_change_it_at_once_lose_nothing()
    {
        var user = User("user");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => AddAsync(user with { Name = $"user {i:00}" }))));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"user {i:00}"), new UsersFile(Path, TimeProvider.System).Read().Users.Select(u => u.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_change_that_throws_changes_nothing()
    {
        await AddAsync(User("ada"));
        var before = await File.ReadAllBytesAsync(Path, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<MailOpsException>(() => new UsersFile(Path, TimeProvider.System).ChangeAsync((_, _) => throw new MailOpsException("code", "no", "hint"), TestContext.Current.CancellationToken));
        Assert.Equal(before, await File.ReadAllBytesAsync(Path, TestContext.Current.CancellationToken));
        await AddAsync(User("grace"));
    }

    [Fact]
    public async Task Behind_a_link_the_file_is_replaced_and_not_the_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there that tests lack.");
        var real = System.IO.Path.Combine(_folder, "real.json");
        await new UsersFile(real, TimeProvider.System).ChangeAsync((_, _) => [User("ada")], TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path, real);
        await AddAsync(User("grace"));
        Assert.Equal(real, new FileInfo(Path).LinkTarget);
        Assert.Equal(2, new UsersFile(real, TimeProvider.System).Read().Users.Count);
    }

    [Theory]
    [InlineData("not JSON", "JSON")]
    [InlineData("[]", "JSON")]
    [InlineData("null", "holds nothing")]
    [InlineData("version=2", "newer MailOps")]
    [InlineData("version=0", "version")]
    [InlineData("-decoyKey", "JSON")]
    [InlineData("decoyKey=\"AAAA\"", "key")]
    [InlineData("extra=1", "JSON")]
    [InlineData("users.0.name=\"\"", "name")]
    [InlineData("users.0.name=\"a\\u0007\"", "name")]
    [InlineData("users.0.senders=[\"nobody\"]", "nobody")]
    [InlineData("users.0.senders=null", "JSON")]
    [InlineData("users.0.senders=[null]", "null")]
    [InlineData("users=[null]", "null")]
    [InlineData("users.0.scram=[null]", "null")]
    [InlineData("users.0.scram.0.mechanism=\"SCRAM-MD5\"", "unknown kind")]
    [InlineData("users.0.scram.0.mechanism=\"SCRAM-SHA-1\"", "length")]
    [InlineData("users.0.scram=[]", "not one of each kind")]
    [InlineData("users.0.scram.0.iterations=1", "iterations")]
    [InlineData("users.0.scram.0.iterations=2000000000", "iterations")]
    [InlineData("users.0.scram.0.salt=\"AAAA\"", "length")]
    [InlineData("users.0.scram.0.storedKey=\"AAAA\"", "length")]
    [InlineData("users.0.scram.1.serverKey=\"AAAA\"", "length")]
    [InlineData("users.0.scram.0.storedKey=\"!\"", "JSON")]
    [InlineData("users.1.name=\"ada\"", "twice")]
    public async Task Damage_is_told_and_nothing_of_the_file_is_believed(string damage, string says)
    {
        await AddAsync(User("ada"), User("grace"));
        await File.WriteAllTextAsync(Path, Damage(await File.ReadAllTextAsync(Path, TestContext.Current.CancellationToken), damage), TestContext.Current.CancellationToken);
        var e = Assert.Throws<MailOpsException>(() => new UsersFile(Path, TimeProvider.System).Read());
        Assert.Equal(ErrorCode.RelayUserFileUnusable, e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<MailOpsException>(() => AddAsync(User("new")));             // nor written over
    }

    [Theory]
    [InlineData("pipe", "It is empty, or no file.")]
    [InlineData("empty", "It is empty, or no file.")]
    [InlineData("huge", "67108864 are the most.")]
    [InlineData("folder", "It is a folder.")]
    public async Task What_is_no_file_of_users_is_not_read(string what, string says)
    {
        if (what == "pipe") NamedPipe.Create(Path);
        else if (what == "empty") await File.WriteAllTextAsync(Path, "", TestContext.Current.CancellationToken);
        else if (what == "folder") Directory.CreateDirectory(Path);
        else
        {
            await using var file = File.Create(Path);
            file.SetLength((64 << 20) + 1);
        }
        var reading = Task.Run(() => Assert.Throws<MailOpsException>(() => new UsersFile(Path, TimeProvider.System).Read()));
        Assert.Contains(says, (await reading.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_told()
    {
        var e = await Assert.ThrowsAsync<MailOpsException>(() => new UsersFile(System.IO.Path.Combine(_folder, "absent", "users.json"), TimeProvider.System).ChangeAsync((users, _) => users, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.RelayUserFileUnusable, e.Code);
        Assert.Equal(ErrorCode.RelayUserFileUnusable, Assert.Throws<MailOpsException>(() => new UsersFile(Path, TimeProvider.System).Read()).Code);
    }

    private static string Damage(string whole, string damage)
    {
        if (damage is "not JSON" or "[]" or "null") return damage;
        var root = JsonNode.Parse(whole)!;
        if (damage[0] == '-')
        {
            root.AsObject().Remove(damage[1..]);
            return root.ToJsonString();
        }
        var (path, value) = (damage.Split('=', 2)[0].Split('.'), JsonNode.Parse(damage.Split('=', 2)[1]));
        var node = root;
        foreach (var step in path[..^1]) node = int.TryParse(step, out var index) ? node[index]! : node[step]!;
        node[path[^1]] = value;
        return root.ToJsonString();
    }

    private static RelayUser User(string name) => new(name) { Keys = [.. ScramHash.All.Select(hash => ScramKeys.Derive(hash, "pencil"u8, Encoding.UTF8.GetBytes("some salt"), 4096))] };

    private Task AddAsync(params RelayUser[] users) =>
        new UsersFile(Path, TimeProvider.System).ChangeAsync((before, _) => [.. before, .. users], TestContext.Current.CancellationToken);
}
