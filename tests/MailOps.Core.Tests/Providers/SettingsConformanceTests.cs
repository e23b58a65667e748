using System.Text.Json;
using MailOps.Providers;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Providers;

/// <summary>Files of real providers, and the answers of Autodiscover that Microsoft documents.</summary>
public sealed class SettingsConformanceTests(ITestOutputHelper output)
{
    [Fact]
    public void Settings_are_read_from_the_file_of_each_provider()
    {
        var files = Conformance.Files("ispdb", "*.xml").ToDictionary(file => "ispdb/" + Path.GetFileName(file));
        using var expected = JsonDocument.Parse(File.ReadAllText(Assert.Single(Conformance.Files("ispdb", "expected.json"))));
        var cases = expected.RootElement.GetProperty("cases").EnumerateArray().ToArray();
        var wrong = new List<string>();
        foreach (var one in cases)
        {
            var name = one.GetProperty("file").GetString()!;
            var read = AutoconfigDocument.Parse(File.ReadAllBytes(files[name]));
            string[] wanted = [one.GetProperty("id").GetString()!, .. Texts(one.GetProperty("domains")), .. Servers(one.GetProperty("incoming")), .. Servers(one.GetProperty("outgoing")), .. OAuth(one.GetProperty("oauth2"))];
            string[] got = [read.Id!, .. read.Domains, .. read.Incoming.Select(Text), .. read.Outgoing.Select(Text), .. read.OAuth.Select(o => $"{o.Issuer} {o.Scope} {o.AuthorizationUrl} {o.TokenUrl}")];
            if (read.Fault is not null || read.Outgoing.Count == 0 || !wanted.SequenceEqual(got)) wrong.Add($"{name}: {read.Fault}\n  {string.Join("\n  ", wanted)}\n got\n  {string.Join("\n  ", got)}");
        }
        output.WriteLine($"{cases.Length - wrong.Count} of {cases.Length} files of providers give the settings expected");
        Assert.Equal(89, cases.Length);
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), cases.Select(one => one.GetProperty("file").GetString()!).Order(StringComparer.Ordinal));
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("autodiscover-pox-0.xml", "neither settings nor an error")]
    [InlineData("autodiscover-pox-1.xml", "neither settings nor an error")]
    [InlineData("autodiscoverresponse-soap-0.xml", "neither settings nor an error")]
    [InlineData("handling-autodiscover-error-messages-0.xml", "to elvin@mail.contoso.com")]
    [InlineData("handling-autodiscover-error-messages-1.xml", "to elvin@mail.contoso.com")]
    [InlineData("how-to-get-user-settings-from-exchange-by-using-autodiscover-2.xml", "what came is not XML")]
    [InlineData("how-to-get-user-settings-from-exchange-by-using-autodiscover-4.xml", "what came is not XML")]
    [InlineData("pox-autodiscover-request-for-exchange-0.xml", "neither settings nor an error")]
    [InlineData("pox-autodiscover-response-for-exchange-0.xml", "Exchange MBX-SERVER.mail.internal.contoso.com, Exchange Exchange.contoso.com")]
    [InlineData("pox-autodiscover-response-for-exchange-1.xml", "error 600: Invalid Request")]
    public void An_answer_of_Autodiscover_gives_settings_or_the_error(string name, string said)
    {
        var file = Conformance.Files("autodiscover", "*.xml").Single(path => Path.GetFileName(path) == name);
        var read = AutodiscoverDocument.Parse(File.ReadAllBytes(file));
        var outcome = read.Fault ?? (read.RedirectAddress is { } address ? "to " + address : string.Join(", ", read.Servers.Select(server => $"{server.Protocol} {server.Host}")));
        output.WriteLine($"{name}: {outcome}");
        Assert.Contains(said, outcome, StringComparison.Ordinal);
    }

    [Fact]
    public void No_answer_of_Autodiscover_is_left_out() => Assert.Equal(10, Conformance.Files("autodiscover", "*.xml").Count);

    private static IEnumerable<string> Texts(JsonElement array) => array.EnumerateArray().Select(text => text.GetString()!);

    private static IEnumerable<string> OAuth(JsonElement array) =>
        array.EnumerateArray().Select(o => $"{o.GetProperty("issuer").GetString()} {o.GetProperty("scope").GetString()} {o.GetProperty("authURL").GetString()} {o.GetProperty("tokenURL").GetString()}");

    // A service without a host name has an address on the web instead, of which the data says nothing.
    private static IEnumerable<string> Servers(JsonElement array) => array.EnumerateArray().Select(server =>
        server.GetProperty("hostname").GetString() is { } host
            ? $"{server.GetProperty("type").GetString()} {host}:{server.GetProperty("port").GetInt32()} {server.GetProperty("socketType").GetString()} {server.GetProperty("username").GetString()} {string.Join(',', Texts(server.GetProperty("auth")))}"
            : $"{server.GetProperty("type").GetString()} on the web {server.GetProperty("username").GetString()} {string.Join(',', Texts(server.GetProperty("auth")))}");

    private static string Text(ServerReading server)
    {
        var proofs = string.Join(',', server.Authentication.Select(one => one switch
        {
            MailAuthentication.Password => "password-cleartext",
            MailAuthentication.EncryptedPassword => "password-encrypted",
            _ => one.ToString(),
        }));
        var type = server.Protocol.ToString().ToLowerInvariant();
        var socket = server.Tls switch { TlsMode.Implicit => "SSL", TlsMode.StartTls => "STARTTLS", _ => "plain" };
        return type is "ews" or "owa" or "graph" ? $"{type} on the web {server.UserName} {proofs}" : $"{type} {server.Host}:{server.Port} {socket} {server.UserName} {proofs}";
    }
}
