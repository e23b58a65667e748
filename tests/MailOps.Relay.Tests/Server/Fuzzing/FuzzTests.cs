using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Text;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Tests.Server.Authentication;

namespace MailOps.Relay.Tests.Server.Fuzzing;

/// <summary>Whatever bytes come in whatever state, a session answers with replies or ends: no exception, no hang, nothing left behind.</summary>
public sealed class FuzzTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("mailops-fuzz-");
    private readonly TokenMaker _issuer = new();

    private string KeyFile => Path.Combine(_keys.FullName, "keys.json");

    public void Dispose()
    {
        _issuer.Dispose();
        _keys.Delete(recursive: true);
    }

    [Fact]
    public async Task No_bytes_in_any_state_bring_a_session_out_of_step()
    {
        // The long run of bench/fuzz.sh is this one with more inputs; the seed is told where it fails.
        var inputs = Setting("MAILOPS_FUZZ_INPUTS", 20_000);
        var seed = Setting("MAILOPS_FUZZ_SEED", 20261123);
        await File.WriteAllTextAsync(KeyFile, _issuer.KeySet().ToJsonString(), TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(worker => Task.Run(() => RunAsync(inputs / 2, unchecked(seed + worker), worker == 0))));
    }

    private async Task RunAsync(int inputs, int seed, bool tells)
    {
        await using var server = Start();
        var fuzz = new SessionFuzz(seed);
        var began = Stopwatch.StartNew();
        var memory = 0L;
        for (var round = 0; round < inputs; round++)
        {
            var input = fuzz.Next(round);
            try
            {
                await PlayAsync(server, input).WaitAsync(Patience);
                Assert.All(server.Trace.Faults, fault => Assert.Contains(", PROXY header from ", fault, StringComparison.Ordinal));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}, round {round}, {input.State.Name}: {Convert.ToBase64String(input.Odd)}", e);
            }
            server.Target.Taken.Clear();
            server.Trace.Events.Clear();
            server.Trace.Faults.Clear();
            if (round == inputs / 4) memory = GC.GetTotalMemory(forceFullCollection: true);
            if (tells && round % 100_000 == 99_999) Tell(round + 1, inputs, began.Elapsed);
        }
        Assert.Equal(0, server.Server.SessionCount);
        Assert.Empty(Directory.EnumerateFileSystemEntries(server.Folder));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 48 << 20);
    }

    // For a person who watches a long run.
    private static void Tell(int done, int inputs, TimeSpan elapsed)
    {
        if (Environment.GetEnvironmentVariable("MAILOPS_FUZZ_REPORT") is { Length: > 0 } report)
            File.AppendAllText(report, string.Create(CultureInfo.InvariantCulture, $"{2L * done} of {2L * inputs} inputs, {2 * done / elapsed.TotalSeconds:F0} a second, {Environment.WorkingSet >> 20} MiB\n"));
    }

    private static async Task PlayAsync(TestServer server, FuzzInput input)
    {
        if (input.State.Wire is FuzzWire.Tls or FuzzWire.Records)
        {
            var inside = await InTlsAsync(server, input);
            if (input.State.Wire == FuzzWire.Tls || inside.Length > 0) AssertReplies(inside);   // broken records may come before the greeting
            return;
        }
        var before = input.Before.Length;
        // The handshake is due only where nothing came along with STARTTLS.
        var wire = new WireStream([.. input.Before, .. input.Odd], input.State.Wire == FuzzWire.Handshake ? () => before > 0 ? Interlocked.Exchange(ref before, 0) : input.Piece() : input.Piece);
        await server.Server.ServeAsync(wire, IPAddress.Loopback, server.Server.Bound[input.State.Wire == FuzzWire.Proxy ? 1 : 0]);
        if (input.State.Wire == FuzzWire.Handshake) Assert.Contains("\r\n220 2.0.0 Ready to start TLS\r\n", wire.Said, StringComparison.Ordinal);
        else if (input.State.Wire != FuzzWire.Proxy || wire.Said.Length > 0) AssertReplies(wire.Said);
    }

    private static async Task<string> InTlsAsync(TestServer server, FuzzInput input)
    {
        var (client, end) = DuplexStream.Pair();
        var serving = server.Server.ServeAsync(end, IPAddress.Loopback, server.Server.Bound[2]);
        await using var tls = new SslStream(client);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mx.example.test", RemoteCertificateValidationCallback = (_, certificate, _, _) => TestServer.IsItsCertificate(certificate) });
        byte[] bytes = [.. input.Before, .. input.Odd];
        try
        {
            Stream to = input.State.Wire == FuzzWire.Records ? client : tls;
            for (var sent = 0; sent < bytes.Length;)
            {
                var piece = Math.Min(Math.Max(input.Piece(), 16), bytes.Length - sent);   // smaller ones would only be records
                await to.WriteAsync(bytes.AsMemory(sent, piece));
                sent += piece;
            }
            if (to == tls) await tls.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The server had enough before all was said.
        }
        await client.EndAsync();
        await serving;
        var said = new MemoryStream();
        await tls.CopyToAsync(said);   // not earlier: to end TLS while another reads is more than OpenSSL bears
        return Encoding.Latin1.GetString(said.ToArray());
    }

    private static void AssertReplies(string said)
    {
        Assert.EndsWith("\r\n", said, StringComparison.Ordinal);
        foreach (var line in said[..^2].Split("\r\n"))
        {
            var isReply = line.Length >= 4 && line[0] is >= '2' and <= '5' && char.IsAsciiDigit(line[1]) && char.IsAsciiDigit(line[2]) && line[3] is ' ' or '-' && line.All(c => c is >= ' ' and <= '~');
            if (!isReply) Assert.Fail($"This is no reply: {line}");
        }
    }

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private TestServer Start()
    {
        var user = new OneUser(TestServer.User, ScramKeys.Derive(ScramHash.Sha256, Encoding.ASCII.GetBytes(TestServer.Password), new byte[16], 4096));
        var thumbprint = Convert.ToHexString(new byte[32]);
        return TestServer.Start(clock: new ImpatientClock(), users: user, with: o => o with
        {
            Limits = o.Limits with { MaxErrors = 8, MaxMessageSize = 65536 },
            Authentication = new AuthenticationOptions { Issuers = [TokenMaker.Options with { Keys = KeyFile }] },
            Listeners =
            [
                o.Listeners[0] with { AllowPlainTextAuthentication = true, XclientNetworks = ["127.0.0.1"] },
                o.Listeners[0] with { AllowPlainTextAuthentication = true, ProxyNetworks = ["127.0.0.1"] },
                o.Listeners[0] with { Tls = TlsMode.Implicit, ClientCertificates = new ClientCertificateOptions { Thumbprints = [thumbprint] } },
            ],
        });
    }
}
