using System.Globalization;
using System.Net;
using MailOps.Messages;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Mailboxes;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;
using MailOps.Relay.Policy;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Policy;

/// <summary>A domain is the same one in every form of its name: policy, routes, mailboxes and sender rules agree on that, in any language of the machine.</summary>
public sealed class DomainEqualityTests : IDisposable
{
    private static readonly string[] Forms = ["bücher-info.test", "BÜCHER-INFO.TEST", "bu\u0308cher-info.test", "xn--bcher-info-9db.test", "XN--BCHER-INFO-9DB.test"];
    private static readonly string[] Languages = ["en-US", "tr-TR", "lt-LT"];
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public static TheoryData<string, string, string> Pairs =>
        [.. from language in Languages from configured in Forms from written in Forms select (language, configured, written)];

    public void Dispose() => CultureInfo.CurrentCulture = _before;

    [Theory, MemberData(nameof(Pairs))]
    public async Task Each_form_is_the_domain(string language, string configured, string written)
    {
        CultureInfo.CurrentCulture = new CultureInfo(language);
        var options = new SmtpRelayOptions
        {
            QueuePath = "q",
            RelayNetworks = [],
            LocalDomains = [new LocalDomainOptions { Name = configured, MailboxPath = "m", Mailboxes = ["INFO"] }],
        };
        var address = EmailAddress.Parse("info@" + written);

        var begun = await new RelayPolicy(new RecordingTarget(), options).BeginAsync(new MailSender(null) { Origin = new MailOrigin(IPAddress.Parse("192.0.2.9"), "x", "ESMTP") }, CancellationToken.None);
        await using var transaction = begun.Transaction!;
        Assert.Equal(250, (await transaction.AddRecipientAsync(new MailRecipient(address), CancellationToken.None)).Code);

        Assert.Equal((RouteKind.Maildir, "xn--bcher-info-9db.test"), Hop(options, address));
        var routed = options with { LocalDomains = [], Routes = [new RouteOptions { Domain = "*." + configured, Kind = RouteKind.Lmtp, Host = "127.0.0.1" }, new RouteOptions { Domain = configured, Kind = RouteKind.SmartHost, Host = "mx.test" }] };
        Assert.Equal((RouteKind.SmartHost, "mx.test:25"), Hop(routed, address));
        Assert.Equal((RouteKind.Lmtp, "127.0.0.1:24"), Hop(routed, EmailAddress.Parse("info@sub." + written)));

        Assert.True(SenderRule.Allows("@" + configured, address));
        Assert.True(SenderRule.Allows("INFO@" + configured, address));
        Assert.EndsWith("/xn--bcher-info-9db.test/info", new MaildirTarget("/mail", "relay.test", new RecordingTrace(), TimeProvider.System, new LocalDisk()).PathOf(address).Replace('\\', '/'), StringComparison.Ordinal);
    }

    private static (RouteKind Kind, string Name) Hop(SmtpRelayOptions options, EmailAddress address)
    {
        var hop = new RouteTable(options).Of(address);
        return (hop.Kind, hop.Name);
    }
}
