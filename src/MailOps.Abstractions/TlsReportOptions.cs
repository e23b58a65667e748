namespace MailOps;

/// <summary>The daily reports on TLS (RFC 8460) to domains that ask for them in the DNS.</summary>
public sealed record TlsReportOptions
{
    /// <summary>Whether results are collected and reported. Default: true; nothing is sent to a domain that does not ask.</summary>
    public bool Enabled { get; init; } = true;
    /// <summary>The address that reports come from, and that their readers may write to. Its domain is the one that reports. Default: <c>postmaster@</c> and <see cref="SmtpRelayOptions.HostName"/>.</summary>
    public string? Contact { get; init; }
    /// <summary>The name of the organization in reports. Default: the domain of <see cref="Contact"/>.</summary>
    public string? Organization { get; init; }
}
