using System.Xml.Linq;

namespace MailOps.PowerShell.Tests.Formats;

/// <summary>What a user sees of each type, on 120 columns.</summary>
public sealed partial class FormatViewTests : IClassFixture<Engine>
{
    private readonly Engine _engine;

    public FormatViewTests(Engine engine) => _engine = engine;

    [Fact]
    public void A_send_result() => Shows(
        """
        Recipient                        Status      Code SmtpServer                 Response
        ---------                        ------      ---- ----------                 --------
        a@example.test                   Delivered    250 mx.example.test:25         Ok: queued as 4711
        """,
        "[MailOps.SmtpSendResult]@{ Recipients = [MailOps.SmtpRecipientResult]@{ Recipient = 'a@example.test'; Status = 'Delivered'; SmtpStatusCode = 250; Response = 'Ok: queued as 4711' }; SmtpServer = 'mx.example.test:25' }");

    [Fact]
    public void Mail_exchangers_and_one_that_takes_no_mail() => Shows(
        """
        Domain                     Preference NameExchange                     IPAddress
        ------                     ---------- ------------                     ---------
        example.test                       10 mx.example.test                  {192.0.2.1, 2001:db8::1}
        null.test                           0 (takes no mail)                  {}
        """,
        """
        [MailOps.MailExchanger]@{ Domain = 'example.test'; Preference = 10; NameExchange = 'mx.example.test'; IPAddress = '192.0.2.1', '2001:db8::1' }
        [MailOps.MailExchanger]@{ Domain = 'null.test'; NameExchange = ''; IsNullMx = $true }
        """);

    [Fact]
    public void A_message_that_was_waited_for() => Shows(
        """
        Outcome    Latency      From                     To                       Hops Reason
        -------    -------      ----                     --                       ---- ------
        Arrived    00:00:02.500 me@example.test          you@example.test            0
        NotSent                 me@example.test          you@example.test            0 Refused.
        """,
        """
        $flow = @{ From = 'me@example.test'; To = 'you@example.test'; Subject = 'x'; SmtpServer = 'mx.example.test:25'; Folder = 'INBOX'; Server = 'imap.example.test' }
        [MailOps.MailFlowTest]($flow + @{ Latency = [timespan]'00:00:02.5' })
        [MailOps.MailFlowTest]($flow + @{ Outcome = 'NotSent'; Reason = 'Refused.' })
        """);

    [Fact]
    public void What_vouches_for_a_message() => Shows(
        """
        From                         Verdict   SPF       DKIM      DMARC     ARC       Reason
        ----                         -------   ---       ----      -----     ---       ------
        A <a@example.test>           Failed    Fail      Pass      Fail      None      Nothing stands for it.
        """,
        """
        [MailOps.MessageAuthenticity]@{ From = 'A <a@example.test>'; Verdict = 'Failed'; Reason = 'Nothing stands for it.'; DkimResult = 'Pass'; Spf = [MailOps.MessageSpfCheck]@{ Result = 'Fail'; Reason = '' }
            Dmarc = [MailOps.DmarcCheck]@{ Result = 'Fail'; Reason = '' }; Arc = [MailOps.ArcCheck]@{ Reason = '' } }
        """);

    [Fact]
    public void Signatures_of_a_message() => Shows(
        """
        Result    Domain                     Selector         Aligned Algorithm      Reason
        ------    ------                     --------         ------- ---------      ------
        Fail      example.test               s202611          True    rsa-sha256     The body is another one.
        """,
        "[MailOps.DkimCheck]@{ Result = 'Fail'; Domain = 'example.test'; Selector = 's202611'; IsAligned = $true; Algorithm = 'rsa-sha256'; Reason = 'The body is another one.' }");

    [Fact]
    public void The_chain_of_a_message() => Shows(
        """
        Instance Domain                       Chain  Seal      Message   SealedAt
        -------- ------                       -----  ----      -------   --------
               1 list.test                    none   Pass      Fail      2026-03-05 10:00:07
        """,
        "[MailOps.ArcSetCheck]@{ Instance = 1; Domain = 'list.test'; ChainStatus = 'none'; SealResult = 'Pass'; SealReason = ''; SignatureResult = 'Fail'; SignatureReason = ''; SealedAt = [datetime]'2026-03-05 10:00:07' }");

