using System.Security.Cryptography;

namespace MailOps.Messages;

/// <summary>SHA-256 on both frameworks.</summary>
internal static class Sha256
{
    /// <summary>The 32 bytes.</summary>
    public static byte[] Of(byte[] bytes)
    {
#if NET
        return SHA256.HashData(bytes);
#else
        using var hash = SHA256.Create();
        return hash.ComputeHash(bytes);
#endif
    }
}
