using MailOps.Authentication.Tokens;

namespace MailOps.Core.Tests.Authentication;

/// <summary>The keys of -OAuth: what is filled in, and which key an error names.</summary>
public sealed class OAuthTableTests
{
    private const string Tenant = "Grant=ClientCredentials;TenantId=example.onmicrosoft.com;ClientId=app;ClientSecret=hush-hush";

    [Theory]
    [InlineData(Tenant, MailProtocol.Smtp, "https://login.microsoftonline.com/example.onmicrosoft.com/oauth2/v2.0/token", "https://outlook.office365.com/.default")]
    [InlineData("grant=refreshtoken;provider=microsoft365;clientid=app;refreshtoken=r", MailProtocol.Smtp, "https://login.microsoftonline.com/common/oauth2/v2.0/token", "https://outlook.office.com/SMTP.Send offline_access")]
    [InlineData("Grant=RefreshToken;TenantId=t;ClientId=app;RefreshToken=r", MailProtocol.Imap, "https://login.microsoftonline.com/t/oauth2/v2.0/token", "https://outlook.office.com/IMAP.AccessAsUser.All offline_access")]
    [InlineData("Grant=RefreshToken;TenantId=t;ClientId=app;RefreshToken=r", MailProtocol.Pop3, "https://login.microsoftonline.com/t/oauth2/v2.0/token", "https://outlook.office.com/POP.AccessAsUser.All offline_access")]
    [InlineData("Grant=RefreshToken;Provider=Google;ClientId=app;ClientSecret=s;RefreshToken=r", MailProtocol.Imap, "https://oauth2.googleapis.com/token", null)]
    [InlineData("Grant=ServiceAccount;ServiceAccountKeyPath=key.json", MailProtocol.Smtp, "https://oauth2.googleapis.com/token", "https://mail.google.com/")]
    [InlineData("Grant=ClientCredentials;TokenEndpoint=https://login.x.test/t;ClientId=app;ClientSecret=s;Scope=mail", MailProtocol.Smtp, "https://login.x.test/t", "mail")]
    [InlineData("Grant=ClientCredentials;TokenEndpoint=http://127.0.0.1:8080/t;ClientId=app;ClientSecret=s;User=", MailProtocol.Smtp, "http://127.0.0.1:8080/t", null)]
    [InlineData("Grant=ClientCredentials;TenantId=t;TokenEndpoint=https://login.microsoftonline.us/t;ClientId=app;ClientSecret=s", MailProtocol.Smtp, "https://login.microsoftonline.us/t", "https://outlook.office365.com/.default")]
    [InlineData("Grant=DeviceCode;TenantId=t;ClientId=app", MailProtocol.Imap, "https://login.microsoftonline.com/t/oauth2/v2.0/token", "https://outlook.office.com/SMTP.Send https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/POP.AccessAsUser.All offline_access")]
    public void What_well_known_providers_need_is_filled_in(string table, MailProtocol protocol, string url, string? scope)
    {
        var client = OAuthTable.Read(Pairs(table), protocol);
        Assert.Equal((url, scope), (client.TokenUrl.OriginalString, client.Scope));
        Assert.Null(client.User);
    }

