using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class CredentialRulesTests
{
    private const string App = "provider: \"Custom\", tokenUrl: \"https://t.test/\", clientId: \"c\", clientSecret: {file: \"s\"}";

    [Theory]
    [InlineData("userName: \"u\"", "routes[0] needs both userName and one of password and oauth")]
    [InlineData("userName: \"u\", password: {file: \"p\"}, oauth: {" + App + "}", "routes[0] needs both userName and one of password and oauth")]
    [InlineData("oauth: {" + App + "}", "routes[0] needs both userName and one of")]
    [InlineData("userName: \"a\\u0001b\", oauth: {" + App + "}", "routes[0].userName must not be empty and has no control characters")]
    [InlineData("tls: \"None\", userName: \"u\", oauth: {" + App + "}", "tls None: it would cross the network readable")]
    [InlineData("mechanisms: [\"PLAIN\"]", "routes[0].mechanisms is for a route with a credential")]
    [InlineData("mechanisms: [], userName: \"u\", password: {file: \"p\"}", "routes[0].mechanisms needs at least one")]
    [InlineData("mechanisms: [\"XOAUTH2\"], userName: \"u\", password: {file: \"p\"}", "routes[0].mechanisms names 'XOAUTH2'; for a password there are SCRAM-SHA-512")]
    [InlineData("mechanisms: [\"PLAIN\"], userName: \"u\", oauth: {" + App + "}", "routes[0].mechanisms names 'PLAIN'; for oauth there are OAUTHBEARER, XOAUTH2")]
    [InlineData("userName: \"u\", oauth: {provider: \"Microsoft365\", clientId: \"c\", clientSecret: {file: \"s\"}}", "routes[0].oauth.tenantId is needed for Microsoft365")]
    [InlineData("userName: \"u\", oauth: {tenantId: \"t\", " + App + "}", "routes[0].oauth.tenantId is needed for Microsoft365, and is for no other")]
    [InlineData("userName: \"u\", oauth: {provider: \"Microsoft365\", tenantId: \"a/b\", clientId: \"c\", clientSecret: {file: \"s\"}}", "routes[0].oauth.tenantId must be the tenant's id")]
    [InlineData("userName: \"u\", oauth: {provider: \"Custom\", clientId: \"c\", clientSecret: {file: \"s\"}}", "routes[0].oauth.tokenUrl must be an https URL")]
    [InlineData("userName: \"u\", oauth: {provider: \"Custom\", tokenUrl: \"http://t.test/\", clientId: \"c\", clientSecret: {file: \"s\"}}", "routes[0].oauth.tokenUrl must be an https URL, or http to a loopback address")]
    [InlineData("userName: \"u\", oauth: {provider: \"Custom\", tokenUrl: \"ftp://127.0.0.1/\", clientId: \"c\", clientSecret: {file: \"s\"}}", "routes[0].oauth.tokenUrl must be")]
    [InlineData("userName: \"u\", oauth: {provider: \"Google\", clientSecret: {file: \"s\"}}", "routes[0].oauth.clientId must not be empty")]
    [InlineData("userName: \"u\", oauth: {provider: \"Google\", clientId: \"c\"}", "routes[0].oauth needs clientSecret, clientCertificate, refreshToken or serviceAccountKeyPath")]
    [InlineData("userName: \"u\", oauth: {provider: \"Google\", clientId: \"c\", clientSecret: {file: \"s\"}, clientCertificate: {path: \"p\"}}", "routes[0].oauth needs one of clientSecret and clientCertificate, not both")]
    [InlineData("userName: \"u\", oauth: {provider: \"Google\", clientId: \"c\", clientSecret: {}}", "routes[0].oauth.clientSecret needs exactly one of")]
    [InlineData("userName: \"u\", oauth: {provider: \"Google\", clientId: \"c\", refreshToken: {}}", "routes[0].oauth.refreshToken needs exactly one of")]
    [InlineData("userName: \"u\", oauth: {provider: \"Google\", clientId: \"c\", clientCertificate: {}}", "routes[0].oauth.clientCertificate.path must name a file")]
    [InlineData("userName: \"u\", oauth: {provider: \"Google\", clientId: \"c\", serviceAccountKeyPath: \"k\"}", "routes[0].oauth has serviceAccountKeyPath, beside which there is no clientId")]
    [InlineData("userName: \"u\", oauth: {provider: \"Custom\", tokenUrl: \"https://t.test/\", serviceAccountKeyPath: \"k\"}", "routes[0].oauth.serviceAccountKeyPath is for Google")]
    [InlineData("userName: \"u\", oauth: {provider: \"Google\", scope: \"a\\u0001\", clientId: \"c\", clientSecret: {file: \"s\"}}", "routes[0].oauth.scope must be printable ASCII")]
    [InlineData("userName: \"u\", oauth: {provider: \"Google\", clientID: \"c\"}", "Unknown key 'routes[0].oauth.clientID'")]
    public void A_fault_is_told_with_its_key(string part, string says)
    {
        var e = Assert.Throws<MailOpsException>(() => RelayConfiguration.Read(Json(part), "test"));
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_is_for_servers_that_are_named()
    {
        var e = Assert.Throws<MailOpsException>(() => RelayConfiguration.Read(Json("userName: \"u\", oauth: {" + App + "}").Replace("SmartHost", "Mx", StringComparison.Ordinal).Replace("\"host\": \"smart.test\", ", "", StringComparison.Ordinal), "test"));
        Assert.Contains("has a credential, which is for SmartHost and Lmtp", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_can_be_said_is_read_and_its_paths_are_those_of_the_document()
    {
        var folder = Path.GetTempPath();
        var read = RelativePaths.Resolve(RelayConfiguration.Read(Json("""
            mechanisms: ["xoauth2"], userName: "mila@example.test",
            oauth: {provider: "Microsoft365", tenantId: "example.test", clientId: "c", clientCertificate: {path: "app.pem"}, refreshToken: {file: "refresh"}, scope: "a b", tokenUrl: "http://127.0.0.1:8080/token"}
            """), "test"), folder).Routes[0].Oauth!;
        Assert.Equal((Path.Combine(folder, "app.pem"), Path.Combine(folder, "refresh")), (read.ClientCertificate!.Path, read.RefreshToken!.File));
        var others = RelativePaths.Resolve(RelayConfiguration.Read(Json("userName: \"u\", oauth: {provider: \"Google\", serviceAccountKeyPath: \"key.json\"}"), "test"), folder).Routes[0].Oauth!;
        Assert.Equal(Path.Combine(folder, "key.json"), others.ServiceAccountKeyPath);
        Assert.Equal(Path.Combine(folder, "s"), RelativePaths.Resolve(RelayConfiguration.Read(Json("userName: \"u\", oauth: {" + App + "}"), "test"), folder).Routes[0].Oauth!.ClientSecret!.File);
    }

    // Keys without quotes, for the eye.
    private static string Json(string part) => "{\"queuePath\": \"q\", \"routes\": [{\"kind\": \"SmartHost\", \"host\": \"smart.test\", "
        + System.Text.RegularExpressions.Regex.Replace(part, @"(?<=[{,\s]|^)(\w+): ", "\"$1\": ") + "}]}";
}
