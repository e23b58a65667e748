namespace MailOps.PowerShell.Tests.Loading;

/// <summary>Importing more than once, in one process.</summary>
public sealed class ModuleLifetimeTests
{
    private const string CountAndUse = "@(Get-Command -Module MailOps).Count; [MailOps.TlsMode]::StartTls.ToString(); (Get-Command Send-SmtpMessage).Name";

    [Fact]
    public void Imported_again_by_force_it_still_has_its_cmdlets()
    {
        using var engine = new Engine();
        var before = engine.Run(CountAndUse).AssertNoErrors().Output;
        var after = engine.Run("param($path) Import-Module $path -Force; Import-Module $path -Force; " + CountAndUse, BuiltFiles.Module).AssertNoErrors().Output;
        Assert.Equal(before.Select(o => o.ToString()), after.Select(o => o.ToString()));
        Assert.Equal("Send-SmtpMessage", after[^1].ToString());
    }

    [Fact]
    public void Removed_and_imported_again_it_still_works()
    {
        using var engine = new Engine();
        Assert.Equal(0, engine.Run("Remove-Module MailOps; @(Get-Command -Module MailOps).Count").Value<int>());
        engine.Run("param($path) Import-Module $path", BuiltFiles.Module).AssertNoErrors();
        Assert.Equal("DnsFailed", Code(engine));
    }

    [Fact]
    public async Task Two_runspaces_import_at_once()
    {
        using var one = Engine.Bare();
        using var two = Engine.Bare();
        await Task.WhenAll(new[] { one, two }.Select(e => Task.Run(() => e.Run("param($path) Import-Module $path", BuiltFiles.Module).AssertNoErrors())));
        Assert.Equal("DnsFailed", Code(one));
        one.Dispose();
        Assert.Equal("DnsFailed", Code(two));
    }

    /// <summary>A cmdlet that reaches into Core: nothing answers DNS on this port.</summary>
    private static string Code(Engine engine) =>
        engine.Run("try { Resolve-MailExchanger example.test -Server 127.0.0.1:9 -Timeout 1 -ErrorAction Stop } catch { $_.Exception.Code }").Value<string>();
}
