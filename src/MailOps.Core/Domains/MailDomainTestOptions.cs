namespace MailOps.Domains;

/// <summary>How far domains are looked over.</summary>
public sealed record MailDomainTestOptions
{
    /// <summary>The selectors of the DKIM keys. Default: none, which tries those that are common, and finds no fault where there is none.</summary>
    public IReadOnlyList<string> DkimSelectors { get; init; } = [];
    /// <summary>The block lists. Default: those of <see cref="BlockLists.Usual"/>.</summary>
    public IReadOnlyList<string> Dnsbls { get; init; } = [];
    /// <summary>Whether to leave block lists out. Default: false.</summary>
    public bool SkipDnsbl { get; init; }
    /// <summary>Whether to leave out what needs a connection to the domain's servers: fetching the MTA-STS policy, and the certificates of DANE. Default: false.</summary>
    public bool SkipConnection { get; init; }
    /// <summary>How long one check of one domain may take. Default: 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
