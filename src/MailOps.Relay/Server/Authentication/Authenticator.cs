using System.Net;
using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Server.Authentication.Tokens;

namespace MailOps.Relay.Server.Authentication;

/// <summary>
/// What all sessions share to find out who a client is: the mechanisms that the relay can verify, in the order they are offered (the stronger first), and the count of
/// those who guess.
/// </summary>
internal sealed class Authenticator : IDisposable
{
    private readonly SmtpRelayOptions _options;
    private readonly IUserDirectory _users;
    private readonly IMailTrace _trace;
    private readonly TimeProvider _clock;
    private readonly TokenValidator? _tokens;
    private readonly List<ISaslMechanism> _mechanisms = [];

    public Authenticator(SmtpRelayOptions options, IUserDirectory users, IMailTrace trace, TimeProvider clock)
    {
        (_options, _users, _trace, _clock) = (options, users, trace, clock);
        Failures = new FailedLogins(options.Authentication, clock);
        if (options.Listeners.Any(l => l.ClientCertificates is not null)) _mechanisms.Add(new ExternalMechanism());
        var hasUsers = options.Users.Count > 0 || options.UsersFile is not null || options.Authentication.Check is not null;
        if (hasUsers && users.VerifiesProofs)
            foreach (var hash in ScramHash.All) _mechanisms.AddRange([new ScramMechanism(hash, plus: true, users), new ScramMechanism(hash, plus: false, users)]);
        if (options.Authentication.Issuers is { Count: > 0 } issuers)
        {
            _tokens = new TokenValidator(issuers, KeySources.For, clock);
            _mechanisms.AddRange([new OAuthBearerMechanism(_tokens), new XOAuth2Mechanism(_tokens)]);
        }
        if (hasUsers && users.VerifiesPasswords) _mechanisms.AddRange([new PlainMechanism(users), new LoginMechanism(users)]);
    }

    /// <summary>The names of all mechanisms there are, for the check of a listener's list.</summary>
    public static IReadOnlyList<string> AllMechanisms { get; } = ["EXTERNAL", .. ScramHash.All.SelectMany(h => new[] { h.Mechanism + "-PLUS", h.Mechanism }), "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN"];

    /// <summary>Failures and blocks.</summary>
    public FailedLogins Failures { get; }

    /// <summary>Whether anybody can authenticate at a listener at all.</summary>
    public bool IsPossible(ListenerOptions listener) => _mechanisms.Any(m => Allows(listener, m) && (m is not ExternalMechanism || listener.ClientCertificates is not null));

    /// <summary>What a session is offered; RFC 4954 section 4: nothing outside TLS, unless the administrator said otherwise.</summary>
    public IReadOnlyList<string> Offered(ListenerOptions listener, Has has) =>
        (has & Has.User) != 0 || ((has & Has.Tls) == 0 && !listener.AllowPlainTextAuthentication) ? [] : [.. _mechanisms.Where(m => Allows(listener, m) && m.IsPossible(has)).Select(m => m.Name)];

    /// <summary>A mechanism by the name a client gave.</summary>
    /// <param name="name">The name; it has no case.</param>
    /// <param name="listener">The listener.</param>
    /// <param name="has">What the session has.</param>
    /// <param name="refusal">Why the client may not use it.</param>
    public ISaslMechanism? Find(ReadOnlySpan<byte> name, ListenerOptions listener, Has has, out Reply? refusal)
    {
        ISaslMechanism? found = null;
        foreach (var mechanism in _mechanisms)
            if (System.Text.Ascii.EqualsIgnoreCase(name, mechanism.Name)) found = mechanism;
        refusal = found is null || !found.IsPossible(has) ? Replies.UnknownMechanism : Allows(listener, found) ? null : Replies.MechanismTooWeak;
        return refusal is null ? found : null;
    }

    /// <summary>Looks whether the users have changed; before each login.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask RefreshAsync(CancellationToken cancellationToken) => _users.RefreshAsync(cancellationToken);

    /// <summary>Takes what an authentication came to: a user that proved itself may still be shut out, and a failure is counted, told and answered late.</summary>
    /// <returns>The user, or null; whether the relay's own users have it; and how long the answer should wait.</returns>
    public (string? User, bool Listed, TimeSpan Wait) Settle(SaslOutcome outcome, string mechanism, IPAddress client)
    {
        if (outcome is { Result: SaslResult.Proven, User: { } user })
        {
            var known = _users.Find(user);
            if (known is null or { Enabled: true }) return (known?.Name ?? SaslPrep.Prepare(user) ?? user, known is not null, default);
            outcome = SaslOutcome.Failed(user, "the user is not enabled");
        }
        if (outcome.Result != SaslResult.Failed) return (null, false, default);
        var wait = Failures.Add(client, out var blockedUntil);
        Record("AUTHFAIL", client, $"AUTH {mechanism} as {Shown(outcome.User)}: {outcome.Reason}");
        if (blockedUntil is { } until) Record("THROTTLE", client, $"blocked until {until:O} after {_options.Authentication.MaxFailures} failed authentications");
        return (null, false, wait);
    }

    /// <summary>Tells that nobody could say who a client is.</summary>
    public void Unavailable(string mechanism, AuthenticationUnavailableException e) => _trace.Fault($"AUTH {mechanism}", e);

    /// <summary>Whether a user that the relay's own users had when it logged in is still among them, and enabled; by what is known now, without a look at the disk.</summary>
    public bool StillLetsIn(string user) => _users.Find(user) is { Enabled: true };

    /// <summary>Whether a user may put an address in MAIL.</summary>
    /// <param name="user">The user.</param>
    /// <param name="sender">The address; null, which reports come from, anyone may use (RFC 5321 section 4.5.5).</param>
    public bool OwnsSender(string user, EmailAddress? sender)
    {
        if (sender is null) return true;
        if (_users.Find(user) is { Senders: { Count: > 0 } rules }) return rules.Any(rule => SenderRule.Allows(rule, sender));
        // Without a list it owns its own name, where that is an address.
        return !_options.Authentication.RequireSenderOwnership || (EmailAddress.TryParse(user, out _) && SenderRule.Allows(user, sender));
    }

    public void Dispose() => _tokens?.Dispose();

    private static bool Allows(ListenerOptions listener, ISaslMechanism mechanism) => listener.Mechanisms is not { } list || list.Contains(mechanism.Name, StringComparer.OrdinalIgnoreCase);

    // A stranger chose it: it is cut, so that it does not fill the log.
    private static string Shown(string? user) => user is null ? "nobody" : $"'{Printable.Shorten(user)}'";

    private void Record(string eventId, IPAddress client, string context) =>
        _trace.Record(new SmtpRelayTrackingEvent { Timestamp = _clock.GetUtcNow(), EventId = eventId, Source = "SMTP", ClientIp = client.ToString(), SourceContext = context });
}
