namespace MailOps.PowerShell.Tests.Loading;

/// <summary>The Desktop half of the module under Mono: loaded as Windows PowerShell 5.1 does it, then used.</summary>
public sealed class DesktopTests : IClassFixture<Engine>
{
    private readonly Engine _engine;

    public DesktopTests(Engine engine) => _engine = engine;

    [Fact]
    public async Task It_loads_its_own_dependencies_and_sends_with_them()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mono"), "Mono is not installed (Debian: apt-get install mono-runtime libmono-system-net-http4.0-cil).");
        using var folder = new TempFolder();
        var port = _engine.Run(
            "param($folder) (Start-SmtpRelay -Name desktop -ListenOn 127.0.0.1:0 -QueuePath $folder/queue -LocalDomain example.test -MailboxPath $folder/mail -Confirm:$false).Port",
            folder.Path).Value<int>();
        try
        {
            var (code, output) = await Child.RunAsync(
                "/usr/bin/mono",
                BuiltFiles.Built("MailOps.Desktop.Probe", "MailOps.Desktop.Probe.exe"),
                Path.Combine(BuiltFiles.Module, "bin/net472/MailOps.PowerShell.dll"),
                port.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(
                """
                imported
                core from dependencies
                sent probe@example.test Delivered
                MailKit from dependencies
                MimeKit from dependencies
                abstractions 1
                stranger refused
                newer refused
                older dependencies
                """,
                output);
            Assert.Equal(0, code);
            Assert.Contains("=?utf-8?", await Delivered(folder.File("mail/example.test/probe/new")), StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            _engine.Run("Stop-SmtpRelay -Name desktop -Confirm:$false").AssertNoErrors();
        }
    }

    private static async Task<string> Delivered(string maildir)
    {
        for (var tries = 0; tries < 300; tries++)
        {
            if (Directory.Exists(maildir) && Directory.GetFiles(maildir) is [var file]) return await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"Nothing was delivered to {maildir}.");
    }
}
