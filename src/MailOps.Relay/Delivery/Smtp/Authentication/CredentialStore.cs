using System.Globalization;
using System.Runtime.CompilerServices;
using MailOps.Relay.Configuration;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp.Authentication;

/// <summary>What a relay knows of its credentials towards servers, longer than any connection or queue lasts: access tokens, and passwords that were refused.</summary>
internal sealed class CredentialStore(IMailTrace trace, TimeProvider clock) : IDisposable
{
    private readonly TokenSources _tokens = new(trace, clock);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RefusedPassword> _refused = [];

    /// <summary>What an administrator should know.</summary>
    public IReadOnlyList<string> Warnings => _tokens.Warnings;

    /// <summary>The credential of a route, for one of its servers.</summary>
    public HostCredential Of(RouteOptions route, string host, int port) => new()
    {
        UserName = route.UserName!,
        Password = route.Password is { } password ? () => Secrets.Resolve(password) : null,
        Tokens = route.Oauth is { } oauth ? _tokens.Of(oauth, route.UserName!) : null,
        Mechanisms = route.Mechanisms,
        Refused = route.Password is null ? null : RefusedOf(route),
        Host = host,
        Port = port,
    };

    /// <summary>Forgets that a route's password was refused: an administrator wants it tried.</summary>
    public void Forget(RouteOptions route)
    {
        if (route.Password is not null) RefusedOf(route).Forget();
    }

    /// <summary>That every secret of a route's credential is where it should be.</summary>
    /// <exception cref="MailOpsException">One is not.</exception>
    public static void Check(RouteOptions route, TimeProvider clock)
    {
        if (route.Password is { } password) Secrets.Resolve(password);
        if (route.Oauth is { } oauth) TokenSources.Check(oauth, route.UserName!, clock);
    }

    public void Dispose() => _tokens.Dispose();

    // The account is what is locked, whichever server and route it is used for.
    private RefusedPassword RefusedOf(RouteOptions route)
    {
        var secret = route.Password!;
        var key = string.Create(CultureInfo.InvariantCulture, $"{route.UserName}\n{secret}\n{(secret.Value is { } value ? RuntimeHelpers.GetHashCode(value) : 0)}");
        lock (_gate) return _refused.TryGetValue(key, out var found) ? found : _refused[key] = new RefusedPassword(clock);
    }
}
