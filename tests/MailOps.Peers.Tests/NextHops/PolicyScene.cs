using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailKit.Security;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;
using MimeKit;

namespace MailOps.Peers.Tests.NextHops;

/// <summary>
/// A relay, unbound, web servers with policies, and a Postfix whose addresses show different certificates: all in a network where 443 and 25 are theirs. It runs once for all tests of
/// the class. First every domain gets its mail; then the relay is stopped, an attacker comes or time passes, and the relay, started again, goes on with what waits.
/// </summary>
public sealed class PolicyScene : IDisposable
{
    /// <summary>When something was seen.</summary>
    public enum When
    {
        /// <summary>While everybody could be reached.</summary>
        First,
        /// <summary>After the relay was started again.</summary>
        Later,
    }

    private const string Proven = "127.0.0.1", Elsewhere = "127.0.0.2", SelfSigned = "127.0.0.3", Plain = "127.0.0.4", Outdated = "127.0.0.5";
    private const string Web = "198.51.100.80", MortalWeb = "198.51.100.81", AttackersWeb = "198.51.100.82";

    // Each domain NAME.test has the mail exchanger mx.NAME.test there, and its policy there; "" for none.
    private static readonly (string Name, string Server, string Web, string Policy)[] Domains =
    [
        ("good", Proven, Web, Enforce("good")),
        ("other", Elsewhere, Web, Enforce("other")),
        ("selfsigned", SelfSigned, Web, Enforce("selfsigned")),
        ("outdated", Outdated, Web, Enforce("outdated")),
        ("unlisted", Proven, Web, "version: STSv1\nmode: enforce\nmx: elsewhere.unlisted.test\nmx: *.mx.unlisted.test\nmax_age: 86400\n"),
        ("stripped", Plain, Web, Enforce("stripped")),
        ("testing", Elsewhere, Web, Enforce("testing").Replace("enforce", "testing", StringComparison.Ordinal)),
        ("attacked", SelfSigned, AttackersWeb, "version: STSv1\nmode: enforce\nmx: mx.attacker.test\nmax_age: 86400\n"),
        ("cached", Elsewhere, MortalWeb, Enforce("cached")),
        ("silenced", Elsewhere, MortalWeb, Enforce("silenced")),
        ("robbed", Elsewhere, MortalWeb, Enforce("robbed")),
        ("expired", Elsewhere, MortalWeb, Enforce("expired")),
        ("renewed", Elsewhere, Web, Enforce("renewed")),
        ("required", SelfSigned, "", ""),
        ("free", SelfSigned, "", ""),
    ];

    private readonly TestFolder _folder = new(), _peer = new();
    private readonly Dictionary<string, int> _deferred = [];
    private readonly Lazy<Task> _played;

    /// <summary>A scene that is played when the first test asks for it.</summary>
    public PolicyScene() => _played = new Lazy<Task>(() => Network.RunAsync([Web, MortalWeb, AttackersWeb], PlayAsync));

    /// <summary>What Postfix and the relay wrote.</summary>
    public string Log { get; private set; } = "";

    /// <summary>What the queues of the second relay said, as <c>queue|LastError</c>.</summary>
    public string LastErrors { get; private set; } = "";

    /// <summary>The names that were asked for where the attacker's web server was.</summary>
    public IReadOnlyCollection<string> AttackerGreeted { get; private set; } = [];

    /// <summary>The hosts whose policies were fetched after the relay was started again.</summary>
    public IReadOnlyCollection<string> AskedLater { get; private set; } = [];

    /// <summary>The domains whose policies were kept over the relay's stop, and had expired when it was started again.</summary>
    public IReadOnlyCollection<string> Aged { get; private set; } = [];

    /// <summary>Plays the scene, or waits until it is.</summary>
    public Task PlayedAsync() => _played.Value;

    /// <summary>The message that Postfix has for an address; null for none.</summary>
    public string? Delivered(string address) => Maildir.First(_peer.At($"mail/{address}")) is { } message ? Encoding.Latin1.GetString(message) : null;

    /// <summary>The attempts that failed for now, in order of time.</summary>
    public IReadOnlyList<string> Deferrals(string address, When when)
    {
        var (all, first) = (TrackingLog.Events(_folder, "DEFER", address), _deferred[address]);
        return when == When.First ? [.. all.Take(first)] : [.. all.Skip(first)];
    }

    /// <summary>The events that ended it for an address.</summary>
    public IReadOnlyList<string> Failures(string address) => TrackingLog.Events(_folder, "FAIL", address);

    /// <summary>The bounces that came back to the sender.</summary>
    public IReadOnlyList<string> Bounces => [.. Maildir.Messages(_folder.At("mail/example.test/sender")).Select(Encoding.UTF8.GetString)];

