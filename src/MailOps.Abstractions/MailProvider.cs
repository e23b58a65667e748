namespace MailOps;

/// <summary>What is known of a provider without asking it: its servers, what they demand, and how much they take.</summary>
/// <remarks>Providers change their limits: the numbers are guidance as of <see cref="Checked"/>; a number that is empty is not known, or not one for all customers.</remarks>
public sealed class MailProvider
{
    /// <summary>The short name by which it is asked for.</summary>
    public required string Name { get; init; }
    /// <summary>The name it gives itself.</summary>
    public required string DisplayName { get; init; }
    /// <summary>The domains of its own users' addresses; <c>*.</c> stands for any name below.</summary>
    public string[] Domain { get; init; } = [];
    /// <summary>The mail exchangers by which it is known as the provider of other domains; <c>*.</c> stands for any name below.</summary>
    public string[] MailExchanger { get; init; } = [];
    /// <summary>Its servers; of those with one protocol the preferred one first.</summary>
    public MailServer[] Servers { get; init; } = [];
    /// <summary>The preferred server for sending.</summary>
    public string? SmtpServer => Submission?.Server;
    /// <summary>Its port.</summary>
    public int? Port => Submission?.Port;
    /// <summary>Its TLS.</summary>
    public TlsMode? Tls => Submission?.Tls;
    /// <summary>What it takes as proof, best first.</summary>
    public MailAuthentication[] Authentication => Submission?.Authentication ?? [];
    /// <summary>Messages that an account may send in a minute.</summary>
    public int? MessagesPerMinute { get; init; }
    /// <summary>Messages that an account may send in 24 hours.</summary>
    public int? MessagesPerDay { get; init; }
    /// <summary>Recipients that an account may send to in 24 hours.</summary>
    public int? RecipientsPerDay { get; init; }
    /// <summary>Recipients of one message.</summary>
    public int? RecipientsPerMessage { get; init; }
    /// <summary>Connections of one account at a time.</summary>
    public int? MaxConnections { get; init; }
    /// <summary>Messages over one connection.</summary>
    public int? MessagesPerConnection { get; init; }
    /// <summary>The largest message, in bytes as it is sent.</summary>
    public long? MaxMessageSize { get; init; }
    /// <summary>What else there is to say of the limits.</summary>
    public string[] LimitNotes { get; init; } = [];
    /// <summary>What an administrator should know before setting up a client.</summary>
    public string[] Notes { get; init; } = [];
    /// <summary>The day on which all this was last compared with a collection of what providers publish.</summary>
    public DateTime Checked { get; init; }

    private MailServer? Submission => Array.Find(Servers, server => server.Protocol == MailProtocol.Smtp);

    /// <summary>The short name.</summary>
    public override string ToString() => Name;
}
