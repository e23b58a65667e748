using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Running;

/// <summary>What Export-MailClientProfile writes, as readers see it that are not ours: Python's plistlib and configparser, OpenSSL, ldns, Expat.</summary>
public sealed class ClientProfileTests : IDisposable
{
    private const string Servers = "-ImapServer imap.contoso.example -SmtpServer smtp.contoso.example -Organization 'Søn & <Co>' -Domain contoso.example";
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Python_reads_a_configuration_profile_with_all_that_Apple_demands()
    {
        var python = Installed.Program("python3", "python3");
        await ExportAsync($"-Format MobileConfig {Servers} -EmailAddress user@contoso.example -DisplayName 'Žofie \"<&>\" 😀'");
        var (code, output) = await ChildProcess.RunAsync(python, [Installed.Script("read_profile.py"), _folder.At("user@contoso.example.mobileconfig")]);
        Assert.Equal(0, code);
        var lines = output.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        foreach (var line in new[]
        {
            "/PayloadType str 'Configuration'", "/PayloadVersion int 1", "/PayloadOrganization str 'S\\xf8n & <Co>'", "/PayloadContent/0/PayloadType str 'com.apple.mail.managed'",
            "/PayloadContent/0/EmailAccountType str 'EmailTypeIMAP'", "/PayloadContent/0/EmailAccountName str '\\u017dofie \"<&>\" \\U0001f600'", "/PayloadContent/0/EmailAddress str 'user@contoso.example'",
            "/PayloadContent/0/IncomingMailServerAuthentication str 'EmailAuthPassword'", "/PayloadContent/0/IncomingMailServerHostName str 'imap.contoso.example'",
            "/PayloadContent/0/IncomingMailServerPortNumber int 993", "/PayloadContent/0/IncomingMailServerUseSSL bool True", "/PayloadContent/0/OutgoingMailServerAuthentication str 'EmailAuthPassword'",
            "/PayloadContent/0/OutgoingMailServerHostName str 'smtp.contoso.example'", "/PayloadContent/0/OutgoingMailServerPortNumber int 465", "/PayloadContent/0/OutgoingPasswordSameAsIncomingPassword bool True",
        })
            Assert.Contains(line, lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("/PayloadContent/0/IncomingPassword ", StringComparison.Ordinal) || line.StartsWith("/PayloadContent/0/OutgoingPassword ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OpenSSL_verifies_a_signed_profile_and_gives_back_what_was_signed()
    {
        var openssl = Installed.Program("openssl", "openssl");
        var authority = new TestAuthority(_folder, "signer.contoso.example", 30);
        var (made, said) = await ChildProcess.RunAsync(
            openssl, ["pkcs12", "-export", "-inkey", authority.KeyFile, "-in", authority.ChainFile, "-passout", "pass:", "-out", _folder.At("signer.pfx")]);
        Assert.True(made == 0, said);
        await ExportAsync($"-Format MobileConfig {Servers} -EmailAddress plain@contoso.example");
        await ExportAsync($"-Format MobileConfig {Servers} -EmailAddress plain@contoso.example -Force -SigningCertificate ([System.Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadPkcs12FromFile('{_folder.At("signer.pfx")}', ''))", "plain.mobileconfig");
        string[] verify = ["cms", "-verify", "-inform", "DER", "-in", _folder.At("plain@contoso.example.mobileconfig"), "-CAfile", authority.RootFile, "-purpose", "any", "-binary", "-out", _folder.At("content")];
        var (code, output) = await ChildProcess.RunAsync(openssl, verify);
        Assert.True(code == 0, output);
        Assert.Equal(await File.ReadAllBytesAsync(_folder.At("plain.mobileconfig"), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(_folder.At("content"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ldns_reads_the_lines_of_a_zone()
    {
        var ldns = Installed.Program("ldns-read-zone", "ldnsutils");
        await ExportAsync($"-Format DnsSrv {Servers}");
        var zone = _folder.Write("zone", "contoso.example. 3600 IN SOA ns.contoso.example. admin.contoso.example. 1 3600 600 86400 600\n$TTL 3600\n" + await File.ReadAllTextAsync(_folder.At("contoso.example.srv.zone"), TestContext.Current.CancellationToken));
        var (code, output) = await ChildProcess.RunAsync(ldns, [zone]);
        Assert.True(code == 0, output);
        var records = output.Split('\n').Select(line => line.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries)).Where(fields => fields.Length > 3 && fields[3] == "SRV").Select(fields => $"{fields[0]} {string.Join(' ', fields[4..])}");
        Assert.Equal(
            [
                "_imap._tcp.contoso.example. 0 0 0 .", "_imaps._tcp.contoso.example. 0 1 993 imap.contoso.example.", "_pop3._tcp.contoso.example. 0 0 0 .", "_pop3s._tcp.contoso.example. 0 0 0 .",
                "_submission._tcp.contoso.example. 0 0 0 .", "_submissions._tcp.contoso.example. 0 1 465 smtp.contoso.example.",
            ],
            records.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Expat_reads_Autodiscover_and_autoconfig()
    {
        var python = Installed.Program("python3", "python3");
        await ExportAsync($"-Format AutodiscoverXml, Autoconfig {Servers}");
        const string Read = "import sys, xml.etree.ElementTree as x; print('\\n'.join(ascii(e.tag + '=' + (e.text or '').strip()) for e in x.parse(sys.argv[1]).iter()))";
        var (_, autoconfig) = await ChildProcess.RunAsync(python, ["-c", Read, _folder.At("config-v1.1.xml")]);
        Assert.Contains("'displayName=S\\xf8n & <Co>'", autoconfig, StringComparison.Ordinal);
        Assert.Contains("'username=%EMAILADDRESS%'", autoconfig, StringComparison.Ordinal);
        var (_, autodiscover) = await ChildProcess.RunAsync(python, ["-c", Read, _folder.At("autodiscover.xml")]);
        Assert.StartsWith("'{http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006}Autodiscover='", autodiscover, StringComparison.Ordinal);
        Assert.Equal(2, autodiscover.Split("'{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}Protocol='").Length - 1);
    }

    [Theory]
    [InlineData("Imap", "IMAP", "'imap.contoso.example'", "'993'")]
    [InlineData("Pop3", "POP3", "'pop.contoso.example'", "'995'")]
    public async Task Python_reads_a_PRF_file_in_which_every_key_is_mapped(string type, string shown, string host, string port)
    {
        var python = Installed.Program("python3", "python3");
        await ExportAsync($"-Format Prf {Servers} -Pop3Server pop.contoso.example -AccountType {type} -EmailAddress user@contoso.example -DisplayName 'Zoë =; [x] %1' -UserName 'CONTOSO\\user'");
        var (code, output) = await ChildProcess.RunAsync(python, [Installed.Script("read_prf.py"), _folder.At("user@contoso.example.prf")]);
        Assert.True(code == 0, output);
        var lines = output.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        string[] expected =
        [
            $"Account1 {shown} 0002 'user@contoso.example'", $"Account1 {shown} 000B 'Zo\\xeb =; [x] %1'", $"Account1 {shown} 000C 'user@contoso.example'", $"Account1 {shown} 0100 {host}",
            $"Account1 {shown} 0101 'CONTOSO\\\\user'", $"Account1 {shown} 0104 {port}", $"Account1 {shown} 0105 '1'", $"Account1 {shown} 0200 'smtp.contoso.example'", $"Account1 {shown} 0201 '465'",
            $"Account1 {shown} 0202 '1'", $"Account1 {shown} 020A '1'", $"Account1 {shown} 0203 '1'", $"Account1 {shown} 0208 '0'", "profile 'S\\xf8n & <Co>' Append No",
        ];
        foreach (var line in expected) Assert.Contains(line, lines);
        Assert.Equal(type == "Pop3" ? ["Account1 POP3 1000 '0x1'"] : [], lines.Where(line => line.Contains(" 1000 ", StringComparison.Ordinal)));
    }

    /// <summary>Exports into the test's folder; what was there under the usual name of the user is kept under another.</summary>
    private async Task ExportAsync(string parameters, string? kept = null)
    {
        if (kept is not null) File.Copy(_folder.At("plain@contoso.example.mobileconfig"), _folder.At(kept));
        var file = _folder.Write("s.ps1", $"Export-MailClientProfile '{_folder.At("")}' {parameters} -WarningAction SilentlyContinue -ErrorAction Stop");
        var (code, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", file]);
        Assert.True(code == 0, output);
    }
}
