using System.Diagnostics;
using System.Globalization;
using MailOps.Desktop.Client;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Desktop;

/// <summary>The client side in the build for Windows PowerShell, under Mono, sees and does what that for PowerShell 7 does.</summary>
public sealed class ClientScenarioTests : IDisposable
{
    private const string Mono = "/usr/bin/mono";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-desktop-");
    private readonly LoopbackSmtpServer _smtp = new(("RCPT TO:<no@", "550 5.1.1 No such mailbox"));
    private readonly TalkingServer _imap = new(ImapScript.Greeting, new ImapScript("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nFrom: Ann <a@x.test>\r\n\r\nHello\r\n").Answer);
    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["desktop.test MX"] = new Say(new("MX", "mail.desktop.test", 10), new("MX", "backup.desktop.test", 20)),
            ["mail.desktop.test A"] = new Say(new Rr("A", "192.0.2.1")),
            ["backup.desktop.test A"] = new Say(new Rr("A", "192.0.2.2")),
            ["desktop.test TXT"] = new Say(new Rr("TXT", "v=spf1 mx -all")),
            ["_dmarc.desktop.test TXT"] = new Say(new Rr("TXT", "v=DMARC1; p=reject; rua=mailto:r@desktop.test")),
            ["s1._domainkey.desktop.test TXT"] = new Say(new Rr("TXT", "v=DKIM1; p=")),
            ["_smtp._tls.desktop.test TXT"] = new Say(new Rr("TXT", "v=TLSRPTv1; rua=mailto:r@desktop.test")),
        },
    };

    public void Dispose()
    {
        _smtp.Dispose();
        _imap.Dispose();
        _dns.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Both_builds_see_the_same()
    {
        Assert.SkipUnless(File.Exists(Mono), "Mono is not installed (Debian: apt-get install mono-runtime libmono-system-net-http4.0-cil).");
        var here = await new ClientScenario(_smtp.Port, _imap.Port, _dns.Port, _folder.CreateSubdirectory("core").FullName).RunAsync();

        var there = await UnderMonoAsync(_folder.CreateSubdirectory("desktop").FullName);

        Assert.Equal(here, there);
        foreach (var expected in (string[])["mx: 10 mail.desktop.test 192.0.2.1, 20 backup.desktop.test 192.0.2.2", "spf 192.0.2.1: Pass", "spf 198.51.100.7: Fail", "sent: a@x.test Delivered, no@x.test Failed 550 SmtpRecipientRefused",
            "log: True False 2", "mailbox: 7-1 Grüße Ann <a@x.test>", "header: Grüße 2 00:00:05", "report: gone@x.test Failed 5.1.1 NoSuchUser"])
            Assert.Contains(expected, there);
        Assert.Equal(4, _smtp.Messages.Count);
        Assert.All(Enumerable.Range(0, 4), i => Assert.StartsWith("DKIM-Signature:", _smtp.Text(i), StringComparison.Ordinal));
    }

    private async Task<string[]> UnderMonoAsync(string folder)
    {
        var arguments = new[] { BuiltProgram(), Number(_smtp.Port), Number(_imap.Port), Number(_dns.Port), folder };
        using var process = Process.Start(new ProcessStartInfo(Mono, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["LANG"] = "C.UTF-8" } })!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            var errors = process.StandardError.ReadToEndAsync(timeout.Token);
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            if (await errors is { Length: > 0 } said) Assert.Fail(said + output);
            await process.WaitForExitAsync(timeout.Token);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    /// <summary>Beside this program's own folder, as artifacts/ lays projects out.</summary>
    private static string BuiltProgram() => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../MailOps.Desktop.Client", new DirectoryInfo(AppContext.BaseDirectory).Name, "MailOps.Desktop.Client.exe"));

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}