    [Fact]
    public void What_is_said_of_a_message() => Shows(
        """
        Severity    Area    Message
        --------    ----    -------
        Error       DKIM    The body is another one.
        """,
        "[MailOps.AuthenticityFinding]@{ Severity = 'Error'; Area = 'DKIM'; Message = 'The body is another one.' }");

    [Fact]
    public void Messages_of_a_mailbox() => Shows(
        """
        ReceivedTime        Read        Size From                           Subject
        ------------        ----        ---- ----                           -------
        2026-03-05 10:00:07 False       1234 Jo <jo@example.test>           Hello
                                           0
        """,
        """
        [MailOps.MailboxMessage]@{ Id = '7-1'; Folder = 'INBOX'; Server = 'imap.example.test'; ReceivedTime = [datetime]'2026-03-05 10:00:07'; IsRead = $false; Size = 1234; From = 'Jo <jo@example.test>'; Subject = 'Hello' }
        [MailOps.MailboxMessage]@{ Id = 'a'; Folder = 'INBOX'; Server = 'pop.example.test' }
        """);

    [Fact]
    public void SPF_records_and_what_is_said_of_them() => Shows(
        """
        Domain                     Verdict  LookupCount Findings Record, or the first finding
        ------                     -------  ----------- -------- ----------------------------
        good.test                  Valid              2        0 v=spf1 include:inner.test -all
        open.test                  Invalid            0        1 +all lets the whole world send for the domain.
        """,
        """
        [MailOps.SpfRecordReport]@{ Domain = 'good.test'; Record = 'v=spf1 include:inner.test -all'; LookupCount = 2 }
        $finding = [MailOps.RecordFinding]@{ Severity = 'Error'; Domain = 'open.test'; Column = 8; Message = '+all lets the whole world send for the domain.' }
        [MailOps.SpfRecordReport]@{ Domain = 'open.test'; Verdict = 'Invalid'; Record = 'v=spf1 +all'; Findings = [MailOps.RecordFinding[]]@($finding) }
        """);

    [Fact]
    public void DMARC_records_and_what_is_said_of_them() => Shows(
        """
        Domain                     Verdict  Policy     RecordDomain         Findings Record, or the first finding
        ------                     -------  ------     ------------         -------- ----------------------------
        good.test                  Valid    Reject     good.test                   0 v=DMARC1; p=reject
        none.test                  Missing                                         1 No DMARC record counts.
        """,
        """
        [MailOps.DmarcRecordReport]@{ Domain = 'good.test'; Policy = 'Reject'; RecordDomain = 'good.test'; Record = 'v=DMARC1; p=reject' }
        $finding = [MailOps.RecordFinding]@{ Severity = 'Error'; Domain = 'none.test'; Message = 'No DMARC record counts.' }
        [MailOps.DmarcRecordReport]@{ Domain = 'none.test'; Verdict = 'Missing'; Findings = [MailOps.RecordFinding[]]@($finding) }
        """);

    [Fact]
    public void DKIM_keys_MTA_STS_policies_and_TLS_RPT_records()
    {
        Shows(
            """
            Domain                     Selector     Verdict  KeyType  KeySize Findings Record, or the first finding
            ------                     --------     -------  -------  ------- -------- ----------------------------
            good.test                  s1           Valid    Rsa         2048        0 p=MII
            """,
            "[MailOps.DkimRecordReport]@{ Domain = 'good.test'; Selector = 's1'; RecordName = 's1._domainkey.good.test'; KeyType = 'Rsa'; KeySize = 2048; Record = 'p=MII' }");
        Shows(
            """
            Domain                     Verdict  Mode     Findings Mail exchangers, or the first finding
            ------                     -------  ----     -------- -------------------------------------
            good.test                  Valid    Enforce         0 mx.good.test, *.good.test
            """,
            "[MailOps.MtaStsPolicyReport]@{ Domain = 'good.test'; Mode = 'Enforce'; Mx = 'mx.good.test', '*.good.test' }");
        Shows(
            """
            Domain                     Verdict  Findings Record, or the first finding
            ------                     -------  -------- ----------------------------
            good.test                  Valid           0 v=TLSRPTv1; rua=mailto:a@good.test
            """,
            "[MailOps.TlsRptRecordReport]@{ Domain = 'good.test'; Record = 'v=TLSRPTv1; rua=mailto:a@good.test' }");
    }