    /// <inheritdoc/>
    public void Dispose()
    {
        _folder.Dispose();
        _peer.Dispose();
    }

    private static string Enforce(string name) => $"version: STSv1\nmode: enforce\nmx: mx.{name}.test\nmax_age: 86400\n";

    private async Task PlayAsync()
    {
        var authority = new TestAuthority(_peer);
        IssuedCertificate Issued(string name, params string[] names) => authority.Issue(name + ".", 30, names);
        var (web, attacker) = (Issued("web", [.. Domains.Select(domain => $"mta-sts.{domain.Name}.test")]), Issued("attacker", "attacker.test", "mta-sts.attacker.test"));
        string[] recipients = [.. Domains.Select(domain => $"known@{domain.Name}.test"), "optional@other.test", "optional@stripped.test", "secret@good.test", "secret@other.test"];
        await using var postfix = await Postfix.StartWithAsync(_peer, recipients, 25, [
            Service(Elsewhere, Issued("elsewhere", "elsewhere.test")),
            Service(SelfSigned, TestAuthority.SelfSigned(_peer, "selfsigned.", "mx.selfsigned.test", "mx.attacked.test", "mx.required.test", "mx.free.test")),
            Service(Plain, null),
            Service(Outdated, authority.Issue("outdated.", -1, "mx.outdated.test")),
        ], [.. Tls(Issued("proven", "mx.good.test", "mx.unlisted.test")), "smtpd_tls_received_header = yes", "smtpd_tls_loglevel = 1"]);
        await using var policies = new PolicyServer(Web, web, Domains.ToDictionary(domain => $"{domain.Name}.test", domain => domain.Policy));
        await using var theirs = new PolicyServer(AttackersWeb, attacker, new Dictionary<string, string> { ["attacked.test"] = Domains.Single(domain => domain.Name == "attacked").Policy, ["robbed.test"] = "version: STSv1\nmode: none\nmax_age: 86400\n" });
        await FirstAsync(postfix, web, recipients);
        Aged = TimePasses("expired.test", "renewed.test");
        var before = policies.Asked.Count;
        await LaterAsync(postfix);
        (AttackerGreeted, AskedLater) = ([.. theirs.Greeted], [.. policies.Asked.Skip(before)]);
        Log += postfix.Log;
    }

    private async Task FirstAsync(Postfix postfix, IssuedCertificate web, string[] recipients)
    {
        await using var mortal = new PolicyServer(MortalWeb, web, Domains.ToDictionary(domain => $"{domain.Name}.test", domain => domain.Policy));
        await using var unbound = await Unbound.StartAsync(_peer, [.. Domains.SelectMany(domain => Records(domain.Name, domain.Server, domain.Web, domain.Web.Length > 0 ? 1 : null))]);
        await using var relay = await RelayHost.StartAsync(_folder, Configuration(unbound), Trusting());
        foreach (var recipient in recipients)
        {
            if (recipient.StartsWith("secret@", StringComparison.Ordinal)) await SendSecretlyAsync(relay, recipient);
            else await SendAsync(relay, recipient);
        }
        foreach (var recipient in recipients)
            await Until.TrueAsync(() => HasOutcome(recipient, 0), () => recipient + postfix.Log + relay.Output + TrackingLog.Text(_folder));
        await relay.StopAsync();
        foreach (var recipient in recipients) _deferred[recipient] = TrackingLog.Events(_folder, "DEFER", recipient).Count;
        Log += relay.Output;
    }

    // A relay that a script runs, which can say what its queues say.
    private async Task LaterAsync(Postfix postfix)
    {
        await using var unbound = await Unbound.StartAsync(_peer, [.. Domains.SelectMany(domain => Records(domain.Name, domain.Server, domain.Name == "robbed" ? AttackersWeb : domain.Web, domain.Name switch
        {
            "silenced" or "required" or "free" => null,
            "cached" or "robbed" or "expired" => 2,
            _ => 1,
        }))]);
        var script = _folder.Write("later.ps1", $$"""
            Start-SmtpRelay -Configuration '{{_folder.Write("later.json", RelayHost.Json(Configuration(unbound)))}}' | Out-Null
            while ($true) {
                foreach ($queue in Get-SmtpRelayQueue) { "$($queue.Identity)|$($queue.LastError)" }
                'Looked'
                [Threading.Thread]::Sleep(300)
            }
            """);
        await using var relay = ChildProcess.Start("dotnet", [Installed.Host(), "run", script], Trusting());
        foreach (var recipient in Domains.Select(domain => $"known@{domain.Name}.test"))
            await Until.TrueAsync(() => HasOutcome(recipient, _deferred[recipient]), () => recipient + postfix.Log + relay.Output + TrackingLog.Text(_folder));
        // What has been written down was settled; a look that begins now shows it.
        var looks = relay.Lines.Count(line => line == "Looked");
        await Until.TrueAsync(() => relay.HasExited || relay.Lines.Count(line => line == "Looked") > looks + 1, () => relay.Output);
        LastErrors = relay.Output;
        relay.Terminate();
        await relay.ExitAsync();
    }

