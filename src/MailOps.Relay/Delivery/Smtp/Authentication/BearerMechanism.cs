using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using MailKit.Security;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery.Smtp.Authentication;

/// <summary>
/// OAUTHBEARER (RFC 7628) and XOAUTH2, its forerunner as Google and Microsoft describe it: the token goes in one message. A server that refuses it says why in a challenge, and waits for
/// an answer that says nothing before it ends the exchange.
/// </summary>
internal sealed class BearerMechanism(string name, HostCredential credential, string token) : SaslMechanism(new NetworkCredential(credential.UserName, ""))
{
    private const int MaxStatus = 60;
    private bool _said;

    public override string MechanismName => name;

    public override bool SupportsInitialResponse => true;

    /// <summary>What the server gave as the reason, as in <c>401</c> or <c>invalid_token</c>; null where it gave none.</summary>
    public string? Status { get; private set; }

    protected override byte[] Challenge(byte[]? challenge, int startIndex, int length, CancellationToken cancellationToken)
    {
        if (_said)
        {
            Status ??= challenge is null ? null : StatusOf(challenge.AsSpan(startIndex, length));
            return name == "XOAUTH2" ? [] : [1];   // RFC 7628 section 3.2.3
        }
        _said = true;
        return Encoding.UTF8.GetBytes(name == "XOAUTH2"
            ? $"user={credential.UserName}\u0001auth=Bearer {token}\u0001\u0001"
            : string.Create(CultureInfo.InvariantCulture, $"n,a={Escaped(credential.UserName)},\u0001host={credential.Host}\u0001port={credential.Port}\u0001auth=Bearer {token}\u0001\u0001"));   // RFC 7628 section 3.1
    }

    // RFC 5801 section 4
    private static string Escaped(string user) => user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    // RFC 7628 section 3.2.2
    private static string? StatusOf(ReadOnlySpan<byte> json)
    {
        try
        {
            using var document = StrictJson.Parse(json.ToArray());
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("status", out var status)) return null;
            return Plain.Of(status.ToString(), MaxStatus);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
