namespace MailOps;

/// <summary>Whether the servers of a next hop prove themselves by the DNS (DANE, RFC 7672).</summary>
public enum DaneMode
{
    /// <summary>Those that say so in a signed zone must; the others are as without it.</summary>
    Auto,
    /// <summary>All must: one without TLSA records in a signed zone gets nothing.</summary>
    Required,
    /// <summary>TLSA records are not asked for.</summary>
    Off,
}
