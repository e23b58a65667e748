namespace MailOps.Authenticity.Spf;

/// <summary>How results and identities are written in header fields (RFC 7208 section 9.1).</summary>
internal static class SpfWords
{
    public static string Of(SpfResult result) => result.ToString().ToLowerInvariant();

    public static string Of(SpfIdentity identity) => identity.ToString().ToLowerInvariant();
}
