namespace MailOps.Policies.Dane;

/// <summary>How far DANE is looked over.</summary>
public sealed record DaneSurveyOptions
{
    /// <summary>The port of the mail servers. Default: 25.</summary>
    public int Port { get; init; } = 25;
    /// <summary>Whether the names are those of servers, and not of domains whose mail exchangers are looked up. Default: false.</summary>
    public bool AreServers { get; init; }
    /// <summary>Whether to leave out what needs a connection to the servers. Default: false.</summary>
    public bool SkipConnection { get; init; }
    /// <summary>How long the connection to one server may take, from the first packet to the last. Default: 10 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
