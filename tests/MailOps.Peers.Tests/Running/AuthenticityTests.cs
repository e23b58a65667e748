using System.Text.RegularExpressions;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Running;

/// <summary>What Test-MessageAuthenticity says of messages that others have signed: OpenDKIM and dkimpy.</summary>
public sealed partial class AuthenticityTests : IDisposable
{
    private const string Plain = "From: A <a@signed.test>\r\nTo: b@there.test\r\nSubject: One  two\r\nDate: Sun, 1 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@signed.test>\r\n\r\nHello,  world \r\n\r\n.dots\r\nBye\r\n\r\n";

    private readonly TestFolder _folder = new();

    // What signs, and how it does for the header and the body.
    [Theory]
    [InlineData("dkimsign", "simple", "simple")]
    [InlineData("dkimsign", "simple", "relaxed")]
    [InlineData("dkimsign", "relaxed", "simple")]
    [InlineData("dkimsign", "relaxed", "relaxed")]
    [InlineData("dkimsign ed25519", "relaxed", "relaxed")]
    [InlineData("dkimsign ed25519", "simple", "simple")]
    public async Task A_signature_verifies_until_the_message_is_changed(string signer, string header, string body)
    {
        var record = await SignAsync(signer, header, body);
        var signed = await File.ReadAllTextAsync(_folder.At("signed.eml"), TestContext.Current.CancellationToken);
        Assert.Contains("DKIM-Signature", signed, StringComparison.OrdinalIgnoreCase);
        var canonical = Canonicalization().Match(signed);
        var (headerRelaxed, bodyRelaxed) = (canonical.Groups[1].Value == "relaxed", canonical.Groups[2].Value == "relaxed");
        var changes = new (string Name, string Message, bool Survives)[]
        {
            ("as it is", signed, true),
            ("a field on top", "X-Scanned: yes\r\n" + signed, true),
            ("folded", signed.Replace("One  two", "One\r\n two", StringComparison.Ordinal), headerRelaxed),
            ("another subject", signed.Replace("One  two", "One  too", StringComparison.Ordinal), false),
            ("tabs", signed.Replace("Hello,  world", "Hello,\tworld", StringComparison.Ordinal), bodyRelaxed),
            ("spaces at an end", signed.Replace("Bye\r\n", "Bye \r\n", StringComparison.Ordinal), bodyRelaxed),
            ("empty lines at the end", signed + "\r\n\r\n", true),
            ("no empty line at the end", signed.TrimEnd() + "\r\n", true),
            ("a footer", signed + "-- \r\nThe list\r\n", false),
            ("another word", signed.Replace("world", "World", StringComparison.Ordinal), false),
            ("line feeds", signed.Replace("\r\n", "\n", StringComparison.Ordinal), true),
        };
        for (var i = 0; i < changes.Length; i++) _folder.Write(FormattableString.Invariant($"m{i:00}.eml"), changes[i].Message);

        await using var dns = await Unbound.StartAsync(_folder, $"s1._domainkey.signed.test. TXT {Strings(record)}", "_dmarc.signed.test. TXT \"v=DMARC1; p=reject\"");
        var lines = await ScriptAsync(FormattableString.Invariant($"Test-MessageAuthenticity '{_folder.Location}/m*.eml' -Server 127.0.0.1:{dns.Port} | ForEach-Object {{ \"$($_.DkimResult) $($_.Verdict)\" }}"));
        Assert.Equal(changes.Select(change => $"{change.Name}: {(change.Survives ? "Pass Authentic" : "Fail Unknown")}"), changes.Zip(lines, (change, line) => $"{change.Name}: {line}"));
    }

    [Fact]
    public async Task The_SHA_1_of_OpenDKIM_s_test_program_is_refused()
    {
        _folder.Write("plain.eml", Plain);
        var record = await KeyAsync();
        await ShellAsync($"'{Installed.Program("opendkim-testmsg", "opendkim-tools")}' -C -d signed.test -s s1 -k '{_folder.At("key.pem")}' -t '{_folder.Location}' < '{_folder.At("plain.eml")}' > '{_folder.At("signed.eml")}'");
        await using var dns = await Unbound.StartAsync(_folder, $"s1._domainkey.signed.test. TXT {Strings(record)}");
        Assert.Equal(["PermError rsa-sha1"], await ScriptAsync(FormattableString.Invariant($"(Test-MessageAuthenticity '{_folder.Location}/signed.eml' -Server 127.0.0.1:{dns.Port}).Dkim | ForEach-Object {{ \"$($_.Result) $($_.Algorithm)\" }}")));
    }

