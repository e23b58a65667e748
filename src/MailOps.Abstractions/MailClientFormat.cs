namespace MailOps;

/// <summary>A form in which mail clients, or what sets them up, take the settings of a mailbox.</summary>
public enum MailClientFormat
{
    /// <summary>The answer of Autodiscover (POX) for IMAP, POP3 and SMTP: classic Outlook, Thunderbird as a fallback.</summary>
    AutodiscoverXml,
    /// <summary>Mozilla's configuration file config-v1.1.xml: Thunderbird and many others.</summary>
    Autoconfig,
    /// <summary>A configuration profile of Apple: Mail on iPhone, iPad and Mac.</summary>
    MobileConfig,
    /// <summary>SRV records as lines of a zone file (RFC 6186 and RFC 8314 section 5.1).</summary>
    DnsSrv,
    /// <summary>One page for people, as Markdown: Outlook for Mac, new Outlook and Outlook on phones, which cannot be set from outside.</summary>
    Instructions,
    /// <summary>A PRF file, by which classic Outlook makes a profile with a POP3 or IMAP account when it starts.</summary>
    Prf,
    /// <summary>The values that would change for an account of classic Outlook that exists, as a .reg file to look at and not to import.</summary>
    Reg,
}
