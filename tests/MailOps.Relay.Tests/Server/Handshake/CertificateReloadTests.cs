using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Handshake;

public sealed class CertificateReloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-reload-").FullName;

    [Fact]
    public async Task Changed_files_are_read_while_the_listener_is_open_and_sessions_keep_what_they_have()
    {
        var files = new CertificateFiles(_folder, "a").Write("first");
        await using var server = Start(files);
        await using var client = await TestClient.ConnectAsync(server.Port);
        await using var early = new TestClient(null, await TlsClient.SecureAsync(client.Stream, null));
        Assert.StartsWith("220 ", await early.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("first", await TlsClient.SubjectAsync(server, null));
        files.Write("second");
        await UntilShownAsync(server, "second");
        Assert.Equal("CN=second", server.Server.Listeners[0].Certificate!.Subject);
        Assert.Equal("250 2.0.0 OK", await early.AskAsync("NOOP"));
        Assert.Empty(server.Trace.Faults);
    }

    [Fact]
    public async Task A_bad_file_is_told_once_and_the_certificate_stays_until_there_is_a_good_one()
    {
        var files = new CertificateFiles(_folder, "a").Write("first");
        await using var server = Start(files);
        File.WriteAllText(files.Path, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
        await server.TurnClockUntilAsync(() => !server.Trace.Faults.IsEmpty, TimeSpan.FromSeconds(1));
        await TurnAsync(server, 30);
        var fault = Assert.Single(server.Trace.Faults);
        Assert.Contains("reading changed certificates; the ones before stay in use", fault, StringComparison.Ordinal);
        Assert.Contains(files.Path, fault, StringComparison.Ordinal);
        Assert.Equal("first", await TlsClient.SubjectAsync(server, null));
        File.Delete(files.Path);
        await server.TurnClockUntilAsync(() => server.Trace.Faults.Count == 2, TimeSpan.FromSeconds(1));
        Assert.Equal("first", await TlsClient.SubjectAsync(server, null));
        files.Write("second");
        await UntilShownAsync(server, "second");
        Assert.Equal(2, server.Trace.Faults.Count);
    }

    [Fact]
    public async Task A_renewal_behind_symbolic_links_is_seen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows asks for a right to make symbolic links.");
        var (one, two, live) = (new CertificateFiles(_folder, "1").Write("first"), new CertificateFiles(_folder, "2").Write("second"), new CertificateFiles(_folder, "live"));
        foreach (var time in new[] { one.Path, one.KeyPath, two.Path, two.KeyPath }) File.SetLastWriteTimeUtc(time, DateTime.UnixEpoch);
        Link(one);
        await using var server = Start(live);
        Assert.Equal("first", await TlsClient.SubjectAsync(server, null));
        Link(two);
        await UntilShownAsync(server, "second");

        void Link(CertificateFiles to)
        {
            File.Delete(live.Path);
            File.Delete(live.KeyPath);
            File.CreateSymbolicLink(live.Path, to.Path);
            File.CreateSymbolicLink(live.KeyPath, to.KeyPath);
        }
    }

    [Fact]
    public async Task A_reload_that_is_asked_for_happens_at_once_and_says_what_is_wrong()
    {
        var (files, sni) = (new CertificateFiles(_folder, "a").Write("first"), new CertificateFiles(_folder, "b").Write("sni", "b.test"));
        await using var server = Start(files, sni);
        files.Write("second");
        server.Server.ReloadCertificates();
        Assert.Equal("second", await TlsClient.SubjectAsync(server, null));
        files.Write("third");
        File.WriteAllText(sni.KeyPath, CertificateFiles.Make("another").Key);
        var e = Assert.Throws<MailOpsException>(server.Server.ReloadCertificates);
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, e.Code);
        Assert.Contains(sni.Path, e.Message, StringComparison.Ordinal);
        Assert.Equal("second", await TlsClient.SubjectAsync(server, null));
        Assert.Equal("sni", await TlsClient.SubjectAsync(server, "b.test"));
    }

    [Fact]
    public void A_file_that_cannot_be_used_at_the_start_is_an_error_that_names_it()
    {
        var files = new CertificateFiles(_folder, "a");
        var e = Assert.Throws<MailOpsException>(() => Start(files));
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, e.Code);
        Assert.Contains(files.Path, e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static TestServer Start(CertificateFiles files, params CertificateFiles[] sni) => TestServer.Start(
        clock: new FakeTimeProvider(), with: TestServer.Listener(l => l with { Tls = TlsMode.Implicit, Certificate = files.Options, SniCertificates = [.. sni.Select(f => f.Options)] }));

    private static async Task UntilShownAsync(TestServer server, string subject)
    {
        for (var i = 0; i < 500 && await TlsClient.SubjectAsync(server, null) != subject; i++) await TurnAsync(server, 1);
        Assert.Equal(subject, await TlsClient.SubjectAsync(server, null));
    }

    private static async Task TurnAsync(TestServer server, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            ((FakeTimeProvider)server.Clock).Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