    [Fact]
    public void Mail_servers_that_prove_themselves_by_the_DNS_and_their_records()
    {
        Shows(
            """
            Domain                 NameExchange               Verdict  DNSSEC Records Match First finding
            ------                 ------------               -------  ------ ------- ----- -------------
            good.test              mx.good.test               Valid    yes          1 yes
            good.test              mx.other.test              Warning  host         0 -     It is so.
            """,
            """
            $finding = [MailOps.RecordFinding]@{ Severity = 'Warning'; Domain = 'mx.other.test'; Message = 'It is so.' }
            $record = [MailOps.DaneRecord]@{ Usage = 3; Selector = 1; MatchingType = 1; Data = 'ab'; IsUsable = $true; IsMatch = $true }
            [MailOps.DaneRecordReport]@{ Domain = 'good.test'; NameExchange = 'mx.good.test'; IsMxSecure = $true; IsAddressSecure = $true; IsMatch = $true; Records = [MailOps.DaneRecord[]]@($record) }
            [MailOps.DaneRecordReport]@{ Domain = 'good.test'; NameExchange = 'mx.other.test'; Verdict = 'Warning'; IsMxSecure = $false; IsAddressSecure = $true; Findings = [MailOps.RecordFinding[]]@($finding) }
            """);
        Shows(
            """
            Usage Selector MatchingType IsUsable IsMatch Data                 Reason
            ----- -------- ------------ -------- ------- ----                 ------
                3        1            1 True     True    ab
            """,
            "[MailOps.DaneRecord]@{ Usage = 3; Selector = 1; MatchingType = 1; Data = 'ab'; IsUsable = $true; IsMatch = $true }");
    }

