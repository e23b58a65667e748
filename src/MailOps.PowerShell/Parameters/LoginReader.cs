using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Security;
using MailOps.Authentication;
using MailOps.Authentication.Tokens;

namespace MailOps.PowerShell.Parameters;

/// <summary>Who logs in, and how.</summary>
internal sealed record Login(NetworkCredential Credential, LoginMethod Method);

/// <summary>What a user has said about it.</summary>
internal sealed record LoginInput(PSCredential? Credential, AuthenticationMechanism Mechanism, string? UserName, SecureString? AccessToken, IDictionary? OAuth);

/// <summary>Makes a login of the parameters, and keeps it as long as they are the same: for each record of a pipeline it would be another.</summary>
/// <param name="fullPath">The full path of a file, which PowerShell's location may be the start of.</param>
/// <param name="prefix">What the names of the parameters begin with.</param>
internal sealed class LoginReader(Func<string, string> fullPath, string prefix = "")
{
    private (LoginInput Input, MailProtocol Protocol, Login? Login)? _last;

    /// <summary>What the names of the parameters begin with.</summary>
    public string Prefix => prefix;

    /// <summary>The login; null where nothing was given.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.AuthenticationInvalid"/>: it does not fit together.</exception>
    public Login? Read(LoginInput input, MailProtocol protocol)
    {
        if (_last is not { } last || last.Input != input || last.Protocol != protocol) _last = (input, protocol, Make(input, protocol));
        return _last.Value.Login;
    }

    /// <summary>Has somebody sign in by a browser, where -OAuth says so.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OAuthTokenFailed"/>: nobody has.</exception>
    public async Task SignInAsync(IDictionary? oauth, string? userName, Action<DeviceCode> show, Action<TimeSpan> waiting, CancellationToken cancellationToken)
    {
        if (oauth is null) return;
        var client = OAuthTable.Read(Pairs(oauth), MailProtocol.Smtp, Name("OAuth"));
        if ((userName ?? client.User) is not { } user) return;   // an error when it is to be used
        try
        {
            await ClientTokens.SignInAsync(client, user, show, waiting, cancellationToken).ConfigureAwait(false);
        }
        catch (TokenException e)
        {
            throw LoginErrors.NoToken(user, e, prefix);
        }
    }

    private Login? Make(LoginInput input, MailProtocol protocol)
    {
        var (isAnonymous, takesToken) = (input.Mechanism == AuthenticationMechanism.Anonymous, ClientMechanisms.TakesToken(input.Mechanism));
        var given = new[] { (Name("Credential"), input.Credential is not null), (Name("AccessToken"), input.AccessToken is not null), (Name("OAuth"), input.OAuth is not null) }.Where(one => one.Item2).Select(one => one.Item1).ToArray();
        if (given.Length > 1) throw Wrong($"{given[0]} and {given[1]} were both given, and each is what is shown to the server.", $"Leave one of them out; {Name("UserName")} says whose mailbox a token is for.");
        if (isAnonymous)
        {
            if (given.Length > 0) throw Wrong($"{Name("Authentication")} Anonymous shows nothing, and {given[0]} was given.", "Leave one of them out.");
            return new Login(new NetworkCredential(input.UserName ?? "anonymous", ""), new LoginMethod { Mechanism = input.Mechanism, Prefix = prefix });
        }
        if (input.Credential is { } credential)
        {
            if (takesToken) throw Wrong($"{Name("Authentication")} {input.Mechanism} shows an access token, and {Name("Credential")} has a password.", $"Use {Name("AccessToken")} or {Name("OAuth")} with {Name("UserName")}.");
            if (input.UserName is not null) throw Wrong($"{Name("UserName")} is for {Name("AccessToken")} and {Name("OAuth")}; {Name("Credential")} has a user name.", "Leave one of them out.");
            return new Login(new NetworkCredential(credential.UserName, credential.Password), new LoginMethod { Mechanism = input.Mechanism, Prefix = prefix });   // GetNetworkCredential would cut DOMAIN\ off
        }
        if (given.Length > 0) return WithToken(input, protocol, takesToken);
        if (input.Mechanism != AuthenticationMechanism.Auto) throw Wrong($"{Name("Authentication")} {input.Mechanism} needs something to show.", takesToken ? $"Give {Name("AccessToken")} or {Name("OAuth")}." : $"Give {Name("Credential")}.");
        if (input.UserName is not null) throw Wrong($"{Name("UserName")} was given without {Name("AccessToken")} and {Name("OAuth")}.", $"Give one of them, or {Name("Credential")} for a password.");
        return null;
    }

    private Login WithToken(LoginInput input, MailProtocol protocol, bool takesToken)
    {
        if (input.Mechanism != AuthenticationMechanism.Auto && !takesToken)
            throw Wrong($"{Name("Authentication")} {input.Mechanism} shows a password, and {Name(input.OAuth is null ? "AccessToken" : "OAuth")} gives an access token.", $"Leave {Name("Authentication")} out, or use XOAuth2 or OAuthBearer.");
        var client = input.OAuth is { } table ? OAuthTable.Read(Pairs(table), protocol, Name("OAuth")) : null;
        if (input.UserName is { } one && client?.User is { } other && !string.Equals(one, other, StringComparison.OrdinalIgnoreCase))
            throw Wrong($"{Name("UserName")} is not the User of {Name("OAuth")}.", "Leave one of them out.");
        var user = input.UserName ?? client?.User ?? throw Wrong("An access token is for a mailbox, and none was named.", $"Name it with {Name("UserName")}.");
        var tokens = client is not null ? ClientTokens.Of(client, user) : AccessTokens.Of(Checked(Text(input.AccessToken)!));
        return new Login(new NetworkCredential(user, ""), new LoginMethod { Mechanism = input.Mechanism, Tokens = tokens, Prefix = prefix });
    }

    // RFC 6750 section 2.1; in SASL a control character would end it.
    private string Checked(string token) => token.Length > 0 && token.All(c => c is > ' ' and <= '~')
        ? token
        : throw Wrong($"{Name("AccessToken")} is empty or has characters that no access token has.", "Give the token alone, without 'Bearer' and line breaks.");

    private IEnumerable<KeyValuePair<string, string?>> Pairs(IDictionary table)
    {
        foreach (DictionaryEntry entry in table)
        {
            var (key, text) = (Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "", Text(entry.Value));
            yield return new(key, text is { Length: > 0 } path && string.Equals(key, nameof(OAuthClient.ServiceAccountKeyPath), StringComparison.OrdinalIgnoreCase) ? fullPath(path) : text);
        }
    }

    private static string? Text(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        SecureString secure => new NetworkCredential("", secure).Password,
        PSCredential credential => new NetworkCredential("", credential.Password).Password,
        string text => text,
        IEnumerable several => string.Join(" ", several.Cast<object?>().Select(Text)),
        var other => LanguagePrimitives.ConvertTo<string>(other),
    };

    private string Name(string parameter) => "-" + prefix + parameter;

    private static MailOpsException Wrong(string message, string hint) => new(ErrorCode.AuthenticationInvalid, message, hint);
}
