using MailOps.Messages;
using MailOps.Providers;

namespace MailOps.Outlook.Exports;

/// <summary>The mail settings of one organisation, from which all client profiles are made; what is wrong with them was said before there is one.</summary>
/// <remarks>
/// A <see cref="MailServer"/> is one server and <see cref="MailSettings"/> one server for one address; this holds together what belongs to all of them: the organisation's names, its domains, and who
/// gives out its tokens. It is made by <see cref="MailClientDraft.Check"/> alone.
/// </remarks>
public sealed class MailClientDefinition
{
    internal MailClientDefinition(string name, string shortName, IReadOnlyList<string> domains, IReadOnlyList<MailServer> servers, OAuthReading? oauth, IReadOnlyList<string> warnings)
    {
        (Name, ShortName, Domains, Servers, OAuth, Warnings) = (name, shortName, domains, servers, oauth, warnings);
    }

    /// <summary>The organisation's name.</summary>
    public string Name { get; }

    /// <summary>The same, for where there is little room.</summary>
    public string ShortName { get; }

    /// <summary>The domains of its addresses, as A-labels; empty where nothing says them.</summary>
    public IReadOnlyList<string> Domains { get; }

    /// <summary>Its servers for IMAP, POP3 and SMTP, preferred first, with names as A-labels.</summary>
    public IReadOnlyList<MailServer> Servers { get; }

    /// <summary>Who gives out tokens.</summary>
    public OAuthReading? OAuth { get; }

    /// <summary>What its source says to be doubtful.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Whether nothing says its name, so that what is there is that of a server: a user's domain says more.</summary>
    internal bool IsNameless { get; init; }

    /// <summary>The same organisation, for a user.</summary>
    internal MailClientDefinition For(MailClientUser? user) => IsNameless && user is not null ? new(user.Address.Domain, user.Address.Domain, Domains, Servers, OAuth, Warnings) : this;

    /// <summary>Its servers for reading, preferred first.</summary>
    internal IEnumerable<MailServer> Incoming => Servers.Where(server => server.Protocol != MailProtocol.Smtp);

    /// <summary>The servers of one protocol, preferred first.</summary>
    internal IEnumerable<MailServer> Of(MailProtocol protocol) => Servers.Where(server => server.Protocol == protocol);

    /// <summary>The domains that a file is for: the organisation's, or for want of them the user's.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/> where nothing says one.</exception>
    internal IReadOnlyList<string> DomainsFor(MailClientUser? user, MailClientFormat format)
    {
        if (Domains.Count > 0) return Domains;
        return user is not null && DomainName.TryToAscii(user.Address.Domain, out var domain)
            ? [domain]
            : throw new MailOpsException(ErrorCode.MailClientFormatUnfit, $"{format} is for a domain, and nothing says which.", "Name it with -Domain.");
    }
}