    private bool HasOutcome(string recipient, int deferrals) =>
        Delivered(recipient) is not null || Failures(recipient).Count > 0 || TrackingLog.Events(_folder, "DEFER", recipient).Count > deferrals;

    // Two days of it, for the policies of some domains, which count for one; those that were kept.
    private List<string> TimePasses(params string[] domains)
    {
        var file = _folder.At("queue/trust/mta-sts.json");
        if (!File.Exists(file)) return [];
        var text = File.ReadAllText(file);
        List<string> kept = [];
        foreach (var domain in domains)
        {
            var entry = new Regex($$"""("domain":\s*"{{Regex.Escape(domain)}}",\s*"id":\s*"1",\s*"fetched":\s*")[^"]+""", RegexOptions.IgnoreCase);
            if (entry.IsMatch(text)) kept.Add(domain);
            text = entry.Replace(text, "${1}" + DateTimeOffset.UtcNow.AddDays(-2).ToString("O", CultureInfo.InvariantCulture));
        }
        File.WriteAllText(file, text);
        return kept;
    }

    private static string[] Records(string name, string server, string web, int? id) =>
    [
        $"{name}.test. MX 10 mx.{name}.test.", $"mx.{name}.test. A {server}",
        .. web.Length > 0 ? [$"mta-sts.{name}.test. A {web}"] : Array.Empty<string>(),
        .. id is { } known ? [$"_mta-sts.{name}.test. TXT \"v=STSv1; id={known.ToString(CultureInfo.InvariantCulture)};\""] : Array.Empty<string>(),
    ];

    private static string[] Tls(IssuedCertificate certificate) => [$"smtpd_tls_chain_files = {certificate.KeyFile}, {certificate.ChainFile}", "smtpd_tls_security_level = may"];

    private static string Service(string address, IssuedCertificate? certificate) =>
        $"{address}:25 inet n - n - - smtpd{string.Concat((certificate is null ? ["smtpd_tls_security_level = none"] : Tls(certificate)).Select(setting => $"\n  -o {{ {setting} }}"))}";

    private static async Task SendAsync(RelayHost relay, string recipient)
    {
        await using var client = await WireClient.GreetAsync(relay.Port);
        var content = (recipient.StartsWith("optional@", StringComparison.Ordinal) ? "TLS-Required: No\r\n" : "") + "Subject: x\r\n\r\nx\r\n";
        Assert.StartsWith("250 2.", await client.SubmitAsync("sender@example.test", recipient, Encoding.ASCII.GetBytes(content)), StringComparison.Ordinal);
    }

    // With REQUIRETLS, which has to be asked for inside TLS.
    private static async Task SendSecretlyAsync(RelayHost relay, string recipient)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var client = new MailKit.Net.Smtp.SmtpClient { CheckCertificateRevocation = false, RequireTLS = true, ServerCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject.Contains("relay.example.test", StringComparison.Ordinal) == true };
        var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, relay.Port, cancel);
        await client.ConnectAsync(socket, "localhost", relay.Port, SecureSocketOptions.StartTls, cancel);
        Assert.True(client.Capabilities.HasFlag(MailKit.Net.Smtp.SmtpCapabilities.RequireTLS));
        using var message = new MimeMessage([new MailboxAddress("", "sender@example.test")], [new MailboxAddress("", recipient)], "Secret", new TextPart("plain") { Text = "Very secret\r\n" });
        await client.SendAsync(message, cancel);
        await client.DisconnectAsync(true, cancel);
    }

    private object Configuration(Unbound unbound) => new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "StartTls" } },
        localDomains = new[] { new { name = "example.test", mailboxPath = _folder.At("mail") } },
        routes = new object[] { new { kind = "Mx", domain = "required.test", tls = "StartTls" }, new { kind = "Mx" } },
        retry = new { firstDelay = "00:00:01", maxDelay = "00:00:02" },
        delivery = new { dnsServers = new[] { $"127.0.0.1:{unbound.Port.ToString(CultureInfo.InvariantCulture)}" }, connectionIdle = "00:00:00" },
    };

    private KeyValuePair<string, string>[] Trusting() => [new("SSL_CERT_FILE", _peer.At("authority.pem")), new("SSL_CERT_DIR", _folder.Location)];
}
