using System.Net;
using System.Text;
using MailKit.Security;
using MailOps.Web;

namespace MailOps.Authentication;

/// <summary>
/// OAUTHBEARER (RFC 7628) and XOAUTH2, its forerunner as Google and Microsoft describe it: the token goes in one message. A server that refuses it says why in a challenge, and waits for
/// an answer that says nothing before it ends the exchange.
/// </summary>
/// <param name="name">OAUTHBEARER or XOAUTH2.</param>
/// <param name="user">The mailbox that the token is for.</param>
/// <param name="accessToken">The token.</param>
/// <param name="host">The server's name.</param>
/// <param name="port">Its port.</param>
public sealed class BearerMechanism(string name, string user, string accessToken, string host, int port) : SaslMechanism(new NetworkCredential(user, ""))
{
    private const int MaxStatus = 60, MaxScope = 200;
    private bool _said;

    /// <inheritdoc/>
    public override string MechanismName => name;

    /// <inheritdoc/>
    public override bool SupportsInitialResponse => true;

    /// <summary>What the server gave as the reason, as in <c>401</c> or <c>invalid_token</c>; null where it gave none.</summary>
    public string? Status { get; private set; }

    /// <summary>The reason with the scope that the server wants, as in <c>status 400, scope https://mail.google.com/</c>; null where it gave none.</summary>
    public string? Reason { get; private set; }

    /// <summary>What is sent.</summary>
    // RFC 7628 section 3.1
    public byte[] Message { get; } = Encoding.UTF8.GetBytes(name == "XOAUTH2"
        ? $"user={user}\u0001auth=Bearer {accessToken}\u0001\u0001"
        : FormattableString.Invariant($"n,a={Escaped(user)},\u0001host={host}\u0001port={port}\u0001auth=Bearer {accessToken}\u0001\u0001"));

    /// <inheritdoc/>
    protected override byte[] Challenge(byte[]? token, int startIndex, int length, CancellationToken cancellationToken)
    {
        if (_said)
        {
            if (token is not null && Status is null) Read(token.AsSpan(startIndex, length).ToArray());
            IsAuthenticated = true;   // there is no more to say
            return name == "XOAUTH2" ? [] : [1];   // RFC 7628 section 3.2.3
        }
        _said = true;
        return Message;
    }

    // RFC 5801 section 4
    private static string Escaped(string user) => user.Replace("=", "=3D").Replace(",", "=2C");

    // RFC 7628 section 3.2.2
    private void Read(byte[] json)
    {
        if (JsonFields.Read(json) is not { } fields || fields.Value("status") is not { } status) return;
        Status = PlainText.Of(status, MaxStatus);
        Reason = $"status {Status}" + (fields.Text("scope") is { Length: > 0 } scope ? $", scope {PlainText.Of(scope, MaxScope)}" : "");
    }
}
