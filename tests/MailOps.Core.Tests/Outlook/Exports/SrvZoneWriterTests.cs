using System.Globalization;
using MailOps.Core.Tests.Providers;
using MailOps.Dns;
using MailOps.Outlook.Exports;
using MailOps.Providers;

namespace MailOps.Core.Tests.Outlook.Exports;

public sealed class SrvZoneWriterTests
{
    [Fact]
    public void Implicit_TLS_stands_first_and_what_is_not_offered_is_a_dot()
    {
        var definition = new MailClientDraft
        {
            Domains = ["contoso.example"],
            Servers =
            [
                Contoso.Server(MailProtocol.Smtp, "smtp.contoso.example", 587, TlsMode.StartTls), Contoso.Server(MailProtocol.Smtp, "smtp.contoso.example", 465, TlsMode.Implicit),
                Contoso.Server(MailProtocol.Smtp, "smtp2.contoso.example", 465, TlsMode.Auto), Contoso.Server(MailProtocol.Imap, "imap.contoso.example", 993, TlsMode.Implicit),
                Contoso.Server(MailProtocol.Imap, "plain.contoso.example", 143, TlsMode.None),
            ],
        }.Check();
        const string Expected =
            """
            ; SRV records by which mail clients find the servers of contoso.example
            _submissions._tcp.contoso.example. IN SRV 0 1 465 smtp.contoso.example.
            _submissions._tcp.contoso.example. IN SRV 10 1 465 smtp2.contoso.example.
            _submission._tcp.contoso.example. IN SRV 20 1 587 smtp.contoso.example.
            _imaps._tcp.contoso.example. IN SRV 0 1 993 imap.contoso.example.
            _imap._tcp.contoso.example. IN SRV 0 0 0 .
            _pop3s._tcp.contoso.example. IN SRV 0 0 0 .
            _pop3._tcp.contoso.example. IN SRV 0 0 0 .

            """;
        var file = definition.Export(MailClientFormat.DnsSrv, null);
        Assert.Equal(Expected, file.Text());
        Assert.Equal("contoso.example.srv.zone", file.FileName);
        Assert.Contains(file.Warnings, text => text.Contains("plain.contoso.example has no record", StringComparison.Ordinal));
    }

    /// <summary>The lines, put into a zone, are what Find-MailSettings reads there.</summary>
    [Fact]
    public async Task The_records_are_found_again()
    {
        var zone = new FakeZone();
        foreach (var line in Contoso.Definition.Export(MailClientFormat.DnsSrv, null).Text().Split('\n').Where(line => line.StartsWith('_')))
        {
            var fields = line.Split(' ');
            zone.Srv[fields[0].TrimEnd('.')] = [new SrvRecord(Number(fields[3]), Number(fields[4]), Number(fields[5]), fields[6].TrimEnd('.'))];
        }
        using var fetcher = new SettingsFetcher(TimeSpan.FromSeconds(20), new FakeWeb());
        var found = await new MailSettingsFinder(zone, fetcher).FindAsync("user@contoso.example", TestContext.Current.CancellationToken);
        Assert.Equal(
            ["Smtp smtp.contoso.example:587 StartTls", "Imap imap.contoso.example:993 Implicit"],
            found.Settings.Select(one => $"{one.Protocol} {one.Server}:{one.Port} {one.Tls}"));
    }

    [Fact]
    public void Each_domain_has_a_file_and_none_is_an_error()
    {
        var files = new MailClientExporter((Contoso.Draft with { Domains = ["a.example", "b.example"] }).Check(), new MailClientExportOptions()).Export(MailClientFormat.DnsSrv, Contoso.User);
        Assert.Equal(["a.example.srv.zone", "b.example.srv.zone"], files.Select(file => file.FileName));
        Assert.Equal(ErrorCode.MailClientFormatUnfit, Assert.Throws<MailOpsException>(() => (Contoso.Draft with { Domains = [] }).Check().Export(MailClientFormat.DnsSrv, null)).Code);
    }

    [Fact]
    public void An_address_is_no_target() => Assert.Contains(
        "192.0.2.1 is an address",
        Assert.Throws<MailOpsException>(() => Contoso.With(Contoso.Server(MailProtocol.Imap, "192.0.2.1", 993, TlsMode.Implicit)).Export(MailClientFormat.DnsSrv, null)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_user_name_that_records_cannot_say_is_a_warning() => Assert.Contains(
        Contoso.Draft.With(null, "%EMAILLOCALPART%.%EMAILDOMAIN%", MailProtocol.Imap).Check().Export(MailClientFormat.DnsSrv, null).Warnings,
        text => text.Contains("%EMAILLOCALPART%.%EMAILDOMAIN%", StringComparison.Ordinal) && text.Contains("Publish autoconfig", StringComparison.Ordinal));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
