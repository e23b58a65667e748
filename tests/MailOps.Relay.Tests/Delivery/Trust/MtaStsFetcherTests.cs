using System.Net;
using MailOps.Policies;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Delivery.Trust;

/// <summary>Policies over real TLS, from a web server that is as good as it is told to be.</summary>
public sealed class MtaStsFetcherTests
{
    private const string Policy = "version: STSv1\nmode: enforce\nmx: mx.example.test\nmax_age: 86400\n";

    private static readonly Zone Dns = new() { Addresses = { ["mta-sts.example.test"] = ["192.0.2.44"] } };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_is_fetched_from_port_443_of_the_host_that_the_domain_must_have_for_it()
    {
        await using var server = new HttpsServer(TrustedCertificate.ForPolicies) { On = _ => HttpsResponse.Text(Policy) };
        var fetch = await FetchAsync(server);
        Assert.Equal((MtaStsFetchStatus.Fetched, null), (fetch.Status, fetch.Detail));
        Assert.Equal(["mx.example.test"], fetch.Policy!.Mx);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.44"), 443), Assert.Single(server.Connected));
        var request = Assert.Single(server.Requests);
        Assert.Equal("GET /.well-known/mta-sts.txt HTTP/1.1", request.Line);
        Assert.Equal("mta-sts.example.test", request.Header["Host"]);
    }

    [Fact]
    public async Task A_redirection_is_not_followed()
    {
        await using var server = new HttpsServer(TrustedCertificate.ForPolicies);
        server.On = request => request.Line.Contains("/.well-known/", StringComparison.Ordinal)
            ? new HttpsResponse(301, "text/plain", []) { Header = "Location: https://mta-sts.example.test/elsewhere\r\n" }
            : HttpsResponse.Text(Policy);
        var fetch = await FetchAsync(server);
        Assert.Equal((MtaStsFetchStatus.Unreachable, "the server answered 301"), (fetch.Status, fetch.Detail));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("other name")]
    [InlineData("not trusted")]
    [InlineData("expired")]
    public async Task A_certificate_must_be_valid_for_the_host(string wrong)
    {
        var certificate = wrong switch
        {
            "other name" => TrustedCertificate.ForLocalhost,
            "expired" => Certificates.SelfSigned("mta-sts.example.test", -10, -2),
            _ => Certificates.SelfSigned("mta-sts.example.test"),
        };
        await using var server = new HttpsServer(certificate) { On = _ => HttpsResponse.Text(Policy) };
        Assert.Equal(MtaStsFetchStatus.CertificateInvalid, (await FetchAsync(server)).Status);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("text/html", "what the server sent is text/html, not text/plain")]
    [InlineData(null, "what the server sent is of no type, not text/plain")]
    public async Task Only_text_is_a_policy(string? type, string detail)
    {
        await using var server = new HttpsServer(TrustedCertificate.ForPolicies);
        server.On = _ => HttpsResponse.Text(Policy) with { ContentType = type };
        var fetch = await FetchAsync(server);
        Assert.Equal((MtaStsFetchStatus.Unreachable, detail), (fetch.Status, fetch.Detail));
    }

    [Theory]
    [InlineData(64 * 1024, MtaStsFetchStatus.Fetched)]
    [InlineData((64 * 1024) + 1, MtaStsFetchStatus.Unreachable)]
    public async Task A_policy_has_64_KiB_at_most(int size, MtaStsFetchStatus status)
    {
        await using var server = new HttpsServer(TrustedCertificate.ForPolicies);
        server.On = _ => HttpsResponse.Text(Policy + "x: " + new string('y', size - Policy.Length - 3));
        Assert.Equal(status, (await FetchAsync(server)).Status);
    }

    [Fact]
    public async Task What_is_no_policy_is_told_with_its_place()
    {
        await using var server = new HttpsServer(TrustedCertificate.ForPolicies) { On = _ => HttpsResponse.Text("version: STSv1\nmode: strict\n") };
        var fetch = await FetchAsync(server);
        Assert.Equal((MtaStsFetchStatus.PolicyInvalid, "line 2, character 7: 'strict' is no mode"), (fetch.Status, fetch.Detail));
    }

    [Fact]
    public async Task A_server_that_stalls_in_the_middle_is_given_up()
    {
        await using var server = new HttpsServer(TrustedCertificate.ForPolicies) { On = _ => HttpsResponse.Text(Policy) with { Stalls = true } };
        using var fetcher = new MtaStsFetcher(HttpsHandler.Create(Dns, server.ConnectAsync), TimeSpan.FromMilliseconds(500));
        var fetch = await fetcher.FetchAsync("example.test", Ended);
        Assert.Equal((MtaStsFetchStatus.Unreachable, "the server did not answer in time"), (fetch.Status, fetch.Detail));
    }

    [Fact]
    public async Task Without_an_address_there_is_no_policy_and_this_machine_is_no_place_for_one()
    {
        using var fetcher = new MtaStsFetcher(HttpsHandler.Create(new Zone { Addresses = { ["mta-sts.own.test"] = ["127.0.0.1"] } }));
        Assert.Equal("mta-sts.example.test has no address", (await fetcher.FetchAsync("example.test", Ended)).Detail);
        Assert.Equal("127.0.0.1 is this machine", (await fetcher.FetchAsync("own.test", Ended)).Detail);
    }

    [Fact]
    public async Task An_address_that_does_not_answer_has_five_seconds_and_the_next_is_of_the_other_family()
    {
        await using var server = new HttpsServer(TrustedCertificate.ForPolicies) { On = _ => HttpsResponse.Text(Policy) };
        var (clock, asked) = (new FakeTimeProvider(), new TaskCompletionSource());
        var zone = new Zone { Addresses = { ["mta-sts.example.test"] = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "192.0.2.44"] } };
        using var fetcher = new MtaStsFetcher(HttpsHandler.Create(zone, ConnectAsync, clock));
        var fetching = fetcher.FetchAsync("example.test", Ended);
        await asked.Task;
        clock.Advance(TimeSpan.FromSeconds(5));
        var fetch = await fetching;
        Assert.Equal((MtaStsFetchStatus.Fetched, null), (fetch.Status, fetch.Detail));
        Assert.Equal("192.0.2.44", Assert.Single(server.Connected).Address.ToString());

        async ValueTask<Stream> ConnectAsync(IPEndPoint at, CancellationToken cancellationToken)
        {
            if (at.Address.ToString() == "192.0.2.44") return await server.ConnectAsync(at, cancellationToken);
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("A black hole does not answer.");
        }
    }

    private static async Task<MtaStsFetch> FetchAsync(HttpsServer server)
    {
        using var fetcher = new MtaStsFetcher(HttpsHandler.Create(Dns, server.ConnectAsync));
        return await fetcher.FetchAsync("example.test", Ended);
    }
}
