using System.Net;
using System.Text;
using MailOps.Relay.Server.Authentication;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Authentication;

public sealed class UserDirectoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-users-").FullName;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-03-01T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly RecordingTrace _trace = new();

    private string Path => System.IO.Path.Combine(_folder, "users.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_directory_keeps_no_password_and_tells_right_from_wrong()
    {
        using var directory = new UserDirectory([("a", Utf8("pass a"), []), ("b", Utf8("p\u00E4ssw\u00F6rd"), [])], null, _trace);
        foreach (var _ in new[] { "slow", "remembered" })
        {
            Assert.True(await VerifyAsync(directory, "a", "pass a"));
            Assert.True(await VerifyAsync(directory, "b", "pa\u0308sswo\u0308rd"));      // as another keyboard composes it
            Assert.False(await VerifyAsync(directory, "a", "p\u00E4ssw\u00F6rd"));
            Assert.False(await VerifyAsync(directory, "A", "pass a"));
            Assert.False(await VerifyAsync(directory, "nobody", "pass a"));
            Assert.False(await VerifyAsync(directory, "a", ""));
            Assert.False(await VerifyAsync(directory, "", ""));
            Assert.False(await VerifyAsync(directory, "a\u0007", "pass a"));
        }
    }

    [Fact]
    public async Task Whoever_does_not_exist_or_may_not_log_in_costs_as_much_as_a_wrong_password()
    {
        await AddAsync(User("known", "right"), User("disabled", "right") with { Enabled = false });
        using var directory = new UserDirectory([], new UsersFile(Path, _clock), _trace);
        foreach (var (name, password) in new[] { ("known", "wrong"), ("unknown", "wrong"), ("Known", "right"), ("disabled", "wrong"), ("disabled", "right"), ("unknown", "wrong") })
        {
            var before = directory.Iterations;
            Assert.False(await VerifyAsync(directory, name, password));
            Assert.Equal(5000, directory.Iterations - before);
        }
        Assert.True(await VerifyAsync(directory, "known", "right"));
        var paid = directory.Iterations;
        Assert.True(await VerifyAsync(directory, "known", "right"));
        Assert.Equal(paid, directory.Iterations);                                           // remembered
        Assert.False(await VerifyAsync(directory, "known", "wrong"));
        Assert.Equal(paid + 5000, directory.Iterations);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_has_the_cost_of_one_that_does_and_keeps_it()
    {
        await AddAsync(User("old", "x", 5000), User("new", "x", 7000));
        using var directory = new UserDirectory([], new UsersFile(Path, _clock), _trace);
        var seen = Enumerable.Range(0, 50).Select(i => directory.ScramKeysOf($"unknown {i}", ScramHash.Sha256)).ToList();
        Assert.Equal([5000, 7000], seen.Select(k => k.Iterations).Distinct().Order());
        using var restarted = new UserDirectory([], new UsersFile(Path, _clock), _trace);
        foreach (var (keys, i) in seen.Select((keys, i) => (keys, i)))
        {
            var again = restarted.ScramKeysOf($"unknown {i}", ScramHash.Sha256);
            Assert.Equal((keys.Iterations, Convert.ToHexString(keys.Salt)), (again.Iterations, Convert.ToHexString(again.Salt)));
        }
    }

    [Fact]
    public async Task A_disabled_user_proves_nothing_and_shows_the_salt_it_always_had()
    {
        await AddAsync(User("ada", "right"));
        using var directory = new UserDirectory([], new UsersFile(Path, _clock), _trace);
        var before = directory.ScramKeysOf("ada", ScramHash.Sha256);
        await ChangeAsync(users => [users[0] with { Enabled = false }]);
        await directory.RefreshAsync(TestContext.Current.CancellationToken);
        var after = directory.ScramKeysOf("ada", ScramHash.Sha256);
        Assert.Equal(before.Salt, after.Salt);
        Assert.Equal(before.Iterations, after.Iterations);
        Assert.NotEqual(before.StoredKey, after.StoredKey);
    }

    [Fact]
    public async Task A_file_that_changes_is_read_again_without_a_restart()
    {
        await AddAsync(User("ada", "first"));
        using var directory = new UserDirectory([], new UsersFile(Path, _clock), _trace);
        Assert.True(await VerifyAsync(directory, "ada", "first"));
        await ChangeAsync(users => [User("ada", "second"), User("grace", "hers")]);
        Assert.False(await VerifyAsync(directory, "ada", "first"));                         // not even from memory
        Assert.True(await VerifyAsync(directory, "ada", "second"));
        Assert.True(await VerifyAsync(directory, "grace", "hers"));
        await ChangeAsync(users => [.. users.Where(u => u.Name != "ada")]);
        Assert.False(await VerifyAsync(directory, "ada", "second"));
        Assert.Empty(_trace.Faults);
    }

    [Fact]
    public async Task A_file_that_became_damaged_is_told_once_and_what_it_said_stays_true()
    {
        await AddAsync(User("ada", "right"));
        using var directory = new UserDirectory([], new UsersFile(Path, _clock), _trace);
        var whole = await File.ReadAllTextAsync(Path, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path, whole[..^20], TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++) Assert.True(await VerifyAsync(directory, "ada", "right"));
        Assert.Contains("damaged", Assert.Single(_trace.Faults), StringComparison.Ordinal);
        File.Delete(Path);
        for (var i = 0; i < 3; i++) Assert.True(await VerifyAsync(directory, "ada", "right"));
        Assert.Equal(2, _trace.Faults.Count);
        await AddAsync(User("grace", "hers"));
        Assert.True(await VerifyAsync(directory, "grace", "hers"));
        Assert.False(await VerifyAsync(directory, "ada", "right"));
    }

    [Fact]
    public async Task A_file_that_hangs_holds_up_nobody_and_what_it_said_stays_true_until_it_answers()
    {
        await AddAsync(User("ada", "right"));
        var disk = new SlowDisk();
        using var directory = new UserDirectory([], new UsersFile(Path, _clock) { Reading = disk.Read }, _trace, _clock);
        Assert.True(await VerifyAsync(directory, "ada", "right"));
        disk.Hang();
        await AddAsync(User("grace", "hers"));
        // As a session asks between MAIL and its reply, at the thread that has just told it that its last message is on disk.
        Assert.Equal("ada", (await Task.Run(() => directory.Find("ada")).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken))?.Name);

        var login = VerifyAsync(directory, "ada", "right");
        Assert.False(login.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await login.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Contains("until the disk answers", Assert.Single(_trace.Faults), StringComparison.Ordinal);
        Assert.True(await VerifyAsync(directory, "ada", "right").WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));   // without a wait

        disk.Answer();
        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return directory.Find("grace") is not null;
        });
    }

    [Fact]
    public async Task However_many_log_in_while_the_disk_is_slow_they_wait_for_one_look_after_the_one_under_way()
    {
        await AddAsync(User("ada", "right"));
        var disk = new SlowDisk();
        using var directory = new UserDirectory([], new UsersFile(Path, _clock) { Reading = disk.Read }, _trace, _clock);
        disk.Hang();
        await AddAsync(User("grace", "hers"));
        var first = directory.RefreshAsync(TestContext.Current.CancellationToken).AsTask();
        await Poll.UntilAsync(() => directory.Looks == 1);
        Task[] others = [.. Enumerable.Range(0, 20).Select(_ => directory.RefreshAsync(TestContext.Current.CancellationToken).AsTask())];
        disk.Answer();
        await Task.WhenAll([first, .. others]).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(2, directory.Looks);
        await directory.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, directory.Looks);
    }

    [Fact]
    public async Task A_change_is_known_within_a_second_to_those_who_do_not_log_in()
    {
        await AddAsync(User("ada", "right"));
        using var directory = new UserDirectory([], new UsersFile(Path, _clock), _trace, _clock);
        await ChangeAsync(_ => [User("grace", "hers")]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Poll.UntilAsync(() => directory.Find("ada") is null && directory.Find("grace") is not null);
    }

    [Fact]
    public async Task The_configuration_goes_before_the_file()
    {
        await AddAsync(User("ada", "of the file") with { Senders = ["ada@file.test"] });
        using var directory = new UserDirectory([("ada", Utf8("of the configuration"), ["ada@configuration.test"])], new UsersFile(Path, _clock), _trace);
        Assert.True(await VerifyAsync(directory, "ada", "of the configuration"));
        Assert.False(await VerifyAsync(directory, "ada", "of the file"));
        Assert.Equal(["ada@configuration.test"], directory.Find("ada")!.Senders);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\tb")]
    public void A_name_or_password_that_cannot_be_is_told_at_once(string text)
    {
        foreach (var (name, password) in new[] { (text, "right"), ("right", text) })
        {
            Assert.Equal(ErrorCode.RelayUserInvalid, Assert.Throws<MailOpsException>(() => new UserDirectory([(name, Utf8(password), [])], null, _trace)).Code);
        }
    }

    [Fact]
    public async Task Nothing_of_a_user_says_its_keys()
    {
        var user = User("ada", "right");
        await AddAsync(user);
        foreach (var text in new[] { user.ToString(), user.Keys[0].ToString(), new UsersFile(Path, _clock).Read().Users[0].ToString() })
        {
            Assert.DoesNotContain(Convert.ToBase64String(user.Keys[0].StoredKey), text, StringComparison.Ordinal);
            Assert.DoesNotContain("Byte[]", text, StringComparison.Ordinal);
        }
    }

    private static RelayUser User(string name, string password, int iterations = 5000) =>
        new(name) { Keys = [.. ScramHash.All.Select((hash, i) => ScramKeys.Derive(hash, Utf8(password), Encoding.UTF8.GetBytes($"the salt of {name}"), iterations + i))] };

    private Task AddAsync(params RelayUser[] users) => ChangeAsync(before => [.. before, .. users]);

    private Task ChangeAsync(Func<IReadOnlyList<RelayUser>, IReadOnlyList<RelayUser>> change) =>
        new UsersFile(Path, _clock).ChangeAsync((users, _) => change(users), TestContext.Current.CancellationToken);

    // As a session logs somebody in.
    private static async Task<bool> VerifyAsync(UserDirectory directory, string user, string password)
    {
        await directory.RefreshAsync(TestContext.Current.CancellationToken);
        return await directory.VerifyAsync(user, Utf8(password), IPAddress.Loopback, TestContext.Current.CancellationToken);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A disk that does not answer for a while.</summary>
    private sealed class SlowDisk
    {
        private volatile TaskCompletionSource _answers = new();

        public SlowDisk() => Answer();

        public void Hang() => _answers = new();

        public void Answer() => _answers.SetResult();

        public byte[] Read(string path)
        {
            _answers.Task.Wait();
            return File.ReadAllBytes(path);
        }
    }
}
