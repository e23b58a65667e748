using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailOps.Submission;

namespace MailOps.Relay.Delivery.Smtp.Authentication;

/// <summary>
/// A password that a server has refused is not sent again for a while, whatever waits: accounts are locked after a few wrong ones (ten in Entra ID, often five in a domain). A password
/// that has been changed meanwhile is sent at once, and so is the same one when an administrator says so.
/// </summary>
internal sealed class RefusedPassword(TimeProvider clock)
{
    // Three in the first half hour.
    private static readonly TimeSpan First = TimeSpan.FromMinutes(5), Last = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private byte[]? _digest;
    private SmtpReply? _reply;
    private TimeSpan _pause;
    private DateTimeOffset _until;

    /// <summary>Why this password is not sent now, as a sentence; null where it may be.</summary>
    public string? Holds(string password)
    {
        lock (_gate)
        {
            if (_digest is null || clock.GetUtcNow() >= _until || !CryptographicOperations.FixedTimeEquals(_digest, Digest(password))) return null;
            var advice = AuthenticationAdvice.OnAuth(_reply!) is { } known ? $" {known.Text}." : "";
            return string.Create(CultureInfo.InvariantCulture, $"The server refused this password with '{_reply}'.{advice} So that the account is not locked, the relay sends it again at {_until:u} or once it is changed");
        }
    }

    /// <summary>Remembers a refusal.</summary>
    public void Remember(string password, SmtpReply reply)
    {
        var digest = Digest(password);
        lock (_gate)
        {
            if (_digest is null || !CryptographicOperations.FixedTimeEquals(_digest, digest)) _pause = First;
            else if (clock.GetUtcNow() >= _until) _pause = _pause * 2 < Last ? _pause * 2 : Last;   // others that were under way at the same time count once
            (_digest, _reply, _until) = (digest, reply, clock.GetUtcNow() + _pause);
        }
    }

    /// <summary>Forgets it: an administrator wants it tried, or it was taken.</summary>
    public void Forget()
    {
        lock (_gate) (_digest, _reply) = (null, null);
    }

    private static byte[] Digest(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));
}