    [Fact]
    public async Task A_chain_that_dkimpy_has_sealed_twice_is_whole_until_the_message_is_changed()
    {
        Assert.SkipUnless((await ChildProcess.RunAsync("/bin/sh", ["-c", "/usr/bin/python3 -c 'import dkim, authres'"])).ExitCode == 0, "dkimpy cannot seal (Debian: apt-get install python3-dkim python3-authres; tests/run.sh does it as root).");
        var record = await KeyAsync();
        _folder.Write("plain.eml", "Authentication-Results: mx.signed.test; arc=none; spf=pass smtp.mailfrom=a@signed.test\r\n" + Plain);
        await SealAsync("plain.eml", "one.eml");
        var once = await File.ReadAllTextAsync(_folder.At("one.eml"), TestContext.Current.CancellationToken);
        _folder.Write("between.eml", once.Replace("\r\nAuthentication-Results: mx.signed.test; arc=none;", "\r\nAuthentication-Results: mx.signed.test; arc=pass;", StringComparison.Ordinal));
        await SealAsync("between.eml", "two.eml");
        // A server that has found the chain broken seals its own set alone (RFC 8617 section 5.1.2).
        _folder.Write("broken.eml", once.Replace("\r\nAuthentication-Results: mx.signed.test; arc=none;", "\r\nAuthentication-Results: mx.signed.test; arc=fail;", StringComparison.Ordinal));
        await SealAsync("broken.eml", "fail.eml");
        var twice = await File.ReadAllTextAsync(_folder.At("two.eml"), TestContext.Current.CancellationToken);
        _folder.Write("word.eml", twice.Replace("world", "World", StringComparison.Ordinal));
        _folder.Write("claim.eml", twice.Replace("i=1; mx.signed.test; arc=none;", "i=1; mx.signed.test; arc=pass;", StringComparison.Ordinal));

        await using var dns = await Unbound.StartAsync(_folder, $"s1._domainkey.signed.test. TXT {Strings(record)}");
        var lines = await ScriptAsync(FormattableString.Invariant(
            $"'one', 'two', 'word', 'claim', 'fail' | ForEach-Object {{ (Test-MessageAuthenticity \"{_folder.Location}/$_.eml\" -Server 127.0.0.1:{dns.Port}).Arc }} | ForEach-Object {{ \"$($_.Result) $($_.Instances.Count) $($_.Instances.SealResult -join ',')\" }}"));
        Assert.Equal(["Pass 1 Pass", "Pass 2 Pass,Pass", "Fail 2 Pass,Pass", "Fail 2 Fail,Fail", "Fail 2 Pass,Pass"], lines);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> SignAsync(string signer, string header, string body)
    {
        _folder.Write("plain.eml", Plain);
        var program = Installed.Program("dkimsign", "python3-dkim");
        if (!signer.EndsWith("ed25519", StringComparison.Ordinal))
        {
            var record = await KeyAsync();
            await ShellAsync($"'{program}' --hcanon {header} --bcanon {body} s1 signed.test '{_folder.At("key.pem")}' < '{_folder.At("plain.eml")}' > '{_folder.At("signed.eml")}'");
            return record;
        }
        await ShellAsync($"cd '{_folder.Location}' && '{Installed.Program("dknewkey", "python3-dkim")}' --ktype ed25519 small");
        await ShellAsync($"'{program}' --hcanon {header} --bcanon {body} --signalg ed25519-sha256 s1 signed.test '{_folder.At("small.key")}' < '{_folder.At("plain.eml")}' > '{_folder.At("signed.eml")}'");
        return Published().Match(await File.ReadAllTextAsync(_folder.At("small.dns"), TestContext.Current.CancellationToken)).Value.TrimEnd('"', '\n', ' ');
    }

    private async Task<string> KeyAsync()
    {
        var openssl = Installed.Program("openssl", "openssl");
        await ShellAsync($"'{openssl}' genrsa -traditional -out '{_folder.At("key.pem")}' 2048 2>&1; '{openssl}' rsa -in '{_folder.At("key.pem")}' -pubout -outform DER -out '{_folder.At("key.der")}' 2>&1");
        return "v=DKIM1; k=rsa; p=" + Convert.ToBase64String(await File.ReadAllBytesAsync(_folder.At("key.der"), TestContext.Current.CancellationToken));
    }

    private Task SealAsync(string source, string target) =>
        ShellAsync($"/usr/bin/python3 -I '{Installed.Script("arc_sign.py")}' signed.test s1 '{_folder.At("key.pem")}' mx.signed.test '{_folder.At(source)}' '{_folder.At(target)}'");

    private static async Task ShellAsync(string script)
    {
        var (exitCode, output) = await ChildProcess.RunAsync("/bin/sh", ["-c", script]);
        Assert.True(exitCode == 0, output);
    }

    private static string Strings(string record) => string.Join(' ', record.Chunk(200).Select(part => $"\"{new string(part)}\""));

    private async Task<string[]> ScriptAsync(string script)
    {
        var file = _folder.Write("s.ps1", script);
        await using var run = ChildProcess.Start("dotnet", [Installed.Host(), "run", file]);
        Assert.True(await run.ExitAsync() == 0, run.Output);
        return [.. run.Lines.Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0)];
    }

    [GeneratedRegex(@"c=(simple|relaxed)/(simple|relaxed)")]
    private static partial Regex Canonicalization();

    [GeneratedRegex(@"v=DKIM1[^""]*")]
    private static partial Regex Published();
}
