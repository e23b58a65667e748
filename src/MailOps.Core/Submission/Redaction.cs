using System.Net;
using System.Text;
using MailOps.Authentication;
using MailOps.Messages;

namespace MailOps.Submission;

/// <summary>Takes a credential out of what is shown: servers have been seen to repeat it in their replies.</summary>
internal sealed class Redaction
{
    private readonly object _gate = new();
    private volatile string[] _secrets;

    public Redaction(NetworkCredential? credential)
    {
        if (credential is null || credential.Password.Length < SecretText.MinLength)
        {
            _secrets = [];
            return;
        }
        var (user, password) = (credential.UserName, credential.Password);
        // With what stands before it in PLAIN (RFC 4616 section 2), the authorisation identity empty or given, and as LOGIN sends it; and wherever else it stands.
        _secrets = [Base64($"{user}\0{user}\0{password}"), Base64($"\0{user}\0{password}"), Base64(password), .. SecretText.Forms(password)];
    }

    /// <summary>From now on, these as well.</summary>
    public void Hide(params string[] secrets)
    {
        // The longest first: where one is a part of another, nothing is left of that.
        lock (_gate) _secrets = [.. _secrets.Union(secrets.SelectMany(SecretText.Forms), StringComparer.Ordinal).OrderByDescending(secret => secret.Length)];
    }

    /// <summary>What a stranger says, as it may be shown. Secrets go first, for what is escaped or cut is not found any more.</summary>
    public string Show(string text) => WireText.Show(Clean(text));

    /// <summary>The text without secrets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isCut">Whether it could have gone on, so that it may end within a secret.</param>
    public string Clean(string text, bool isCut = false) => SecretText.Without(text, _secrets, isCut);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
