using System.Text;
using MailOps.Relay.Configuration;
using MailOps.Relay.Disk;

namespace MailOps.Relay.Delivery.Smtp.Authentication.Tokens;

/// <summary>
/// A refresh token (RFC 6749 section 6). Where the server gives another in its place, the old one may be dead: the new one takes its place in the file, or where that cannot be, in memory
/// for as long as the old one stands where it came from.
/// </summary>
internal sealed class RefreshTokenGrant(OAuthOptions options, ClientProof proof) : ITokenGrant
{
    private const string ExchangeOnline = "https://outlook.office.com/SMTP.Send offline_access";
    private readonly SecretReference _reference = options.RefreshToken!;
    private string? _shown;
    private (string Old, string New)? _kept;

    /// <summary>What an administrator should know: that a new refresh token will be lost with this process. Null as a rule.</summary>
    public string? Warning { get; private set; }

    public TokenForm Form(DateTimeOffset now)
    {
        var stored = Secrets.Resolve(_reference);
        _shown = _kept is { } kept && kept.Old == stored ? kept.New : stored;
        var form = new TokenForm().With("grant_type", "refresh_token").WithSecret("refresh_token", _shown)
            .With("scope", options.Scope ?? (options.Provider == OAuthProvider.Microsoft365 ? ExchangeOnline : null));
        proof.Add(form, now);
        return form;
    }

    /// <summary>Keeps the refresh token that takes the place of the one shown, where there is one.</summary>
    public void Accept(TokenResponse response)
    {
        if (response.RefreshToken is not { } rotated || rotated == _shown) return;
        var reason = _reference.File is { } path ? Store(path, rotated) : "only a file can be written";
        if (reason is null)
        {
            (_kept, Warning) = (null, null);
            return;
        }
        _kept = (Secrets.Resolve(_reference), rotated);
        Warning = $"The token server has replaced the refresh token of {_reference} ({reason}): the new one is in memory only, and is lost when the relay stops. Keep the refresh token in a file that the relay's user may write.";
    }

    // In the place that a link leads to, and for this user alone.
    private static string? Store(string path, string token)
    {
        try
        {
            WholeFile.Write(new LocalDisk(), new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path), Encoding.UTF8.GetBytes(token + "\n"));
            return null;
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            return e.Message.TrimEnd('.');
        }
    }
}