    [Fact]
    public void Domains_with_a_column_a_check_and_a_list_with_findings()
    {
        const string tests = """
            $finding = [MailOps.MailDomainFinding]@{ Check = 'Spf'; Severity = 'Error'; Domain = 'bad.test'; Column = 8; Message = 'It is so.'; Advice = 'Do that.' }
            [MailOps.MailDomainTest]@{ Domain = 'good.test'; Verdict = 'Pass'; Mx = 'Pass'; Spf = 'Pass'; Dkim = 'Pass'; Dmarc = 'Pass'; MtaSts = 'Pass'; TlsRpt = 'Pass'; ReverseDns = 'Pass'; Dnsbl = 'Unknown' }
            [MailOps.MailDomainTest]@{ Domain = 'bad.test'; Verdict = 'Fail'; Details = 'It is so.'; Mx = 'Warning'; Spf = 'Fail'; Findings = [MailOps.MailDomainFinding[]]@($finding) }
            """;
        Shows(
            """
            Domain               Verdict MX   SPF  DKIM DMARC MTA-STS TLS-RPT DANE PTR  DNSBL Details
            ------               ------- --   ---  ---- ----- ------- ------- ---- ---  ----- -------
            good.test            Pass    ok   ok   ok   ok    ok      ok      -    ok   ?
            bad.test             Fail    warn FAIL -    -     -       -       -    -    -     It is so.
            """,
            tests);
        // This host has no Format-List: the cells of the view are asked for one by one.
        var items = XDocument.Load(Path.Combine(BuiltFiles.Module, "MailOps.Format.ps1xml")).Descendants("View").First(view => view.Element("Name")!.Value == "MailOps.MailDomainTest.List").Descendants("ListItem");
        var cells = items.Select(item => item.Element("ScriptBlock")?.Value ?? "$_." + item.Element("PropertyName")!.Value).ToArray();
        var shown = _engine.Run("param($tests, $cells) $test = @(& ([scriptblock]::Create($tests)))[-1]; foreach ($cell in $cells) { \"$($test.ForEach([scriptblock]::Create($cell)))\" }", tests, cells).AssertNoErrors();
        Assert.Equal(
            ["bad.test", "Fail", "Warning", "Fail", "None", "None", "None", "None", "None", "None", "None", "", "Error: Spf: bad.test, character 8: It is so.\n  Do that.", "00:00:00"],
            shown.Output.Select(cell => cell.ToString().Replace("\r", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Findings_in_records() => Shows(
        """
        Severity    Domain                     Column Message
        --------    ------                     ------ -------
        Error       open.test                       8 +all lets the whole world send for the domain.
        """,
        "[MailOps.RecordFinding]@{ Severity = 'Error'; Domain = 'open.test'; Column = 8; Message = '+all lets the whole world send for the domain.' }");

    [Fact]
    public void What_SPF_says_and_the_way_to_it() => Shows(
        """
        IPAddress                Sender                       Result    Reason
        ---------                ------                       ------    ------
        2001:db8::1              news@example.test            SoftFail  ~all in the record of example.test matches: all matche…
        """,
        """
        [MailOps.SpfCheck]@{ IPAddress = '2001:db8::1'; Sender = 'news@example.test'; Domain = 'example.test'; Result = 'SoftFail'; ReceivedSpf = 'x'
            Reason = '~all in the record of example.test matches: all matches whatever comes to it.' }
        """);

    [Fact]
    public void The_terms_of_SPF_records() => Shows(
        """
        LookupCount Term                                     Domain                   Outcome
        ----------- ----                                     ------                   -------
                  2 include:inner.test                       example.test             inner.test says softfail
                  1   mx                                     inner.test               it is no mail exchanger of inner.test
        """,
        """
        [MailOps.SpfTreeEntry]@{ Domain = 'example.test'; Term = 'include:inner.test'; Outcome = 'inner.test says softfail'; LookupCount = 2 }
        [MailOps.SpfTreeEntry]@{ Domain = 'inner.test'; Term = 'mx'; Outcome = 'it is no mail exchanger of inner.test'; LookupCount = 1; Depth = 1 }
        """);

    [Fact]
    public void Tested_servers() => Shows(
        """
        Server                      Port StatusCode TLS         ms Details
        ------                      ---- ---------- ---         -- -------
        mx.example.test               25 Success    TLS 1.3     42 SMTP over TLS 1.3, certificate valid until 2027-01-01.
        mail.example.test            587 Failure               312 mail.example.test:587 refuses. (+1 more)
        """,
        """
        [MailOps.SmtpServerTest]@{ Server = 'mx.example.test'; Port = 25; StatusCode = 'Success'; TlsProtocol = 'TLS 1.3'; Latency = [timespan]::FromMilliseconds(42); Details = 'SMTP over TLS 1.3, certificate valid until 2027-01-01.' }
        $findings = [MailOps.SmtpServerFinding]::new('A', 'Failure', 'x', 'y'), [MailOps.SmtpServerFinding]::new('B', 'Warning', 'x', 'y')
        [MailOps.SmtpServerTest]@{ Server = 'mail.example.test'; Port = 587; StatusCode = 'Failure'; Latency = [timespan]::FromMilliseconds(312); Details = 'mail.example.test:587 refuses.'; Findings = $findings }
        """);

    [Fact]
    public void What_delivery_reports_say() => Shows(
        """
        Recipient                        Action    Status   Class                Diagnostic
        ---------                        ------    ------   -----                ----------
        a@example.test                   Failed    5.1.1    NoSuchUser           550 5.1.1 User unknown
        b@example.test                   Delayed   4.4.1    Network              connect to mx.example.test[192.0.2.1]:25: Con…
        """,
        """
        [MailOps.DeliveryReport]@{ Recipient = 'a@example.test'; Action = 'Failed'; Status = '5.1.1'; Class = 'NoSuchUser'; Diagnostic = '550 5.1.1 User unknown' }
        [MailOps.DeliveryReport]@{ Recipient = 'b@example.test'; Action = 'Delayed'; Status = '4.4.1'; Class = 'Network'; Diagnostic = 'connect to mx.example.test[192.0.2.1]:25: Connection timed out' }
        """);

    [Fact]
    public void The_hops_of_a_header() => Shows(
        """
        Hop        Delay Date                From                             By                           With     TLS
        ---        ----- ----                ----                             --                           ----     ---
          1              2026-03-05 10:00:00 a.test [192.0.2.1]               b.test                       ESMTPS   1.3
          2     00:01:05 2026-03-05 10:01:05 b.test                           c.test                       LMTP
        """,
        """
        [MailOps.MailHop]@{ Hop = 1; From = 'a.test'; FromAddress = '192.0.2.1'; By = 'b.test'; With = 'ESMTPS'; Tls = $true; TlsVersion = '1.3'; Date = [datetime]'2026-03-05 10:00' }
        [MailOps.MailHop]@{ Hop = 2; From = 'b.test'; By = 'c.test'; With = 'LMTP'; Delay = '00:01:05'; Date = [datetime]'2026-03-05 10:01:05' }
        """);

    [Fact]
    public void A_header() => Shows(
        """
        Date                From                           Subject                            Hops   TotalDelay Verdicts
        ----                ----                           -------                            ----   ---------- --------
        2026-03-05 10:00:00 ada@a.test                     Hello                                 1     00:00:07 spf=pass
        """,
        """
        $verdict = [MailOps.MailVerdict]@{ Method = 'spf'; Result = 'pass' }
        [MailOps.MailHeader]@{ From = 'ada@a.test'; Subject = 'Hello'; Date = [datetime]'2026-03-05 10:00'; TotalDelay = '00:00:07'; Hops = [MailOps.MailHop[]]@([MailOps.MailHop]@{ Hop = 1 }); Verdicts = [MailOps.MailVerdict[]]@($verdict) }
        """);

    [Fact]
    public void The_verdicts_of_a_header() => Shows(
        """
        Method   Result     Server                       Properties
        ------   ------     ------                       ----------
        dkim     pass       mx.far.test                  header.d=a.test header.s=s1
        """,
        """
        [MailOps.MailVerdict]@{ Method = 'dkim'; Result = 'pass'; Server = 'mx.far.test'; Properties = [string[]]@('header.d=a.test', 'header.s=s1') }
        """);

    [Fact]
    public void Providers() => Shows(
        """
        Name                        SmtpServer                         Port Tls      Authentication
        ----                        ----------                         ---- ---      --------------
        AmazonSes                   email-smtp.{region}.amazonaws.com   587 StartTls {SmtpCredential}
        ICloud                      smtp.mail.me.com                    587 StartTls {AppPassword}
        """,
        "Get-MailProvider AmazonSes, ICloud");

    [Fact]
    public void Servers_of_a_provider() => Shows(
        """
        Protocol Server                              Port Tls      UserName         Authentication             Note
        -------- ------                              ---- ---      --------         --------------             ----
        Smtp     smtp.mail.me.com                     587 StartTls %EMAILADDRESS%   {AppPassword}
        Imap     imap.mail.me.com                     993 Implicit %EMAILLOCALPART% {AppPassword}
        """,
        "(Get-MailProvider ICloud).Servers");

    [Fact]
    public void Settings_of_a_mailbox() => Shows(
        """
        Protocol Server                          Port Tls      UserName                 Source         Trusted Authentication
        -------- ------                          ---- ---      --------                 ------         ------- --------------
        Smtp     smtp.example.test                465 Implicit a@example.test           Srv            True    {}
        Imap     imap.example.test                993 Implicit a                        AutoconfigByMx False   {OAuth2}
        """,
        """
        [MailOps.MailSettings]@{ Address = 'a@example.test'; Server = 'smtp.example.test'; Port = 465; Tls = 'Implicit'; UserName = 'a@example.test'; IsTrusted = $true }
        [MailOps.MailSettings]@{ Address = 'a@example.test'; Protocol = 'Imap'; Server = 'imap.example.test'; Port = 993; Tls = 'Implicit'; UserName = 'a'; Source = 'AutoconfigByMx'
            Authentication = [MailOps.MailAuthentication[]]@('OAuth2') }
        """);

    private void Shows(string expected, string script)
    {
        var shown = _engine.Show(script).Replace("\r", "", StringComparison.Ordinal).Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0);
        Assert.Equal(expected, string.Join('\n', shown));
    }
}
