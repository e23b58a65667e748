using System.Globalization;
using MailOps.Web;

namespace MailOps.Authentication.Tokens;

/// <summary>What a token server gives to somebody who is to sign in (RFC 8628 section 3.2).</summary>
/// <param name="Code">The device's own code, which is a secret.</param>
/// <param name="UserCode">What the user types.</param>
/// <param name="Address">Where.</param>
/// <param name="Lifetime">How long both are good.</param>
/// <param name="Interval">How often the server may be asked whether somebody has.</param>
public sealed record DeviceCode(string Code, string UserCode, string Address, TimeSpan Lifetime, TimeSpan Interval)
{
    private const int MaxText = 200;

    // RFC 8628 section 3.2 has 5 seconds where there is no interval; one that is not of this world is not believed.
    private const int DefaultInterval = 5, MaxInterval = 60, DefaultLifetime = 900, MaxLifetime = 3600;

    /// <summary>Without the code, which is a secret.</summary>
    public override string ToString() => $"{UserCode} at {Address}";

    internal static DeviceCode? Read(JsonFields? json)
    {
        // Google says verification_url.
        if (json?.Text("device_code") is not { Length: > 0 } code || json.Text("user_code") is not { Length: > 0 } userCode || (json.Text("verification_uri") ?? json.Text("verification_url")) is not { } address) return null;
        // It is shown to somebody who will open it and sign in there.
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || !TokenEndpoints.IsSafe(address)) return null;
        return new DeviceCode(code, PlainText.Of(userCode, MaxText), PlainText.Of(uri.AbsoluteUri, MaxText), Seconds(json.Value("expires_in"), DefaultLifetime, MaxLifetime), Seconds(json.Value("interval"), DefaultInterval, MaxInterval));
    }

    private static TimeSpan Seconds(string? text, int usual, int most) => TimeSpan.FromSeconds(
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= 1 ? Math.Min(seconds, most) : usual);
}