    [Theory]
    [InlineData("", "lacks Grant")]
    [InlineData("Grant=Password", "Grant of -OAuth is 'Password'")]
    [InlineData("Grant=1;ClientId=a", "Grant of -OAuth is '1'")]
    [InlineData(Tenant + ";Tennant=x", "has a key Tennant")]
    [InlineData("Grant=ClientCredentials;ClientSecret=hush-hush;TenantId=t", "lacks ClientId")]
    [InlineData("Grant=ClientCredentials;ClientId=a;TenantId=t", "lacks ClientSecret")]
    [InlineData("Grant=ClientCredentials;ClientId=a;ClientSecret=;TenantId=t", "lacks ClientSecret")]
    [InlineData("Grant=RefreshToken;ClientId=a;TenantId=t", "lacks RefreshToken")]
    [InlineData("Grant=ServiceAccount", "lacks ServiceAccountKeyPath")]
    [InlineData("Grant=ClientCredentials;ClientId=a;ClientSecret=hush-hush", "lacks TenantId or TokenEndpoint")]
    [InlineData("Grant=ClientCredentials;ClientId=a;ClientSecret=hush-hush;Provider=Microsoft365", "lacks TenantId")]
    [InlineData("Grant=ClientCredentials;ClientId=a;ClientSecret=hush-hush;Provider=Hotmail", "Provider of -OAuth is 'Hotmail'")]
    [InlineData("Grant=ClientCredentials;ClientId=a;ClientSecret=hush-hush;Provider=Google;TenantId=t", "has TenantId, which is for Provider Microsoft365")]
    [InlineData("Grant=ServiceAccount;ServiceAccountKeyPath=k;TenantId=t", "Grant ServiceAccount, which is for Provider Google")]
    [InlineData(Tenant + ";RefreshToken=hush-hush", "has RefreshToken, which is not for Grant ClientCredentials")]
    [InlineData("Grant=ClientCredentials;ClientId=a;ClientSecret=hush-hush;TenantId=a/../b", "is 'a/../b', which is no tenant")]
    [InlineData("Grant=ClientCredentials;ClientId=a;ClientSecret=hush-hush;TokenEndpoint=http://login.x.test/t", "TokenEndpoint of -OAuth must be an https URL")]
    [InlineData("Grant=ClientCredentials;ClientId=a;ClientSecret=hush-hush;TokenEndpoint=https://me:pw@login.x.test/t", "TokenEndpoint of -OAuth must be an https URL")]
    [InlineData("Grant=ClientCredentials;ClientId=a;ClientSecret=hush-hush;TokenEndpoint=file:///etc/passwd", "TokenEndpoint of -OAuth must be an https URL")]
    [InlineData(Tenant + ";Scope=\u0001", "Scope of -OAuth")]
    [InlineData("Grant=DeviceCode;Provider=Google;ClientId=a", "which gives no mail to devices")]
    [InlineData("Grant=DeviceCode;TokenEndpoint=https://login.x.test/t;ClientId=a", "lacks DeviceEndpoint")]
    [InlineData("Grant=DeviceCode;TokenEndpoint=https://login.x.test/t;DeviceEndpoint=http://login.x.test/t;ClientId=a", "DeviceEndpoint of -OAuth must be an https URL")]
    public void What_is_wrong_is_told_by_its_key_and_without_secrets(string table, string says)
    {
        var e = Assert.Throws<MailOpsException>(() => OAuthTable.Read(Pairs(table), MailProtocol.Smtp));
        Assert.Equal(ErrorCode.AuthenticationInvalid, e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", e.Message + e.Hint, StringComparison.Ordinal);
        Assert.NotEmpty(e.Hint!);
    }

    [Theory]
    [InlineData("", "-SmtpOAuth lacks Grant")]
    [InlineData("Grant=Password", "Grant of -SmtpOAuth is 'Password'")]
    [InlineData(Tenant + ";Scope=\u0001", "Scope of -SmtpOAuth")]
    public void The_parameter_is_named_as_it_was_given(string table, string says)
    {
        var e = Assert.Throws<MailOpsException>(() => OAuthTable.Read(Pairs(table), MailProtocol.Smtp, "-SmtpOAuth"));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("-OAuth", e.Message + e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void One_client_is_asked_for_once_and_another_apart()
    {
        var client = OAuthTable.Read(Pairs(Tenant), MailProtocol.Smtp);
        Assert.Same(ClientTokens.Of(client, "a@x.test"), ClientTokens.Of(OAuthTable.Read(Pairs(Tenant), MailProtocol.Imap), "b@x.test"));
        Assert.NotSame(ClientTokens.Of(client, "a@x.test"), ClientTokens.Of(OAuthTable.Read(Pairs(Tenant + "2"), MailProtocol.Smtp), "a@x.test"));
        var account = OAuthTable.Read(Pairs("Grant=ServiceAccount;ServiceAccountKeyPath=k"), MailProtocol.Smtp);
        Assert.NotSame(ClientTokens.Of(account, "a@x.test"), ClientTokens.Of(account, "b@x.test"));
        Assert.DoesNotContain("hush-hush", client.ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<KeyValuePair<string, string?>> Pairs(string table) =>
        table.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => new KeyValuePair<string, string?>(pair[0], pair[1]));
}
