namespace MailOps;

/// <summary>Where settings of a mailbox come from, the most trusted first.</summary>
public enum MailSettingsSource
{
    /// <summary>SRV records of the address's domain (RFC 6186 and RFC 8314 section 5.1).</summary>
    Srv,
    /// <summary>The file that the address's domain publishes for mail programs (Mozilla autoconfig).</summary>
    Autoconfig,
    /// <summary>Thunderbird's database of providers; asked only where that is wanted.</summary>
    Ispdb,
    /// <summary>The same file, of the domain whose servers take the address's mail.</summary>
    AutoconfigByMx,
    /// <summary>Autodiscover of the address's domain (POX).</summary>
    Autodiscover,
    /// <summary>A provider of Get-MailProvider whose own domain it is.</summary>
    Preset,
    /// <summary>A provider of Get-MailProvider whose servers take the domain's mail.</summary>
    PresetByMx,
    /// <summary>Names that are usual and exist.</summary>
    Guess,
}
