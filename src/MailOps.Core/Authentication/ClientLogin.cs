using System.Net;
using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Security;
using MailOps.Messages;
using MailOps.Submission;

namespace MailOps.Authentication;

/// <summary>One login by one mechanism: a secret that it refuses is not shown by another, for accounts are locked that way. MailKit, left alone, tries them all.</summary>
/// <param name="credential">Who, and the password; empty where a token takes its place.</param>
/// <param name="method">How.</param>
/// <param name="server">The server's name.</param>
/// <param name="port">Its port.</param>
/// <param name="redaction">Is told what must not be shown.</param>
internal sealed class ClientLogin(NetworkCredential credential, LoginMethod method, string server, int port, Redaction redaction)
{
    /// <summary>The protocol's own command: LOGIN of IMAP, USER and PASS or APOP of POP3.</summary>
    private const string Command = "";

    private BearerMechanism? _bearer;
    private string? _token;

    /// <summary>The mechanism that was chosen, for people; null before.</summary>
    public string? Mechanism { get; private set; }

    /// <summary>Why the server refuses the token, by its own words; null where it gives none.</summary>
    public string? Reason => _bearer?.Reason is { } reason ? redaction.Clean(reason) : null;

    /// <summary>Logs in. Where it fails with an exception of authentication, <see cref="Mechanism"/> says by which mechanism.</summary>
    /// <exception cref="NoMechanismException">Nothing was sent: there is none in common.</exception>
    /// <exception cref="Tokens.TokenException">Nothing was sent: there is no token.</exception>
    public async Task RunAsync(MailService client, CancellationToken cancellationToken)
    {
        var name = Choose(client);
        if (name == Command)
        {
            Mechanism = client is Pop3Client ? "the USER command" : "the LOGIN command";
            await ByCommandAsync(client, cancellationToken).ConfigureAwait(false);
            return;
        }
        var mechanism = await CreateAsync(name, cancellationToken).ConfigureAwait(false);
        try
        {
            await client.AuthenticateAsync(mechanism, cancellationToken).ConfigureAwait(false);
        }
        catch (AuthenticationException)
        {
            DropToken();
            throw;
        }
        // RFC 5802 section 5: who does not prove to know the password too is not the server we mean.
        if (mechanism is SaslMechanismScramBase { IsAuthenticated: false }) throw new AuthenticationException($"the server did not prove that it knows the password, as {name} asks");
    }

    /// <summary>The mechanism for what a server offers.</summary>
    /// <exception cref="NoMechanismException">There is none.</exception>
    public static string Choose(LoginMethod method, IEnumerable<string> offered, bool hasCommand = false)
    {
        var (all, wanted) = (offered.ToArray(), ClientMechanisms.NameOf(method.Mechanism));
        if (wanted is not null && all.Contains(wanted)) return wanted;
        if (hasCommand && method.Tokens is null && (wanted ?? "LOGIN") == "LOGIN" && (wanted is not null || ClientMechanisms.Choose(all, false) is null or "NTLM")) return Command;
        return (wanted is null ? ClientMechanisms.Choose(all, method.Tokens is not null) : null)
            ?? throw new NoMechanismException(wanted, [.. all.Select(name => WireText.Show(name)).OrderBy(name => name, StringComparer.Ordinal)]);
    }

    private string Choose(MailService client) => Choose(method, client.AuthenticationMechanisms, client switch
    {
        ImapClient imap => !imap.Capabilities.HasFlag(ImapCapabilities.LoginDisabled),
        Pop3Client pop3 => (pop3.Capabilities & (Pop3Capabilities.User | Pop3Capabilities.Apop)) != 0,
        _ => false,
    });

    /// <summary>The exchange by a mechanism.</summary>
    /// <exception cref="Tokens.TokenException">There is no token.</exception>
    /// <param name="name">The mechanism.</param>
    /// <param name="cancellationToken">Ends the wait for a token.</param>
    /// <param name="channel">What the mechanism may bind to; null where MailKit's client, which knows it, runs the exchange.</param>
    public async Task<SaslMechanism> CreateAsync(string name, CancellationToken cancellationToken, SaslChannel? channel = null)
    {
        Mechanism = name;
        await GetTokenAsync(cancellationToken).ConfigureAwait(false);
        if (_token is null) return ClientMechanisms.Create(name, credential.UserName, credential.Password, channel);
        _bearer = new BearerMechanism(name, credential.UserName, _token, server, port);
        redaction.Hide(_token, Convert.ToBase64String(Encoding.UTF8.GetBytes(_token)), Convert.ToBase64String(_bearer.Message));
        return _bearer;
    }

    /// <summary>Has the token there, where one is to be shown: asking for it is no time of the mail server's.</summary>
    /// <exception cref="Tokens.TokenException">There is no token.</exception>
    public async Task GetTokenAsync(CancellationToken cancellationToken)
    {
        if (method.Tokens is { } tokens) _token ??= await tokens.GetAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets a token that was refused: withdrawn before its time, or without what was granted since. The next login asks for another.</summary>
    public void DropToken()
    {
        if (_token is not null) method.Tokens!.TryDrop(_token);
    }

    private Task ByCommandAsync(MailService client, CancellationToken cancellationToken)
    {
        client.AuthenticationMechanisms.Clear();   // they would be tried first
        if (client is Pop3Client pop3 && pop3.Capabilities.HasFlag(Pop3Capabilities.User)) pop3.Capabilities &= ~Pop3Capabilities.Apop;   // so would that
        return client.AuthenticateAsync(Encoding.UTF8, credential, cancellationToken);
    }
}
