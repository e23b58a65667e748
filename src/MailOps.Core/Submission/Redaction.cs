using System.Net;
using System.Text;

namespace MailOps.Submission;

/// <summary>Takes a credential out of what is shown: servers have been seen to repeat it in their replies.</summary>
internal sealed class Redaction
{
    public const string Mark = "********";

    /// <summary>Under this length a password is more likely a part of an ordinary word than a secret that leaked.</summary>
    private const int MinLength = 4;

    private readonly object _gate = new();
    private volatile string[] _secrets;

    public Redaction(NetworkCredential? credential)
    {
        if (credential is null || credential.Password.Length < MinLength)
        {
            _secrets = [];
            return;
        }
        var (user, password) = (credential.UserName, credential.Password);
        // As it is, as LOGIN sends it, and as PLAIN does (RFC 4616 section 2), the authorisation identity empty or given.
        _secrets = [password, Base64(password), Base64($"\0{user}\0{password}"), Base64($"{user}\0{user}\0{password}")];
    }

    /// <summary>From now on, these as well.</summary>
    public void Hide(params string[] secrets)
    {
        lock (_gate) _secrets = [.. _secrets.Union(secrets.Where(secret => secret.Length >= MinLength), StringComparer.Ordinal)];
    }

    public string Clean(string text) => _secrets.Aggregate(text, (clean, secret) => clean.Replace(secret, Mark));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
