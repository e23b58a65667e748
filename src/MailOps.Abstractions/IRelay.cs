namespace MailOps;

/// <summary>A relay as the cmdlets see it: one in this session, or a service elsewhere.</summary>
public interface IRelay
{
    /// <summary>The relay's name.</summary>
    string Name { get; }
    /// <summary>State, listeners and counts, as of now.</summary>
    SmtpRelayStatus GetStatus();
    /// <summary>The queues, one per next hop, as of now.</summary>
    IReadOnlyList<SmtpRelayQueue> GetQueues();
    /// <summary>Why no mail comes to a queue of this name by the configuration, as a sentence; null where it may. For names that may be slips: a queue ends when it is empty.</summary>
    string? WhyNothingComes(string nextHop);
    /// <summary>The queued messages, oldest first, as of now; lazily, so that a caller may stop early.</summary>
    IEnumerable<SmtpRelayMessage> GetMessages();
    /// <summary>The messages of these queue ids, in that order and without those that are not queued; at the cost of these alone.</summary>
    IEnumerable<SmtpRelayMessage> GetMessages(IReadOnlyList<string> queueIds);
    /// <summary>
    /// Does something with messages: durable when it returns, with as few flushes as the disk allows, so a thousand at a time cost little more than one. A result for each,
    /// in their order.
    /// </summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayTargetInvalid"/>: the target is neither a route nor a server; nothing has changed.</exception>
    Task<IReadOnlyList<SmtpRelayActionResult>> ActOnMessagesAsync(IReadOnlyList<string> queueIds, SmtpRelayAction action, CancellationToken cancellationToken);
    /// <summary>Does something with the queues of next hops, <c>*</c> for all that are and will be: durable when it returns. A result for each, in their order.</summary>
    Task<IReadOnlyList<SmtpRelayActionResult>> ActOnQueuesAsync(IReadOnlyList<string> nextHops, SmtpRelayAction action, CancellationToken cancellationToken);
    /// <summary>Opens the content of a queued message, header and body, byte for byte; null where it is not queued. The caller disposes it.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/>: the disk does not give it back.</exception>
    Task<Stream?> OpenMessageAsync(string queueId, CancellationToken cancellationToken);
    /// <summary>The tracking log between two times, oldest first, read from disk; lazily.</summary>
    IEnumerable<SmtpRelayTrackingEvent> GetTrackingLog(DateTimeOffset from, DateTimeOffset until);
    /// <summary>The addresses blocked now because too many authentications from them failed, the one whose block ends first at the front.</summary>
    IReadOnlyList<SmtpRelayIPBlockListEntry> GetBlockedAddresses();
    /// <summary>Ends the block of an address; false where there is none.</summary>
    /// <param name="ipRange">As <see cref="SmtpRelayIPBlockListEntry.IPRange"/> names it.</param>
    bool RemoveBlockedAddress(string ipRange);
    /// <summary>The sessions that are written down now.</summary>
    IReadOnlyList<SmtpRelayProtocolLog> GetProtocolLogs();
    /// <summary>Begins to write sessions down, those that are open and new ones. What was asked for the same listener and clients before is replaced.</summary>
    /// <param name="listener">A listener as <see cref="SmtpRelayListener"/> has it, <c>address:port</c>; null for all.</param>
    /// <param name="remoteIPAddress">An address or a network (CIDR); null for all clients.</param>
    /// <param name="duration">After which it ends by itself, 365 days at most; null for not before the relay does.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayListenerNotFound"/> or <see cref="ErrorCode.RelayProtocolLogInvalid"/>; nothing has changed.</exception>
    SmtpRelayProtocolLog EnableProtocolLog(string? listener, string? remoteIPAddress, TimeSpan? duration);
    /// <summary>Ends what <see cref="SmtpRelayProtocolLog.Identity"/> names; false where that is not on.</summary>
    bool DisableProtocolLog(string identity);
    /// <summary>Reads the certificate files of all listeners again. It happens by itself within seconds of a change; this says what is wrong with them.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/> with every file that cannot be used; what was in use before stays.</exception>
    void ReloadCertificates();
    /// <summary>Waits until nothing is queued, or the token says stop.</summary>
    Task WaitUntilEmptyAsync(CancellationToken cancellationToken);
    /// <summary>Stops listening, finishes what is in flight within the time given, leaves the rest queued on disk.</summary>
    Task StopAsync(TimeSpan grace, CancellationToken cancellationToken);
}
