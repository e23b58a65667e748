using System.Security.Cryptography;
using System.Text;
using MailOps.Messages;

namespace MailOps.Relay.Policy;

/// <summary>
/// The Sender Rewriting Scheme in the form that libsrs2 and postsrsd have made usual: <c>SRS0=hash=day=domain=local@ours</c>, and for a sender that another has rewritten already
/// <c>SRS1=hash=first==hash=day=domain=local@ours</c>, by which a bounce takes the short way to the first. Each relay checks only its own hashes.
/// </summary>
/// <param name="secrets">The first makes hashes, all prove them.</param>
/// <param name="clock">The day.</param>
internal sealed class SenderRewriting(IReadOnlyList<byte[]> secrets, TimeProvider clock)
{
    private const string First = "SRS0", Again = "SRS1";
    private const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int Days = 1024, MaxAge = 21, HashLength = 6;

    /// <summary>Whether an address has the form of a rewritten one.</summary>
    public static bool HasForm(EmailAddress address) => Is(address.LocalPart, First) || Is(address.LocalPart, Again);

    /// <summary>A sender as one of ours; null where the address would be longer than one may be (RFC 5321 section 4.5.3.1.1).</summary>
    public EmailAddress? Forward(EmailAddress sender, string domain)
    {
        var local = sender.LocalPart;
        if (local.StartsWith('"')) return null;
        string text;
        if (Is(local, Again) && Split(local[5..], 3) is [_, var host, var opaque]) text = $"{Again}={Hash(secrets[0], host, opaque)}={host}={opaque}";
        else if (Is(local, First)) text = $"{Again}={Hash(secrets[0], sender.Domain, local[4..])}={sender.Domain}={local[4..]}";
        else
        {
            var day = Text(Today);
            text = $"{First}={Hash(secrets[0], day, sender.Domain, local)}={day}={sender.Domain}={local}";
        }
        return EmailAddress.TryParse(text + "@" + domain, out var rewritten) ? rewritten : null;
    }

    /// <summary>The address that was rewritten; null where it was not by us, or too long ago.</summary>
    public EmailAddress? Reverse(EmailAddress address)
    {
        var local = address.LocalPart;
        if (Is(local, First) && Split(local[5..], 4) is [var hash, var day, var domain, var user])
            return IsRecent(day) && IsOurs(hash, day, domain, user) && EmailAddress.TryParse(user + "@" + domain, out var original) ? original : null;
        if (Is(local, Again) && Split(local[5..], 3) is [var outer, var host, var opaque])
            return IsOurs(outer, host, opaque) && EmailAddress.TryParse(First + opaque + "@" + host, out var first) ? first : null;
        return null;
    }

    // Others separate by plus or minus.
    private static bool Is(string local, string tag) => local.Length > 5 && local.StartsWith(tag, StringComparison.OrdinalIgnoreCase) && local[4] is '=' or '+' or '-';

    // The last part may have further equals signs in it.
    private static string[]? Split(string text, int count) => text.Split('=', count) is var parts && parts.Length == count && parts.All(part => part.Length > 0) ? parts : null;

    private int Today => (int)(clock.GetUtcNow().ToUnixTimeSeconds() / 86400 % Days);

    private static string Text(int day) => $"{Digits[day >> 5]}{Digits[day & 31]}";

    private bool IsRecent(string text)
    {
        if (text.Length != 2) return false;
        var (high, low) = (Digits.IndexOf(char.ToUpperInvariant(text[0]), StringComparison.Ordinal), Digits.IndexOf(char.ToUpperInvariant(text[1]), StringComparison.Ordinal));
        return high >= 0 && low >= 0 && (Today - ((high << 5) | low) + Days) % Days <= MaxAge;
    }

    // Without case, as some servers on the way change it.
    private bool IsOurs(string hash, params string[] parts) => secrets.Any(secret => CryptographicOperations.FixedTimeEquals(
        Encoding.ASCII.GetBytes(Hash(secret, parts).ToLowerInvariant()), Encoding.UTF8.GetBytes(hash.ToLowerInvariant())));

    private static string Hash(byte[] secret, params string[] parts) =>
        Convert.ToBase64String(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(string.Concat(parts).ToLowerInvariant())))[..HashLength];
}
