using MailOps.Messages;

namespace MailOps.Authentication.Tokens;

/// <summary>Reads a client of a token server from a table of keys and values, as -OAuth has it. What well-known providers need is filled in.</summary>
public sealed class OAuthTable
{
    private const string Grant = nameof(Grant), Provider = nameof(Provider), TenantId = nameof(TenantId), TokenEndpoint = nameof(TokenEndpoint), DeviceEndpoint = nameof(DeviceEndpoint), ClientId = nameof(ClientId),
        ClientSecret = nameof(ClientSecret), RefreshToken = nameof(RefreshToken), ServiceAccountKeyPath = nameof(ServiceAccountKeyPath), Scope = nameof(Scope), User = nameof(User);

    private static readonly string[] Known = [Grant, Provider, TenantId, TokenEndpoint, DeviceEndpoint, ClientId, ClientSecret, RefreshToken, ServiceAccountKeyPath, Scope, User];
    private static readonly string[] Everywhere = [Grant, Provider, TenantId, TokenEndpoint, Scope, User];

    private static readonly Dictionary<OAuthGrant, (string[] Needed, string[] Possible)> Rules = new()
    {
        [OAuthGrant.ClientCredentials] = ([ClientId, ClientSecret], []),
        [OAuthGrant.RefreshToken] = ([ClientId, RefreshToken], [ClientSecret]),
        [OAuthGrant.DeviceCode] = ([ClientId], [ClientSecret, DeviceEndpoint]),
        [OAuthGrant.ServiceAccount] = ([ServiceAccountKeyPath], []),
    };

    private readonly string _parameter;
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    private OAuthTable(string parameter) => _parameter = parameter;

    /// <summary>Reads it.</summary>
    /// <param name="table">Keys, in any case, and values; a value that is null or empty is none.</param>
    /// <param name="protocol">What the token is for, where no scope is given.</param>
    /// <param name="parameter">The name of the parameter that it was given by, for errors.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.AuthenticationInvalid"/>, naming the key.</exception>
    public static OAuthClient Read(IEnumerable<KeyValuePair<string, string?>> table, MailProtocol protocol, string parameter = "-OAuth") => new OAuthTable(parameter).Read(table, protocol);

