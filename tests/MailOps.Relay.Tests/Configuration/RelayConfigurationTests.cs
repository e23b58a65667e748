using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class RelayConfigurationTests
{
    private const string Whole = """
        {
          "$schema": "relay.schema.json",
          // comments are allowed
          "name": "edge",
          "hostName": "relay.example.test",
          "queuePath": "queue",
          "listeners": [
            { "endpoint": "0.0.0.0:25", "certificate": { "path": "relay.pem", "keyPath": "relay.key", "password": { "file": "key.password" } } },
            { "endpoint": "[::]:465", "tls": "Implicit", "requireAuthentication": true },
          ],
          "relayNetworks": [ "10.20.0.0/16", "2001:db8::/32" ],
          "localDomains": [
            { "name": "example.test", "mailboxPath": "mail", "mailboxes": [ "ada" ] },
            { "name": "lists.example.test", "lmtp": "unix:lmtp.sock" }
          ],
          "users": [ { "name": "app", "password": { "environmentVariable": "APP_PASSWORD" } } ],
          "routes": [ { "domain": "*.partner.test", "kind": "SmartHost", "host": "mx.partner.test:587", "tls": "StartTls", "userName": "us", "password": { "environmentVariable": "PARTNER" } } ],
          "limits": { "maxMessageSize": 1048576, "idleTimeout": "00:01:00" },
          "retry": { "firstDelay": "00:01:00", "maxDelay": "00:30:00", "lifetime": "2.00:00:00" },
          "delivery": { "dnsServers": [ "127.0.0.1:5353" ], "mxPort": 2525 }
        }
        """;

    [Fact]
    public void A_whole_document_becomes_options()
    {
        var options = RelayConfiguration.Read(Whole, "relay.json");
        Assert.Equal("edge", options.Name);
        Assert.Equal(["0.0.0.0:25", "[::]:465"], options.Listeners.Select(l => l.Endpoint));
        Assert.Equal(TlsMode.Implicit, options.Listeners[1].Tls);
        Assert.Equal("key.password", options.Listeners[0].Certificate!.Password!.File);
        Assert.Equal(["ada"], options.LocalDomains[0].Mailboxes!);
        Assert.Equal("APP_PASSWORD", options.Users[0].Password.EnvironmentVariable);
        Assert.Equal(RouteKind.SmartHost, options.Routes[0].Kind);
        Assert.Equal(TimeSpan.FromDays(2), options.Retry.Lifetime);
        Assert.Equal(TimeSpan.FromMinutes(1), options.Limits.IdleTimeout);
        Assert.Equal(1000, options.Limits.MaxRecipients);
        Assert.Equal(2525, options.Delivery.MxPort);
    }

    [Fact]
    public void The_least_document_gets_safe_defaults()
    {
        var options = RelayConfiguration.Read("""{ "queuePath": "q" }""", "relay.json");
        Assert.Equal("127.0.0.1:2525", Assert.Single(options.Listeners).Endpoint);
        Assert.Equal(["127.0.0.0/8", "::1/128"], options.RelayNetworks);
        Assert.Empty(options.Routes);
    }

    [Theory]
    [InlineData("""{ "queuePaht": "q" }""", "Unknown key 'queuePaht'; the nearest known one is 'queuePath'.")]
    [InlineData("""{ "queuePath": "q", "QueuePath": "q" }""", "Unknown key 'QueuePath'; the nearest known one is 'queuePath'.")]
    [InlineData("""{ "queuePath": "q", "listeners": [ {}, { "tsl": "None" } ] }""", "Unknown key 'listeners[1].tsl'; the nearest known one is 'tls'.")]
    [InlineData("""{ "queuePath": "q", "users": [ { "name": "a", "password": { "value": "secret" } } ] }""", "Unknown key 'users[0].password.value'")]
    [InlineData("""{ "queuePath": "q", "retry": { "lifetme": "1:00:00" }, "limit": {} }""", "'retry.lifetme'; the nearest known one is 'lifetime'.\nrelay.json: Unknown key 'limit'; the nearest known one is 'limits'.")]
    [InlineData("""{ "queuePath": "q", "localDomains": [ { "name": "a.test", "mailbox": "p" } ] }""", "'localDomains[0].mailbox'; the nearest known ones are 'mailboxPath' and 'mailboxes'.")]
    [InlineData("""{ "queuePath": "q", "localDomains": [ { "name": "a.test", "maildir": "p" } ] }""", "Unknown key 'localDomains[0].maildir'; the known one is 'mailboxPath'.")]
    [InlineData("""{ "queuePath": "q", "routes": [ { "kind": "SmartHost", "smartHost": "a.test" } ] }""", "Unknown key 'routes[0].smartHost'; the known one is 'host'.")]
    [InlineData("""{ "spool": "q" }""", "Unknown key 'spool'; the known one is 'queuePath'.")]
    [InlineData("""{ "queuePath": "q", "colour": "blue" }""", "Unknown key 'colour'.")]
    [InlineData("""{ "queuePath": "q", "\u001b[2J\u000acolour": "blue" }""", @"Unknown key '\u001B[2J\u000Acolour'.")]
    public void An_unknown_key_is_refused_with_the_nearest_known_one(string text, string fault)
    {
        var error = Refused(text);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("relay.json: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "not JSON (line 1, column 2)")]
    [InlineData("{ \"queuePath\": \"q\",\n  \"hostName\": \"bücher\" x }", "not JSON (line 2, column 24)")]
    [InlineData("""{ "queuePath": "q", "relayNetworks": [], "relayNetworks": [ "0.0.0.0/0" ] }""", "relay.json: relayNetworks is there twice, in line 1 and in line 1; take one of them out.")]
    [InlineData("{ \"queuePath\": \"q\",\n \"routes\": [ {}, { \"domain\": \"a.test\",\n \"domain\": \"b.test\" } ] }", "relay.json: routes[1].domain is there twice, in line 2 and in line 3; take one of them out.")]
    [InlineData("""{ "queuePath": "q", "routes": [ { "kind": "Mx, SmartHost" } ] }""", "routes[0].kind (line 1) is \"Mx, SmartHost\", and must be one of \"Mx\", \"SmartHost\"")]
    [InlineData("""{ "queuePath": "q", "routes": [ { "kind": "1" } ] }""", "routes[0].kind (line 1) is \"1\", and must be one of")]
    [InlineData("""{ "queuePath": "q", "routes": [ { "kind": 3 } ] }""", "routes[0].kind (line 1) is 3, and must be one of")]
    [InlineData("""{ "queuePath": "q", "routes": [ { "dane": "Off,Required" } ] }""", "routes[0].dane (line 1) is")]
    [InlineData("""{ "queuePath": "q", "routes": [ { "addressFamily": "IPv4, IPv6" } ] }""", "routes[0].addressFamily (line 1) is")]
    [InlineData("""{ "queuePath": "q", "listeners": [ { "minTlsVersion": "Tls12, Tls13" } ] }""", "listeners[0].minTlsVersion (line 1) is")]
    [InlineData("""{ "queuePath": "q", "listeners": [ { "tls": "None, Implicit" } ] }""", "listeners[0].tls (line 1) is")]
    [InlineData("""{ "queuePath": "q", "listeners": [ { "clientCertificates": { "userName": "Email, CommonName" } } ] }""", "listeners[0].clientCertificates.userName (line 1) is")]
    [InlineData("""{ "queuePath": "q", "routes": [ { "oauth": { "provider": "Google, Custom" } } ] }""", "routes[0].oauth.provider (line 1) is")]
    [InlineData("""{ "queuePath": "q", "localDomains": [ { "mailboxPath": "m" } ] }""", "relay.json: required but missing: localDomains[0].name (line 1).")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("""{ "\ud800": 1 }""", "not Unicode text")]
    [InlineData("""{ "queuePath": "q", "hostName": "\udc00" }""", "not Unicode text")]
    [InlineData("null", "must be a JSON object")]
    [InlineData("{ }", "required but missing: queuePath")]
    [InlineData("{ \"queuePath\": \"q\",\n \"limits\": { \"maxErrors\": \"many\" } }", "limits.maxErrors (line 2) is \"many\", and must be a whole number without quotes, 2147483647 at most.")]
    [InlineData("""{ "queuePath": "q", "listeners": [ { "tls": "Perhaps" } ] }""", "listeners[0].tls (line 1) is \"Perhaps\", and must be one of \"Auto\", \"None\", \"StartTls\", \"Implicit\".")]
    [InlineData("""{ "queuePath": "q", "listeners": [ { "tls": 2 } ] }""", "listeners[0].tls (line 1) is 2, and must be one of \"Auto\"")]
    [InlineData("""{ "queuePath": null }""", "queuePath")]
    [InlineData("""{ "queuePath": "q", "retry": { "lifetime": "soon" } }""", "retry.lifetime (line 1) is \"soon\", and must be a time as hours, minutes and seconds: \"00:05:00\" for five minutes")]
    [InlineData("""{ "queuePath": "q", "limits": { "maxMessageSize": "36MB" } }""", "limits.maxMessageSize (line 1) is \"36MB\", and must be a number of bytes")]
    [InlineData("""{ "queuePath": "q", "users": [ { "name": "a", "password": "s3cret" } ] }""", "users[0].password (line 1) is a text, and must be where the secret is: { \"file\": \"/path\" } or")]
    [InlineData("""{ "queuePath": "q", "relayNetworks": "10.0.0.0/8" }""", "relayNetworks (line 1) is a text, and must be a list in brackets.")]
    [InlineData("""{ "queuePath": "q", "relayNetworks": [ 10 ] }""", "relayNetworks[0] (line 1) is a number, and must be a text in quotes.")]
    [InlineData("""{ "queuePath": "q", "limits": [] }""", "limits (line 1) is a list, and must be an object in braces.")]
    [InlineData("""{ "queuePath": "q", "listeners": [ { "requireTls": "yes" } ] }""", "listeners[0].requireTls (line 1) is \"yes\", and must be true or false.")]
    [InlineData(" \n", "relay.json: the file is empty.")]
    public void A_value_of_the_wrong_kind_is_refused_with_its_place(string text, string fault) => Assert.Contains(fault, Refused(text).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{ x }")]
    [InlineData("{")]
    public void A_fault_of_syntax_is_told_without_the_parser_s_own_words_for_its_place(string text)
    {
        var error = Refused(text);
        Assert.DoesNotContain("LineNumber", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Correct the syntax", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:2525", "127.0.0.1:2525", "listeners names '127.0.0.1:2525' more than once.")]
    [InlineData("[::1]:25", "[0:0::1]:25", "listeners names '[::1]:25' more than once.")]
    public void An_endpoint_twice_is_told_as_that(string first, string second, string fault) =>
        Assert.Contains(fault, Refused($$"""{ "queuePath": "q", "listeners": [ { "endpoint": "{{first}}" }, { "endpoint": "{{second}}" } ] }""").Message, StringComparison.Ordinal);

    [Fact]
    public void Port_0_can_be_there_twice() =>
        Assert.Equal(2, RelayConfiguration.Read("""{ "queuePath": "q", "listeners": [ { "endpoint": "127.0.0.1:0" }, { "endpoint": "127.0.0.1:0" } ] }""", "x").Listeners.Count);

    [Fact]
    public void A_path_with_a_NUL_in_it_is_refused()
    {
        var e = Assert.Throws<MailOpsException>(() => RelativePaths.Resolve(new SmtpRelayOptions { QueuePath = "a\0b" }, "/"));
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, e.Code);
        Assert.Contains("'a\\0b' contains a NUL character", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"listeners\": []", "listeners needs at least one.")]
    [InlineData("\"listeners\": [ { \"endpoint\": \"localhost:25\" } ]", "listeners[0].endpoint must be address:port as in 127.0.0.1:2525, not 'localhost:25'.")]
    [InlineData("\"listeners\": [ { \"endpoint\": \"127.0.0.1\" } ]", "listeners[0].endpoint")]
    [InlineData("\"listeners\": [ { \"endpoint\": \"127.0.0.1:65536\" } ]", "listeners[0].endpoint")]
    [InlineData("\"listeners\": [ { \"tls\": \"None\", \"requireTls\": true } ]", "requires TLS and has tls None")]
    [InlineData("\"listeners\": [ { \"certificate\": {} } ]", "listeners[0].certificate.path must name a file")]
    [InlineData("\"listeners\": [ { \"sniCertificates\": [ {} ] } ]", "listeners[0].sniCertificates[0].path must name a file")]
    [InlineData("\"listeners\": [ { \"tls\": \"None\", \"sniCertificates\": [ { \"path\": \"a.pem\" } ] } ]", "listeners[0] has certificates and tls None")]
    [InlineData("\"listeners\": [ { \"relayNetworks\": [ \"10.0.0.0\", \"x\" ] } ]", "listeners[0].relayNetworks[1] must be an address or a network as in 192.0.2.0/24, not 'x'.")]
    [InlineData("\"listeners\": [ { \"proxyNetworks\": [ \"proxy.test\" ] } ]", "listeners[0].proxyNetworks[0] must be an address or a network")]
    [InlineData("\"listeners\": [ { \"xclientNetworks\": [ \"10.0.0.0/99\" ] } ]", "listeners[0].xclientNetworks[0] must be an address or a network")]
    [InlineData("\"relayNetworks\": [ \"10.0.0.0/33\" ]", "relayNetworks[0]")]
    [InlineData("\"relayNetworks\": [ \"10\" ]", "relayNetworks[0]")]
    [InlineData("\"localDomains\": [ { \"name\": \"example.test\" } ]", "localDomains[0] needs exactly one of mailboxPath and lmtp.")]
    [InlineData("\"localDomains\": [ { \"name\": \"a\", \"lmtp\": \"h\", \"mailboxPath\": \"p\" } ]", "needs exactly one of")]
    [InlineData("\"localDomains\": [ { \"name\": \"a..b\", \"lmtp\": \"h\" } ]", "localDomains[0].name")]
    [InlineData("\"localDomains\": [ { \"name\": \"a.test\", \"lmtp\": \"h\" }, { \"name\": \"A.test\", \"lmtp\": \"h\" } ]", "localDomains names 'a.test' more than once.")]
    [InlineData("\"routes\": [ { \"kind\": \"SmartHost\" } ]", "routes[0].host is missing: a route of kind SmartHost needs host")]
    [InlineData("\"routes\": [ { \"kind\": \"SmartHost\", \"host\": \"unix:/x\" } ]", "can be a Unix socket only for Lmtp")]
    [InlineData("\"routes\": [ { \"kind\": \"Maildir\" } ]", "routes[0].mailboxPath")]
    [InlineData("\"routes\": [ { \"userName\": \"u\" } ]", "needs both userName and one of password and oauth")]
    [InlineData("\"routes\": [ { \"host\": \"smtp.example.test:587\" } ]", "routes[0].host is for SmartHost and Lmtp; the route's kind is Mx.")]
    [InlineData("\"routes\": [ { \"userName\": \"u\", \"password\": { \"file\": \"f\" } } ]", "routes[0] has a credential, which is for SmartHost and Lmtp; its kind is Mx.")]
    [InlineData("\"routes\": [ { \"kind\": \"SmartHost\", \"host\": \"h.test\", \"tls\": \"None\", \"userName\": \"u\", \"password\": { \"file\": \"f\" } } ]", "it would cross the network readable")]
    [InlineData("\"routes\": [ { \"kind\": \"SmartHost\", \"host\": \"h.test\", \"userName\": \"u\", \"password\": { } } ]", "routes[0].password needs exactly one of")]
    [InlineData("\"users\": [ { \"name\": \"u\", \"password\": { \"file\": \"f\", \"environmentVariable\": \"e\" } } ]", "users[0].password needs exactly one of")]
    [InlineData("\"routes\": [ { \"mailboxPath\": \"m\" } ]", "is for no other kind")]
    [InlineData("\"listeners\": [ null ]", "listeners[0] is null.")]
    [InlineData("\"localDomains\": [ { \"name\": \"bücher.test\", \"lmtp\": \"h\" }, { \"name\": \"xn--bcher-kva.test\", \"lmtp\": \"h\" } ]", "more than once")]
    [InlineData("\"routes\": [ { \"domain\": \"*x\" } ]", "routes[0].domain")]
    [InlineData("\"limits\": { \"maxMessageSize\": 1000 }", "limits.maxMessageSize must be at least 65536")]
    [InlineData("\"limits\": { \"maxRecipients\": 99 }", "limits.maxRecipients must be at least 100")]
    [InlineData("\"limits\": { \"maxHeaderSize\": 100 }", "limits.maxHeaderSize must be at least 4096 bytes.")]
    [InlineData("\"limits\": { \"maxLineLength\": 80 }", "limits.maxLineLength must be 0 for any, or at least 998")]
    [InlineData("\"limits\": { \"maxMessageRate\": -1 }", "limits must not be below zero.")]
    [InlineData("\"limits\": { \"errorDelay\": \"00:02:00\" }", "limits.errorDelay must be between zero and a minute.")]
    [InlineData("\"limits\": { \"maxSessionTime\": \"-00:02:00\" }", "limits.maxSessionTime must not be below zero.")]
    [InlineData("\"limits\": { \"maxSessionTime\": \"10675199.00:00:00\" }", "limits.maxSessionTime must be 3650 days at most; zero is any time.")]
    [InlineData("\"listeners\": [ { \"limits\": { \"maxRecipients\": 99 } } ]", "listeners[0].limits.maxRecipients must be at least 100")]
    [InlineData("\"retry\": { \"firstDelay\": \"02:00:00\" }", "relay.json: retry.firstDelay is 02:00:00, longer than maxDelay, 01:07:00; set retry.maxDelay to at least firstDelay.")]
    [InlineData("\"retry\": { \"firstDelay\": \"00:00:00.0000001\" }", "retry.firstDelay is 00:00:00.0000001, and must be 1 second at least: a next hop in trouble would be asked without pause.")]
    [InlineData("\"retry\": { \"firstDelay\": \"-00:00:01\" }", "retry.firstDelay is -00:00:01, and must be 1 second at least")]
    [InlineData("\"retry\": { \"lifetime\": \"00:00:59\" }", "retry.lifetime is 00:00:59, and must be 1 minute at least")]
    [InlineData("\"retry\": { \"delayNotice\": \"00:00:00.0000001\" }", "retry.delayNotice is 00:00:00.0000001, and must be zero for never, or 1 minute at least")]
    [InlineData("\"retry\": { \"maxDelay\": \"10675199.00:00:00\" }", "retry.maxDelay is 10675199.00:00:00, and must be 3650 days at most.")]
    [InlineData("\"retry\": { \"lifetime\": \"3651.00:00:00\" }", "retry.lifetime is 3651.00:00:00, and must be 3650 days at most.")]
    [InlineData("\"retry\": { \"delayNotice\": \"3651.00:00:00\" }", "retry.delayNotice is 3651.00:00:00, and must be 3650 days at most.")]
    [InlineData("\"limits\": { \"idleTimeout\": \"00:00:00.0000001\" }", "limits.idleTimeout must be 1 second at least, and a day at most.")]
    [InlineData("\"limits\": { \"idleTimeout\": \"50.00:00:00\" }", "limits.idleTimeout must be 1 second at least, and a day at most.")]
    [InlineData("\"limits\": { \"maxSessionTime\": \"00:00:00.0000001\" }", "limits.maxSessionTime must be zero for any time, or 1 minute at least.")]
    [InlineData("\"delivery\": { \"connectTimeout\": \"00:00:00.0000001\" }", "delivery.connectTimeout must be 1 second at least, when the first lost packet is sent again, and a day at most.")]
    [InlineData("\"delivery\": { \"replies\": [ { \"pattern\": \"x\", \"suspend\": true, \"duration\": \"00:00:00.0000001\" } ] }", "delivery.replies[0].duration must be 1 second at least, and 30 days at most.")]
    [InlineData("\"pickup\": { \"path\": \"p\", \"retryDelay\": \"00:00:00.0000001\" }", "pickup.retryDelay must be between 50 milliseconds and a day.")]
    [InlineData("\"authentication\": { \"failureWindow\": \"00:00:00.0000001\" }", "authentication.failureWindow must be 1 second at least, and 3650 days at most.")]
    [InlineData("\"authentication\": { \"blockTime\": \"10675199.00:00:00\" }", "authentication.blockTime must be 1 second at least, and 3650 days at most.")]
    [InlineData("\"authentication\": { \"checkTimeout\": \"50.00:00:00\" }", "authentication.checkTimeout must be 1 second at least, and a day at most.")]
    [InlineData("\"authentication\": { \"maxFailures\": -1 }", "authentication.maxFailures must be from 0 to 1000.")]
    [InlineData("\"protocolLog\": { \"maxAge\": \"00:00:00.0000001\" }", "protocolLog.maxAge must be a day at least, for a file is a day's, and 3650 days at most.")]
    [InlineData("\"localDomains\": [ { \"name\": \"a.test\", \"lmtp\": \"h.test:0\" } ]", "localDomains[0].lmtp must be host:port, with a port from 1 to 65535, or unix:/path, not 'h.test:0'.")]
    [InlineData("\"delivery\": { \"dnsServers\": [ \"127.0.0.1:0\" ] }", "delivery.dnsServers[0] must be address or address:port, with a port from 1 to 65535, not '127.0.0.1:0'.")]
    [InlineData("\"delivery\": { \"connectTimeout\": \"50.00:00:00\" }", "delivery.connectTimeout must be 1 second at least")]
    [InlineData("\"delivery\": { \"connectionIdle\": \"10675199.00:00:00\" }", "delivery.connectionIdle must be from zero to a day")]
    [InlineData("\"delivery\": { \"mxPort\": 0 }", "delivery has a number out of range")]
    [InlineData("\"delivery\": { \"dnsServers\": [ \"dns.example.test\" ] }", "delivery.dnsServers[0]")]
    [InlineData("\"name\": \"a b\"", "name is made of")]
    [InlineData("\"hostName\": \"-\"", "hostName must be a domain name")]
    public void A_value_out_of_range_is_refused_by_its_key(string member, string fault) =>
        Assert.Contains(fault, Refused($$"""{ "queuePath": "q", {{member}} }""").Message, StringComparison.Ordinal);

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var message = Refused("""{ "queuePath": "", "listeners": [], "delivery": { "mxPort": 0 } }""").Message;
        Assert.Contains("queuePath", message, StringComparison.Ordinal);
        Assert.Contains("listeners", message, StringComparison.Ordinal);
        Assert.Contains("delivery", message, StringComparison.Ordinal);
    }

    private const string Mixed = """
        {
          "queuePaht": "q",
          "listeners": [ { "endpoint": "nowhere" }, { "tls": "Perhaps", "endpoint": "also nowhere" } ],
          "retry": { "lifetime": "soon", "firstDelay": "00:00:00" },
          "retry": { "lifetime": "soon", "firstDelay": "00:00:00" },
          "routes": [
            { "kind": "SmartHots", "host": "a.test" },
            { "domain": "a.test", "kind": "SmartHost" },
            { "domain": "b.test", "listeners": [ "127.0.0.1:25" ], "port": 0 }
          ],
          "localDomains": [ { "mailboxPath": "m" }, null ],
          "limits": { "maxErrors": "many", "maxRecipients": 5 }
        }
        """;

    // What follows from another fault is not told: that routes[2] names no listener, that routes[0] has a host, or what of the two retry is too short.
    [Fact]
    public void Faults_of_syntax_and_of_sense_are_told_at_once_a_line_each_with_the_file_and_the_key() => Assert.Equal(
    [
        "relay.json: retry is there twice, in line 4 and in line 5; take one of them out.",
        "relay.json: Unknown key 'queuePaht'; the nearest known one is 'queuePath'.",
        "relay.json: listeners[1].tls (line 3) is \"Perhaps\", and must be one of \"Auto\", \"None\", \"StartTls\", \"Implicit\".",
        "relay.json: retry.lifetime (line 5) is \"soon\", and must be a time as hours, minutes and seconds: \"00:05:00\" for five minutes, \"2.00:00:00\" for two days.",
        "relay.json: routes[0].kind (line 7) is \"SmartHots\", and must be one of \"Mx\", \"SmartHost\", \"Lmtp\", \"Maildir\", \"Drop\", \"Refuse\", \"Hold\".",
        "relay.json: required but missing: localDomains[0].name (line 11).",
        "relay.json: localDomains[1] is null.",
        "relay.json: limits.maxErrors (line 12) is \"many\", and must be a whole number without quotes, 2147483647 at most.",
        "relay.json: required but missing: queuePath.",
        "relay.json: listeners[0].endpoint must be address:port as in 127.0.0.1:2525, not 'nowhere'.",
        "relay.json: routes[1].host is missing: a route of kind SmartHost needs host, as host or host:port, or hosts.",
        "relay.json: routes[2].port must be 1 to 65535.",
        "relay.json: limits.maxRecipients must be at least 100 (RFC 5321 section 4.5.3.1.8).",
    ], Refused(Mixed).Message.Split('\n'));

    [Fact]
    public async Task However_many_or_long_the_unknown_keys_are_they_are_told_in_seconds()
    {
        const int routes = 20_000;
        var text = $$"""{ "queuePath": "q", "{{new string('k', 1_000_000)}}": 1, "routes": [ {{string.Join(", ", Enumerable.Range(0, routes).Select(i => $$"""{ "domian": "d{{i}}.test" }"""))}} ] }""";
        var message = await Task.Run(() => Refused(text).Message, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(routes + 1, message.Split('\n').Length);
    }

    [Fact]
    public void A_NUL_is_told_with_the_file_the_key_and_the_line()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """
                { "queuePath": "a\u0000b",
                  "aliasesFile": "c\u0000" }
                """);
            Assert.Equal(
                [$"{file}: queuePath contains a NUL character (line 1); take it out.", $"{file}: aliasesFile contains a NUL character (line 2); take it out."],
                Assert.Throws<MailOpsException>(() => RelayConfiguration.ReadFile(file)).Message.Split('\n'));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Paths_in_a_file_are_relative_to_its_folder()
    {
        var folder = Directory.CreateTempSubdirectory("mailops-test-").FullName;
        try
        {
            var file = Path.Combine(folder, "relay.json");
            File.WriteAllText(file, Whole);
            var options = RelayConfiguration.ReadFile(file);
            Assert.Equal(Path.Combine(folder, "queue"), options.QueuePath);
            Assert.Equal(Path.Combine(folder, "mail"), options.LocalDomains[0].MailboxPath);
            Assert.Equal("unix:" + Path.Combine(folder, "lmtp.sock"), options.LocalDomains[1].Lmtp);
            Assert.Equal(Path.Combine(folder, "relay.key"), options.Listeners[0].Certificate!.KeyPath);
            Assert.Equal(Path.Combine(folder, "key.password"), options.Listeners[0].Certificate!.Password!.File);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var error = Assert.Throws<MailOpsException>(() => RelayConfiguration.ReadFile("/nowhere/relay.json"));
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, error.Code);
        Assert.Contains("/nowhere/relay.json", error.Message, StringComparison.Ordinal);
    }

    private static MailOpsException Refused(string text)
    {
        var error = Assert.Throws<MailOpsException>(() => RelayConfiguration.Read(text, "relay.json"));
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, error.Code);
        Assert.NotEmpty(error.Hint);
        return error;
    }
}
