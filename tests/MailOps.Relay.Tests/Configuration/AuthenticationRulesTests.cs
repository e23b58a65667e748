using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class AuthenticationRulesTests
{
    [Theory]
    [InlineData("""users: [{name: "a", password: {file: "p"}, senders: ["nobody"]}]""", "users[0].senders has 'nobody'")]
    [InlineData("""usersFile: """ + "\"\"", "usersFile must name a file")]
    [InlineData("authentication: {maxFailures: -1}", "authentication.maxFailures must be")]
    [InlineData("authentication: {blockTime: \"00:00:00\"}", "authentication.blockTime must be 1 second at least")]
    [InlineData("authentication: {neverBlock: [\"nowhere\"]}", "authentication.neverBlock[0]")]
    [InlineData("authentication: {issuers: [{issuer: \"i\", audiences: [], keys: \"k\"}]}", "authentication.issuers[0].audiences needs at least one")]
    [InlineData("authentication: {issuers: [{issuer: \"\", audiences: [\"a\"], keys: \"k\"}]}", "authentication.issuers[0].issuer must not be empty")]
    [InlineData("authentication: {issuers: [{issuer: \"i\", audiences: [\"a\"], keys: \"http://login.example.test/keys\"}]}", "authentication.issuers[0].keys must be an https URL")]
    [InlineData("authentication: {issuers: [{issuer: \"i\", audiences: [\"a\"], keys: \"ftp://login.example.test/keys\"}]}", "authentication.issuers[0].keys must be an https URL")]
    [InlineData("authentication: {issuers: [{issuer: \"i\", audiences: [\"a\"], keys: \"k\"}, {issuer: \"i\", audiences: [\"a\"], keys: \"k\"}]}", "names 'i' more than once")]
    [InlineData("authentication: {issuers: [{issuer: \"i\", audiences: [\"a\"], keys: \"k\", userClaim: \"\"}]}", "userClaim must not be empty")]
    [InlineData("listeners: [{mechanisms: [\"CRAM-MD5\"]}]", "listeners[0].mechanisms names 'CRAM-MD5'")]
    [InlineData("listeners: [{clientCertificates: {}}]", "listeners[0].clientCertificates needs authorityPath or thumbprints")]
    [InlineData("listeners: [{clientCertificates: {thumbprints: [\"AB:CD\"]}}]", "thumbprints has 'AB:CD'")]
    [InlineData("listeners: [{tls: \"None\", clientCertificates: {authorityPath: \"ca.pem\"}}]", "are shown in TLS")]
    [InlineData("authentication: {check: null}", "Unknown key 'authentication.check'")]
    public void A_fault_is_told_with_its_key(string part, string says)
    {
        var e = Assert.Throws<MailOpsException>(() => RelayConfiguration.Read(Json(part), "test"));
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_can_be_said_is_read_and_its_paths_are_those_of_the_document()
    {
        var options = RelativePaths.Resolve(RelayConfiguration.Read(Json("""
            usersFile: "users.json",
            authentication: {requireSenderOwnership: true, maxFailures: 0, neverBlock: ["192.0.2.0/24"], issuers: [
                {issuer: "a", audiences: ["x"], keys: "https://login.example.test/keys", userClaim: "upn"}, {issuer: "b", audiences: ["x"], keys: "keys.json"}]},
            listeners: [{mechanisms: ["scram-sha-256", "EXTERNAL"], clientCertificates: {authorityPath: "ca.pem", userName: "Email"}}]
            """), "test"), Path.GetTempPath());
        Assert.Equal(Path.Combine(Path.GetTempPath(), "users.json"), options.UsersFile);
        Assert.Equal(["https://login.example.test/keys", Path.Combine(Path.GetTempPath(), "keys.json")], options.Authentication.Issuers.Select(i => i.Keys));
        Assert.Equal(Path.Combine(Path.GetTempPath(), "ca.pem"), options.Listeners[0].ClientCertificates!.AuthorityPath);
    }

    // Keys without quotes, for the eye.
    private static string Json(string part) => "{\"queuePath\": \"q\", " + System.Text.RegularExpressions.Regex.Replace(part, @"(?<=[{,\s]|^)(\w+): ", "\"$1\": ") + "}";
}
