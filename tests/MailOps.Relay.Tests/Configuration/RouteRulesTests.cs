using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class RouteRulesTests
{
    [Theory]
    [InlineData("""{ "domain": "*.x.test", "senders": [ "<>", "a@b.test", "@b.test", "*.b.test", "*" ], "recipients": [ "a@b.x.test" ], "users": [ "*" ], "listeners": [ "127.0.0.1:25" ] }""", null)]
    [InlineData("""{ "kind": "SmartHost", "hosts": [ "a.test", "b.test:26" ], "sourceAddresses": [ "127.0.0.1", "::1" ], "addressFamily": "PreferIPv6" }""", null)]
    [InlineData("""{ "kind": "Drop", "dropPath": "drop" }""", null)]
    [InlineData("""{ "kind": "Refuse", "text": "450 4.7.1 Later" }""", null)]
    [InlineData("""{ "domains": [ "a.test" ], "domain": "b.test" }""", "routes[0] has domain and domains; one of them says it.")]
    [InlineData("""{ "domains": [ "a.test", "a b" ] }""", "routes[0].domains[1] must be a domain, *.domain or *, not 'a b'.")]
    [InlineData("""{ "senders": [ "b.test" ] }""", "routes[0].senders[0] must be an address, @domain, *.domain, * or <>, not 'b.test'.")]
    [InlineData("""{ "recipients": [ "<>" ] }""", "routes[0].recipients[0] must be an address, @domain or *.domain, not '<>'.")]
    [InlineData("""{ "users": [ "" ] }""", "routes[0].users[0] must be a user name, not ''.")]
    [InlineData("""{ "listeners": [ "127.0.0.1:26" ] }""", "routes[0].listeners[0] must be the endpoint of one of the listeners, not '127.0.0.1:26'.")]
    [InlineData("""{ "kind": "SmartHost", "host": "a.test", "hosts": [ "b.test" ] }""", "routes[0] has host and hosts; one of them says it.")]
    [InlineData("""{ "kind": "SmartHost", "hosts": [ "a.test", "A.test" ] }""", "routes[0].hosts names a server more than once.")]
    [InlineData("""{ "kind": "SmartHost", "hosts": [ "a.test", "unix:/x" ] }""", "routes[0].host can be a Unix socket only for Lmtp.")]
    [InlineData("""{ "kind": "SmartHost", "hosts": [ "1.test", "2.test", "3.test", "4.test", "5.test", "6.test", "7.test", "8.test", "9.test", "10.test", "11.test" ] }""", "routes[0].hosts may have ten servers; for more, give them a domain with mail exchangers.")]
    [InlineData("""{ "hosts": [ "a.test" ] }""", "routes[0].host is for SmartHost and Lmtp; the route's kind is Mx.")]
    [InlineData("""{ "kind": "SmartHost" }""", "routes[0].host is missing: a route of kind SmartHost needs host, as host or host:port, or hosts.")]
    [InlineData("""{ "name": "out", "kind": "Lmtp" }""", "routes[0].host is missing: the route 'out' of kind Lmtp needs host, as host or host:port, or hosts.")]
    [InlineData("""{ "kind": "SmartHost", "host": "a.test:0" }""", "routes[0].host must be host or host:port for SmartHost, with a port from 1 to 65535, not 'a.test:0'.")]
    [InlineData("""{ "kind": "SmartHost", "host": "224.0.0.1" }""", "routes[0].host must be host or host:port for SmartHost, with a port from 1 to 65535, not '224.0.0.1', which is a multicast address.")]
    [InlineData("""{ "kind": "SmartHost", "hosts": [ "a.test", "b.test:0" ] }""", "routes[0].hosts[1] must be host or host:port, with a port from 1 to 65535, not 'b.test:0'.")]
    [InlineData("""{ "kind": "Lmtp", "host": "unix:/x" }""", null)]
    [InlineData("""{ "kind": "Drop" }""", "routes[0].dropPath must name a folder for Drop, and is for no other kind.")]
    [InlineData("""{ "dropPath": "x" }""", "routes[0].dropPath must name a folder for Drop, and is for no other kind.")]
    [InlineData("""{ "kind": "Refuse", "text": "450 5.7.1 x" }""", "routes[0].text is for Refuse: a text in ASCII of 400 characters at most, which may begin with a code and an enhanced code of the same class, as in 550 5.7.1.")]
    [InlineData("""{ "kind": "Refuse", "text": "250 fine" }""", "routes[0].text refuses nobody with '250'; a code in front must be 4yz or 5yz, as in 550 5.7.1.")]
    [InlineData("""{ "kind": "Refuse", "text": "354 go on" }""", "routes[0].text refuses nobody with '354'; a code in front must be 4yz or 5yz, as in 550 5.7.1.")]
    [InlineData("""{ "kind": "Refuse", "text": "550-5.7.1 No" }""", "routes[0].text refuses nobody with '550-'; a code in front must be 4yz or 5yz, as in 550 5.7.1.")]
    [InlineData("""{ "kind": "Refuse", "text": "2.0.0 fine" }""", "routes[0].text refuses nobody with '2.0.0'; a code in front must be 4yz or 5yz, as in 550 5.7.1.")]
    [InlineData("""{ "kind": "Refuse", "text": "1000 reasons" }""", null)]
    [InlineData("""{ "kind": "Hold", "pace": { "maxConnections": 1 } }""", "routes[0].pace is for Mx, SmartHost and Lmtp, and means nothing for Hold; take it out.")]
    [InlineData("""{ "kind": "Refuse", "tls": "StartTls" }""", "routes[0].tls is for Mx, SmartHost and Lmtp, and means nothing for Refuse; take it out.")]
    [InlineData("""{ "kind": "Drop", "dropPath": "d", "dane": "Required" }""", "routes[0].dane is for Mx, SmartHost and Lmtp, and means nothing for Drop; take it out.")]
    [InlineData("""{ "kind": "Maildir", "mailboxPath": "m", "port": 24 }""", "routes[0].port is for Mx, SmartHost and Lmtp, and means nothing for Maildir; take it out.")]
    [InlineData("""{ "kind": "Hold", "skipCertificateValidation": true }""", "routes[0].skipCertificateValidation is for Mx, SmartHost and Lmtp, and means nothing for Hold; take it out.")]
    [InlineData("""{ "kind": "Hold", "certificateThumbprints": [ "0000000000000000000000000000000000000000000000000000000000000000" ] }""", "routes[0].certificateThumbprints is for Mx, SmartHost and Lmtp, and means nothing for Hold; take it out.")]
    [InlineData("""{ "kind": "Drop", "dropPath": "d", "retry": { "lifetime": "01:00:00" } }""", null)]
    [InlineData("""{ "sourceAddresses": [ "127.0.0.1", "127.0.0.2" ] }""", "routes[0].sourceAddresses may have one IPv4 and one IPv6 address.")]
    [InlineData("""{ "sourceAddresses": [ "0.0.0.0" ] }""", "routes[0].sourceAddresses[0] must be an address of this machine, not '0.0.0.0', which is no machine's.")]
    [InlineData("""{ "sourceAddresses": [ "224.0.0.1" ] }""", "routes[0].sourceAddresses[0] must be an address of this machine, not '224.0.0.1', which is a multicast address.")]
    [InlineData("""{ "sourceAddresses": [ "ff02::1" ] }""", "routes[0].sourceAddresses[0] must be an address of this machine, not 'ff02::1', which is a multicast address.")]
    [InlineData("""{ "sourceAddresses": [ "255.255.255.255" ] }""", "routes[0].sourceAddresses[0] must be an address of this machine, not '255.255.255.255', which is a broadcast or reserved address.")]
    [InlineData("""{ "sourceAddresses": [ "0.0.0.1" ] }""", "routes[0].sourceAddresses[0] must be an address of this machine, not '0.0.0.1', which is no machine's.")]
    [InlineData("""{ "sourceAddresses": [ "::" ] }""", "routes[0].sourceAddresses[0] must be an address of this machine, not '::', which is no machine's.")]
    [InlineData("""{ "sourceAddresses": [ "::ffff:192.0.2.1" ] }""", "routes[0].sourceAddresses[0] must be an address of this machine, not '::ffff:192.0.2.1', which is an IPv4 address in IPv6 form: write it as IPv4.")]
    [InlineData("""{ "sourceAddresses": [ "10.1" ] }""", "routes[0].sourceAddresses[0] must be an address of this machine, not '10.1', which is no address.")]
    [InlineData("""{ "retry": { "firstDelay": "00:01:00", "lifetime": "01:00:00" } }""", null)]
    [InlineData("""{ "retry": { "firstDelay": "02:00:00" } }""", "routes[0].retry.firstDelay is 02:00:00, longer than maxDelay, 01:07:00 (of the relay's retry); set routes[0].retry.maxDelay to at least firstDelay.")]   // the relay's maxDelay is shorter
    [InlineData("""{ "retry": { "maxDelay": "00:01:00" } }""", "routes[0].retry.firstDelay is 00:05:00 (of the relay's retry), longer than maxDelay, 00:01:00; set routes[0].retry.firstDelay to at most maxDelay.")]
    [InlineData("""{ "retry": { "lifetime": "00:00:00" } }""", "routes[0].retry.lifetime is 00:00:00, and must be 1 minute at least: what a moment's trouble keeps would go back to its sender.")]
    [InlineData("""{ "retry": { "firstDelay": "00:00:00.0000001" } }""", "routes[0].retry.firstDelay is 00:00:00.0000001, and must be 1 second at least: a next hop in trouble would be asked without pause.")]
    [InlineData("""{ "retry": { "delayNotice": "00:00:01" } }""", "routes[0].retry.delayNotice is 00:00:01, and must be zero for never, or 1 minute at least: greylisting alone would tell every sender.")]
    [InlineData("""{ "retry": { "lifetime": "3651.00:00:00" } }""", "routes[0].retry.lifetime is 3651.00:00:00, and must be 3650 days at most.")]
    [InlineData("""{ "kind": "Hold", "retry": { "lifetime": "01:00:00" } }""", "routes[0] has retry, and its kind is Hold: nothing is tried there.")]
    [InlineData("""{ "kind": "Hold", "addressFamily": "IPv4" }""", "routes[0] has sourceAddresses or addressFamily, which are for Mx, SmartHost and Lmtp; its kind is Hold.")]
    public void What_a_route_may_say(string route, string? fault)
    {
        var document = $$"""{ "queuePath": "q", "listeners": [ { "endpoint": "127.0.0.1:25" } ], "routes": [ {{route}} ] }""";
        if (fault is null) Assert.Single(RelayConfiguration.Read(document, "test").Routes);
        else Assert.Equal("test: " + fault, Assert.Throws<MailOpsException>(() => RelayConfiguration.Read(document, "test")).Message);
    }

    [Fact]
    public void A_number_without_a_name_is_refused_for_each_key_that_takes_names()
    {
        var options = new SmtpRelayOptions
        {
            QueuePath = "q",
            Listeners = [new() { Tls = (TlsMode)9, MinTlsVersion = (TlsVersion)9, ClientCertificates = new() { UserName = (CertificateUserName)9 } }],
            Routes = [new() { Kind = (RouteKind)9 }, new() { Domain = "a.test", Tls = (TlsMode)9, Dane = (DaneMode)9, AddressFamily = (NextHopAddresses)9, UserName = "u", Oauth = new() { Provider = (OAuthProvider)9 } }],
        };
        var told = Assert.Throws<MailOpsException>(() => OptionsValidator.Validate(options)).Message.Split('\n');
        Assert.All(["listeners[0].tls", "listeners[0].minTlsVersion", "listeners[0].clientCertificates.userName", "routes[0].kind", "routes[1].tls", "routes[1].dane", "routes[1].addressFamily", "routes[1].oauth.provider"],
            key => Assert.Contains(told, line => line.StartsWith($"{key} must be one of ", StringComparison.Ordinal) && line.EndsWith(", not '9'.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Folders_and_sockets_of_a_route_are_relative_to_the_document()
    {
        var options = new SmtpRelayOptions { QueuePath = "q", Routes = [new() { Kind = RouteKind.Drop, DropPath = "drop" }, new() { Kind = RouteKind.Lmtp, Hosts = ["unix:lmtp", "a.test"] }] };
        var resolved = RelativePaths.Resolve(options, Path.GetFullPath("/base"));
        Assert.Equal(Path.Combine(Path.GetFullPath("/base"), "drop"), resolved.Routes[0].DropPath);
        Assert.Equal(["unix:" + Path.Combine(Path.GetFullPath("/base"), "lmtp"), "a.test"], resolved.Routes[1].Hosts);
    }
}