    private OAuthClient Read(IEnumerable<KeyValuePair<string, string?>> table, MailProtocol protocol)
    {
        foreach (var pair in table)
        {
            if (!Known.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)) throw Wrong($"{_parameter} has a key {Printable.Escape(pair.Key)}, which does not exist.", $"The keys are {string.Join(", ", Known)}.");
            if (pair.Value is { Length: > 0 } value) _values[pair.Key] = value;
        }
        var grant = Name(Grant, Get(Grant) ?? throw Missing(Grant, "to say how tokens are asked for"), Rules.Keys);
        var (needed, possible) = Rules[grant];
        if (needed.FirstOrDefault(key => !_values.ContainsKey(key)) is { } missing) throw Missing(missing, $"for Grant {grant}");
        if (_values.Keys.FirstOrDefault(key => !needed.Concat(possible).Concat(Everywhere).Contains(key, StringComparer.OrdinalIgnoreCase)) is { } idle)
            throw Wrong($"{_parameter} has {idle}, which is not for Grant {grant}.", $"Leave it out, or use another Grant: {string.Join(", ", Rules.Keys)}.");
        return Client(grant, protocol);
    }

    private OAuthClient Client(OAuthGrant grant, MailProtocol protocol)
    {
        var provider = Get(Provider) is { } named ? Name(Provider, named, [OAuthProvider.Microsoft365, OAuthProvider.Google, OAuthProvider.Custom])
            : _values.ContainsKey(TenantId) ? OAuthProvider.Microsoft365 : grant == OAuthGrant.ServiceAccount ? OAuthProvider.Google : OAuthProvider.Custom;
        if (_values.ContainsKey(TenantId) && provider != OAuthProvider.Microsoft365) throw Wrong($"{_parameter} has TenantId, which is for Provider Microsoft365, not for {provider}.", "Leave one of them out.");
        if (grant == OAuthGrant.ServiceAccount && provider != OAuthProvider.Google) throw Wrong($"{_parameter} has Grant ServiceAccount, which is for Provider Google, not for {provider}.", "Leave Provider out, or use another Grant.");
        var scope = Get(Scope) ?? DefaultScope(provider, grant, protocol);
        if (scope is not null && !TokenEndpoints.IsScope(scope)) throw Wrong($"Scope of {_parameter} must be printable ASCII.", "Leave it out for Microsoft365 and Google, whose scopes are known.");
        return new OAuthClient
        {
            Grant = grant,
            TokenUrl = TokenUrl(provider, grant),
            DeviceUrl = grant == OAuthGrant.DeviceCode ? DeviceUrl(provider) : null,
            ClientId = Get(ClientId),
            ClientSecret = Get(ClientSecret),
            RefreshToken = Get(RefreshToken),
            ServiceAccountKeyPath = Get(ServiceAccountKeyPath),
            Scope = scope,
            User = Get(User),
        };
    }

    private Uri TokenUrl(OAuthProvider provider, OAuthGrant grant)
    {
        if (Given(TokenEndpoint) is { } given) return given;
        if (provider == OAuthProvider.Google) return TokenEndpoints.Google;
        if (provider == OAuthProvider.Custom) throw Wrong($"{_parameter} lacks TenantId or TokenEndpoint: it does not say who gives the tokens.", "Add TenantId for Microsoft 365, Provider = 'Google', or the TokenEndpoint of another server.");
        // An app belongs to a tenant; who is asked for by a person is found out by the address.
        if (grant == OAuthGrant.ClientCredentials && !_values.ContainsKey(TenantId)) throw Missing(TenantId, "for Grant ClientCredentials");
        return TokenEndpoints.Microsoft(Tenant());
    }

    private Uri DeviceUrl(OAuthProvider provider)
    {
        if (Given(DeviceEndpoint) is { } given) return given;
        return provider switch
        {
            OAuthProvider.Microsoft365 => TokenEndpoints.MicrosoftDevice(Tenant()),
            // Of what Google gives to devices mail is no part, whoever signs in.
            OAuthProvider.Google => throw Wrong($"Grant DeviceCode of {_parameter} is not for Provider Google, which gives no mail to devices.", "Use Grant RefreshToken, or ServiceAccount for a Workspace domain."),
            _ => throw Missing(DeviceEndpoint, "for Grant DeviceCode beside TokenEndpoint"),
        };
    }

    private Uri? Given(string key) => Get(key) is not { } given ? null
        : TokenEndpoints.IsSafe(given) ? new Uri(given) : throw Wrong($"{key} of {_parameter} must be an https URL, or http to a loopback address.", "Write it as https://login.example.com/token: a secret is sent there.");

    private string Tenant()
    {
        var tenant = Get(TenantId) ?? "common";
        return TokenEndpoints.IsTenant(tenant) ? tenant : throw Wrong($"TenantId of {_parameter} is '{Printable.Escape(tenant)}', which is no tenant.", "Write its id, or one of its domains.");
    }

    private static string? DefaultScope(OAuthProvider provider, OAuthGrant grant, MailProtocol protocol) => provider switch
    {
        OAuthProvider.Google => grant == OAuthGrant.ServiceAccount ? TokenEndpoints.GoogleMail : null,
        OAuthProvider.Microsoft365 when grant == OAuthGrant.ClientCredentials => TokenEndpoints.MicrosoftApp,
        OAuthProvider.Microsoft365 when grant == OAuthGrant.DeviceCode => TokenEndpoints.MicrosoftMail,
        OAuthProvider.Microsoft365 => protocol switch
        {
            MailProtocol.Imap => TokenEndpoints.MicrosoftImap,
            MailProtocol.Pop3 => TokenEndpoints.MicrosoftPop3,
            _ => TokenEndpoints.MicrosoftSmtp,
        },
        _ => null,
    };

    private string? Get(string key) => _values.TryGetValue(key, out var value) ? value : null;

    private T Name<T>(string key, string value, IEnumerable<T> all)
        where T : struct, Enum
    {
        foreach (var one in all)
        {
            if (string.Equals(one.ToString(), value.Trim(), StringComparison.OrdinalIgnoreCase)) return one;
        }
        throw Wrong($"{key} of {_parameter} is '{Printable.Escape(value)}', which does not exist.", $"It is one of {string.Join(", ", all)}.");
    }

    private MailOpsException Missing(string key, string why) => Wrong($"{_parameter} lacks {key}, which is needed {why}.", $"Add it: {_parameter} @{{ {key} = … }}.");

    private static MailOpsException Wrong(string message, string hint) => new(ErrorCode.AuthenticationInvalid, message, hint);
}
