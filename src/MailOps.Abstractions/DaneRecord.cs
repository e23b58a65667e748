namespace MailOps;

/// <summary>One TLSA record of a mail server (RFC 6698 section 2.1).</summary>
public sealed class DaneRecord
{
    /// <summary>2: an authority vouches for the certificate. 3: it is the server's own. 0 and 1 have no place in SMTP.</summary>
    public int Usage { get; init; }
    /// <summary>0: the whole certificate. 1: its public key.</summary>
    public int Selector { get; init; }
    /// <summary>0: all of it. 1: its SHA-256 sum. 2: its SHA-512 sum.</summary>
    public int MatchingType { get; init; }
    /// <summary>What is compared, in hexadecimal.</summary>
    public required string Data { get; init; }
    /// <summary>Whether senders can use it.</summary>
    public bool IsUsable { get; init; }
    /// <summary>Whether it matches the certificate that the server shows; null where it cannot be used, or no certificate was seen.</summary>
    public bool? IsMatch { get; init; }
    /// <summary>Why it cannot be used, or does not match; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>The record as in a zone file.</summary>
    public override string ToString() => $"{Usage} {Selector} {MatchingType} {Data}";
}
