using System.Net;
using MailOps.Relay.Mail;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Server.Limits;
using MailOps.Relay.Server.Transcripts;

namespace MailOps.Relay.Server;

/// <summary>What all sessions of a server share.</summary>
/// <param name="Options">What the relay was told.</param>
/// <param name="HostName">The server's name in greeting and trace header.</param>
/// <param name="SpoolFolder">Where large content is written.</param>
/// <param name="Target">Where mail goes.</param>
/// <param name="Users">Who may authenticate.</param>
/// <param name="Trace">Where what happened is said.</param>
/// <param name="Clock">The time.</param>
internal sealed record Surroundings(
    SmtpRelayOptions Options, string HostName, string SpoolFolder, IMailTarget Target, IUserDirectory Users, IMailTrace Trace, TimeProvider Clock)
{
    private volatile bool _stopping;

    /// <summary>The sessions each client has.</summary>
    public ClientCounts Sessions { get; } = new();

    /// <summary>What each client asks for by the minute.</summary>
    public ClientRates Rates { get; } = new(Clock);

    /// <summary>Counts a session of a client in, or says why not.</summary>
    public Reply? Admit(IPAddress client, Listener listener)
    {
        // Where nothing goes without AUTH. Elsewhere the client may bring mail, and only AUTH is refused to it.
        if ((listener.Requires & Has.User) != 0 && Authentication.Failures.IsBlocked(client)) return Replies.ClientBlocked;
        if (!Rates.TryCount(client, Rate.Sessions, listener.Limits.MaxSessionRate)) return Replies.SessionsTooFast;
        return Sessions.TryEnter(client, listener.Limits.MaxSessionsPerClient) ? null : Replies.TooManySessionsOfClient;
    }

    /// <summary>How clients prove who they are.</summary>
    public Authenticator Authentication { get; } = new(Options, Users, Trace, Clock);

    /// <summary>What is said in sessions, for whom somebody asked.</summary>
    public ProtocolLog ProtocolLog { get; } = new(Path.Combine(Options.QueuePath, "protocol"), Options.ProtocolLog, Trace, Clock);

    /// <summary>The domain of addresses that name none: the first local one, or else the server's own name.</summary>
    public string OwnDomain => Options.LocalDomains is [var first, ..] ? first.Name : HostName;

    /// <summary>Whether the server is stopping, so that sessions end as soon as no message is in transfer.</summary>
    public bool Stopping
    {
        get => _stopping;
        set => _stopping = value;
    }
}
