using System.Text;
using MailOps.Providers;

namespace MailOps.Core.Tests.Providers;

public sealed class SettingsFetcherTests
{
    private static readonly Uri Place = new("https://autoconfig.example.test/mail/config-v1.1.xml");

    [Fact]
    public async Task Redirections_are_followed_to_a_bound_and_shown()
    {
        using var web = new FakeWeb { ["https://autoconfig.example.test/mail/config-v1.1.xml"] = new(302, "https://other.example/a"), ["https://other.example/a"] = new(301, "/b"), ["https://other.example/b"] = new(200, "<x/>") };
        using var fetcher = new SettingsFetcher(TimeSpan.FromSeconds(30), web);

        var fetch = await fetcher.FetchAsync(Place, null, TestContext.Current.CancellationToken);

        Assert.Equal("<x/>", Encoding.UTF8.GetString(fetch.Content!));
        Assert.Equal(["https://other.example/a", "https://other.example/b"], fetch.Redirects);
    }

    [Fact]
    public async Task A_circle_of_redirections_ends()
    {
        using var web = new FakeWeb { ["https://autoconfig.example.test/mail/config-v1.1.xml"] = new(302, Place.AbsoluteUri) };
        using var fetcher = new SettingsFetcher(TimeSpan.FromSeconds(30), web);

        var fetch = await fetcher.FetchAsync(Place, null, TestContext.Current.CancellationToken);

        Assert.Null(fetch.Content);
        Assert.Equal("more than 5 redirections", fetch.Fault);
        Assert.Equal(6, web.Asked.Count);
    }

    [Theory]
    [InlineData("http://autoconfig.example.test/", "without TLS")]
    [InlineData("ftp://autoconfig.example.test/", "without TLS")]
    [InlineData("file:///etc/passwd", "without TLS")]
    [InlineData("https://name:secret@example.test/", "with a user name in it")]
    [InlineData("https://example.test:8443/", "on another port")]
    [InlineData("https://169.254.169.254/latest", "that is no domain name")]
    [InlineData("https://[::1]/", "that is no domain name")]
    [InlineData("https://localhost/", "that is no domain name")]
    public async Task One_does_not_go_where_a_stranger_could_send_one(string location, string reason)
    {
        using var web = new FakeWeb { [Place.AbsoluteUri] = new(302, location) };
        using var fetcher = new SettingsFetcher(TimeSpan.FromSeconds(30), web);

        var fetch = await fetcher.FetchAsync(Place, null, TestContext.Current.CancellationToken);

        Assert.Null(fetch.Content);
        Assert.Contains(reason, fetch.Fault, StringComparison.Ordinal);
        Assert.Equal([Place.AbsoluteUri], web.Asked);
    }

    [Fact]
    public async Task From_plain_one_goes_on_to_plain_and_to_TLS()
    {
        using var web = new FakeWeb { ["http://a.test/"] = new(302, "http://b.test/"), ["http://b.test/"] = new(302, "https://c.test/"), ["https://c.test/"] = new(200, "<x/>") };
        using var fetcher = new SettingsFetcher(TimeSpan.FromSeconds(30), web);

        Assert.NotNull((await fetcher.FetchAsync(new Uri("http://a.test/"), null, TestContext.Current.CancellationToken)).Content);
    }

    [Fact]
    public async Task An_endless_answer_is_cut_and_a_stalled_one_ends_in_time()
    {
        using var stream = new SlowStream(endless: true);
        using var web = new FakeWeb { ["https://endless.test/"] = new(200, () => stream), ["https://stalled.test/"] = new(200, () => new SlowStream(endless: false)) };
        using var fetcher = new SettingsFetcher(TimeSpan.FromSeconds(2), web);

        var endless = await fetcher.FetchAsync(new Uri("https://endless.test/"), null, TestContext.Current.CancellationToken);
        var stalled = await fetcher.FetchAsync(new Uri("https://stalled.test/"), null, TestContext.Current.CancellationToken);

        Assert.Equal("the answer has more than 256 KiB", endless.Fault);
        Assert.InRange(stream.Taken, SettingsFetcher.MaxSize, SettingsFetcher.MaxSize + 1);
        Assert.Equal("no answer in time", stalled.Fault);
    }

    [Fact]
    public async Task Who_gives_up_is_not_kept()
    {
        using var web = new FakeWeb { ["https://stalled.test/"] = new(200, () => new SlowStream(endless: false)) };
        using var fetcher = new SettingsFetcher(TimeSpan.FromMinutes(10), web);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetcher.FetchAsync(new Uri("https://stalled.test/"), null, stop.Token));
    }

    [Fact]
    public async Task What_wants_a_password_gets_none()
    {
        using var web = new FakeWeb { [Place.AbsoluteUri] = new(401, "") };
        using var fetcher = new SettingsFetcher(TimeSpan.FromSeconds(30), web);

        Assert.Contains("wants a password", (await fetcher.FetchAsync(Place, null, TestContext.Current.CancellationToken)).Fault, StringComparison.Ordinal);
        Assert.DoesNotContain(web.Headers, header => header.Contains("Authorization", StringComparison.OrdinalIgnoreCase) || header.Contains("Cookie", StringComparison.OrdinalIgnoreCase));
    }

    private sealed class SlowStream(bool endless) : Stream
    {
        /// <summary>How many bytes were read of it.</summary>
        public int Taken { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!endless) await Task.Delay(Timeout.Infinite, cancellationToken);
            buffer.Span.Fill((byte)'x');
            Taken += buffer.Length;
            return buffer.Length;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
