using System.Management.Automation.Language;
using System.Reflection;

namespace MailOps.PowerShell.Tests.Loading;

/// <summary>What the build lays out: exactly these files, because a stray assembly in the wrong folder is in every user's default load context.</summary>
public sealed class ModuleFilesTests
{
    private static readonly string[] Files =
    [
        "MailOps.Format.ps1xml",
        "MailOps.psd1",
        "MailOps.psm1",
        "bin/net10.0/MailOps.Abstractions.dll",
        "bin/net10.0/MailOps.PowerShell.dll",
        "bin/net10.0/dependencies/BouncyCastle.Cryptography.dll",
        "bin/net10.0/dependencies/DnsClient.dll",
        "bin/net10.0/dependencies/MailKit.dll",
        "bin/net10.0/dependencies/MailOps.Core.dll",
        "bin/net10.0/dependencies/MailOps.Relay.dll",
        "bin/net10.0/dependencies/MimeKit.dll",
        "bin/net10.0/dependencies/System.Security.Cryptography.Pkcs.dll",
        "bin/net10.0/dependencies/runtimes/win/lib/net10.0/System.Security.Cryptography.Pkcs.dll",
        "bin/net472/MailOps.Abstractions.dll",
        "bin/net472/MailOps.PowerShell.dll",
        "bin/net472/dependencies/BouncyCastle.Cryptography.dll",
        "bin/net472/dependencies/DnsClient.dll",
        "bin/net472/dependencies/MailKit.dll",
        "bin/net472/dependencies/MailOps.Core.dll",
        "bin/net472/dependencies/MimeKit.dll",
        "bin/net472/dependencies/System.Buffers.dll",
        "bin/net472/dependencies/System.Formats.Asn1.dll",
        "bin/net472/dependencies/System.Memory.dll",
        "bin/net472/dependencies/System.Numerics.Vectors.dll",
        "bin/net472/dependencies/System.Runtime.CompilerServices.Unsafe.dll",
        "bin/net472/dependencies/System.Threading.Tasks.Extensions.dll",
        "en-US/MailOps.PowerShell.dll-Help.xml",
        "en-US/about_MailOps.help.txt",
        "relay.schema.json",
    ];

    [Fact]
    public void The_module_has_exactly_these_files() => Assert.Equal(
        Files,
        Directory.EnumerateFiles(BuiltFiles.Module, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(BuiltFiles.Module, f).Replace('\\', '/')).Order(StringComparer.Ordinal));

    [Fact]
    public void The_manifest_has_the_version_of_the_assemblies()
    {
        var version = AssemblyName.GetAssemblyName(Path.Combine(BuiltFiles.Module, "bin/net10.0/MailOps.PowerShell.dll")).Version!;
        Assert.Equal(version.ToString(3), Manifest()["ModuleVersion"]);
    }

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets_that_were_built()
    {
        using var engine = Engine.Bare();
        var built = engine.Run("param($dll) (Import-Module $dll -PassThru).ExportedCmdlets.Keys", Path.Combine(BuiltFiles.Module, "bin/net10.0/MailOps.PowerShell.dll"));
        Assert.Equal(built.AssertNoErrors().Output.Select(o => o.ToString()).Order(), ((object[])Manifest()["CmdletsToExport"]!).Select(o => o.ToString()).Order());
    }

    [Fact]
    public void The_engine_finds_nothing_wrong_with_the_manifest()
    {
        using var engine = Engine.Bare();
        var manifest = engine.Run("param($path) Test-ModuleManifest $path", Path.Combine(BuiltFiles.Module, "MailOps.psd1")).AssertNoErrors();
        Assert.Empty(manifest.Warnings);
    }

    private static System.Collections.Hashtable Manifest()
    {
        var script = Parser.ParseFile(Path.Combine(BuiltFiles.Module, "MailOps.psd1"), out _, out var errors);
        Assert.Empty(errors);
        return (System.Collections.Hashtable)((HashtableAst)script.Find(a => a is HashtableAst, searchNestedScriptBlocks: false)!).SafeGetValue();
    }
}
