namespace MailOps.Relay.Delivery.Pace;

/// <summary>The limits that hold for a site; null where there is none.</summary>
internal sealed record PaceBounds
{
    private const int EveryServerTakes = 100;   // RFC 5321 section 4.5.3.1.8

    public required int MaxConnections { get; init; }
    public required int MaxMessagesPerConnection { get; init; }
    public required TimeSpan ConnectionIdle { get; init; }
    public int MaxRecipients { get; init; } = EveryServerTakes;
    public int? MessagesPerMinute { get; init; }
    public int? RecipientsPerDay { get; init; }
    public int? ConnectionsPerMinute { get; init; }
    public int? FailuresBeforeDelay { get; init; }
    public bool RequireTls { get; init; }

    /// <summary>What holds where nobody says more.</summary>
    public static PaceBounds Of(DeliveryOptions options) => new PaceBounds
    {
        MaxConnections = options.MaxConnectionsPerDestination,
        MaxMessagesPerConnection = options.MaxMessagesPerConnection,
        ConnectionIdle = options.ConnectionIdle,
    }.Under(options.Pace);

    /// <summary>These, but for what the options say.</summary>
    public PaceBounds Under(PaceLimitOptions? options) => options is null ? this : this with
    {
        MaxConnections = options.MaxConnections ?? MaxConnections,
        MaxMessagesPerConnection = options.MaxMessagesPerConnection ?? MaxMessagesPerConnection,
        ConnectionIdle = options.ConnectionIdle ?? ConnectionIdle,
        MaxRecipients = options.MaxRecipientsPerMessage is { } recipients ? Math.Min(recipients, EveryServerTakes) : MaxRecipients,
        MessagesPerMinute = Said(options.MessagesPerMinute, MessagesPerMinute),
        RecipientsPerDay = Said(options.RecipientsPerDay, RecipientsPerDay),
        ConnectionsPerMinute = Said(options.ConnectionsPerMinute, ConnectionsPerMinute),
        FailuresBeforeDelay = Said(options.FailuresBeforeDelay, FailuresBeforeDelay),
        RequireTls = options.RequireTls ?? RequireTls,
    };

    /// <summary>The tighter of each two.</summary>
    public PaceBounds Tightest(PaceBounds other) => new()
    {
        MaxConnections = Math.Min(MaxConnections, other.MaxConnections),
        MaxMessagesPerConnection = Math.Min(MaxMessagesPerConnection, other.MaxMessagesPerConnection),
        ConnectionIdle = ConnectionIdle < other.ConnectionIdle ? ConnectionIdle : other.ConnectionIdle,
        MaxRecipients = Math.Min(MaxRecipients, other.MaxRecipients),
        MessagesPerMinute = Lower(MessagesPerMinute, other.MessagesPerMinute),
        RecipientsPerDay = Lower(RecipientsPerDay, other.RecipientsPerDay),
        ConnectionsPerMinute = Lower(ConnectionsPerMinute, other.ConnectionsPerMinute),
        FailuresBeforeDelay = Lower(FailuresBeforeDelay, other.FailuresBeforeDelay),
        RequireTls = RequireTls || other.RequireTls,
    };

    private static int? Said(int? option, int? otherwise) => option is 0 ? null : option ?? otherwise;

    private static int? Lower(int? one, int? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);
}
