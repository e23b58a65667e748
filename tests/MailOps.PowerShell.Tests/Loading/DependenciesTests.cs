using System.Reflection;
using System.Reflection.Emit;

namespace MailOps.PowerShell.Tests.Loading;

/// <summary>The loader of PowerShell 7, in processes of its own.</summary>
public sealed class DependenciesTests
{
    [Fact]
    public async Task With_another_MailKit_in_the_process_each_side_has_its_own()
    {
        using var folder = new TempFolder();
        var stranger = Stranger(folder, "MailKit", "MailKit.Stranger", new Version(1, 0, 0, 0));
        var (code, output) = await Child.RunScriptAsync(
            """
            param($module, $stranger)
            $null = [Reflection.Assembly]::LoadFrom($stranger)
            Import-Module $module -ErrorAction Stop
            "stranger $([MailKit.Stranger].Assembly.GetName().Version)"
            "theirs $([Reflection.Assembly]::Load('MailKit').GetName().Version)"
            try { Send-SmtpMessage -To a@example.test -From b@example.test -Subject x -SmtpServer 127.0.0.1 -Port 9 -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }
            foreach ($context in [Runtime.Loader.AssemblyLoadContext]::All) {
                foreach ($assembly in $context.Assemblies) {
                    if ($assembly.GetName().Name -in 'MailKit', 'MimeKit', 'MailOps.Core', 'MailOps.Abstractions', 'MailOps.PowerShell') {
                        "$($context.Name): $($assembly.GetName().Name) $($assembly.GetName().Version.Major)"
                    }
                }
            }
            """,
            BuiltFiles.Module, stranger);
        Assert.Equal(0, code);
        var lines = output.Split('\n');
        Assert.Equal(["stranger 1.0.0.0", "theirs 1.0.0.0", "SmtpConnectFailed,MailOps.PowerShell.Commands.SendSmtpMessageCommand"], lines.Take(3));
        Assert.Equal(
            ["Default: MailKit 1", "Default: MailOps.Abstractions 0", "Default: MailOps.PowerShell 0", "MailOps: MailKit 4", "MailOps: MailOps.Core 0", "MailOps: MimeKit 4"],
            lines.Skip(3).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_module_without_Core_says_what_is_missing_and_the_shell_lives()
    {
        using var folder = new TempFolder();
        CopyModule(folder.Path);
        File.Delete(folder.File("bin/net10.0/dependencies/MailOps.Core.dll"));
        var (code, output) = await Child.RunScriptAsync(
            """
            param($module)
            Import-Module $module -ErrorAction Stop
            try { $null = [Reflection.Assembly]::Load('MailOps.Core') } catch { $_.Exception.GetBaseException().GetType().Name }
            try { Resolve-MailExchanger -Domain example.test -Server 127.0.0.1 -ErrorAction Stop } catch { $_.Exception.GetBaseException().GetType().Name }
            'alive'
            """,
            Path.Combine(folder.Path, "MailOps.psd1"));
        Assert.Equal("FileNotFoundException\nFileNotFoundException\nalive", output);
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task The_engine_and_Core_are_in_the_private_context_and_their_types_are_no_literals()
    {
        var (_, output) = await Child.RunScriptAsync(
            """
            param($module)
            Import-Module $module -ErrorAction Stop
            foreach ($name in 'MailOps.Core', 'MailOps.Relay') { [Runtime.Loader.AssemblyLoadContext]::GetLoadContext([Reflection.Assembly]::Load($name)).Name }
            [bool]('MimeKit.MimeMessage' -as [type]), [bool]('MailOps.MailOpsException' -as [type])
            """,
            BuiltFiles.Module);
        Assert.Equal("MailOps\nMailOps\nFalse\nTrue", output);
    }

    private static string Stranger(TempFolder folder, string assembly, string type, Version version)
    {
        var builder = new PersistedAssemblyBuilder(new AssemblyName(assembly) { Version = version }, typeof(object).Assembly);
        builder.DefineDynamicModule(assembly).DefineType(type, TypeAttributes.Public).CreateType();
        var path = folder.File(assembly + ".dll");
        builder.Save(path);
        return path;
    }

    private static void CopyModule(string to)
    {
        foreach (var file in Directory.EnumerateFiles(BuiltFiles.Module, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(BuiltFiles.Module, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
