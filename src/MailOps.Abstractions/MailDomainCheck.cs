namespace MailOps;

/// <summary>What is looked at of a domain.</summary>
public enum MailDomainCheck
{
    /// <summary>Its mail exchangers and their addresses.</summary>
    Mx,
    /// <summary>Its SPF record, with all that it includes.</summary>
    Spf,
    /// <summary>Its DKIM keys.</summary>
    Dkim,
    /// <summary>The DMARC record that counts for it.</summary>
    Dmarc,
    /// <summary>Its MTA-STS record and policy.</summary>
    MtaSts,
    /// <summary>Its TLS-RPT record.</summary>
    TlsRpt,
    /// <summary>The TLSA records of its mail exchangers.</summary>
    Dane,
    /// <summary>Whether the addresses of its mail exchangers have names that lead back to them.</summary>
    ReverseDns,
    /// <summary>Whether block lists have the addresses of its mail exchangers.</summary>
    Dnsbl,
}
