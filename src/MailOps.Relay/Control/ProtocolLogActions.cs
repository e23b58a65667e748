using System.Globalization;
using System.Net;
using MailOps.Relay.Configuration;
using MailOps.Relay.Server;
using MailOps.Relay.Server.Transcripts;

namespace MailOps.Relay.Control;

/// <summary>Switches the protocol log of a relay, and shows what is on.</summary>
internal sealed class ProtocolLogActions(string relay, SmtpServer server)
{
    // Longer is no duration but a wish to leave it on, and would leave the calendar.
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(365);

    /// <summary>What is on now.</summary>
    public IReadOnlyList<SmtpRelayProtocolLog> All => [.. (server.ProtocolLog.Rules ?? []).Select(View)];

    /// <summary>Begins to write sessions down.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayListenerNotFound"/> or <see cref="ErrorCode.RelayProtocolLogInvalid"/>; nothing has changed.</exception>
    public SmtpRelayProtocolLog Enable(string? listener, string? remote, TimeSpan? duration)
    {
        IPNetwork? network = null;
        if (remote is not null)
            network = NetworkList.TryParse(remote, out var parsed) ? parsed : throw Invalid($"'{remote}' is neither an address nor a network.", "Write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.");
        if (duration is { } time && (time <= TimeSpan.Zero || time > MaxDuration))
            throw Invalid(string.Create(CultureInfo.InvariantCulture, $"A duration of {time:c} is not possible."), "Give one above zero and of 365 days at most, or none, and it lasts until it is disabled.");
        if (listener is not null && !server.Bound.Any(bound => bound.Endpoint == listener))
            throw new MailOpsException(ErrorCode.RelayListenerNotFound, $"The relay {relay} has no listener {listener}.", $"It listens on {string.Join(", ", server.Bound.Select(bound => bound.Endpoint))}.");
        return View(server.ProtocolLog.Enable(listener, network, duration));
    }

    /// <summary>Ends what an identity names; false where that is not on.</summary>
    public bool Disable(string identity) => server.ProtocolLog.Disable(identity[(identity.IndexOf('\\') + 1)..]);

    private SmtpRelayProtocolLog View(ProtocolRule rule) => new()
    {
        Identity = $"{relay}\\{rule.Name}",
        Listener = rule.Listener,
        RemoteIPAddress = rule.NetworkText,
        StartTime = rule.Since,
        ExpirationTime = rule.Until,
        Path = server.ProtocolLog.Folder,
        LineCount = server.ProtocolLog.Written,
        DroppedLineCount = server.ProtocolLog.Dropped,
    };

    private static MailOpsException Invalid(string message, string hint) => new(ErrorCode.RelayProtocolLogInvalid, message, hint);
}
