using MailOps.Relay.Delivery.Trust;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>A conversation that got as far as MAIL: what the server offers, and whether it may be used again.</summary>
/// <param name="channel">The wire.</param>
/// <param name="capabilities">What the server offers now, after TLS.</param>
/// <param name="isLmtp">LMTP (RFC 2033): one reply a recipient after the content.</param>
/// <param name="peer">The server for people: <c>mx.example.test [192.0.2.1]:25</c>.</param>
internal sealed class SmtpConnection(SmtpChannel channel, SmtpCapabilities capabilities, bool isLmtp, string peer) : IAsyncDisposable
{
    private volatile bool _broken;
    private Task<bool> _answered = Task.FromResult(true);

    public SmtpChannel Channel => channel;
    public SmtpCapabilities Capabilities => capabilities;
    public bool IsLmtp => isLmtp;
    public string Peer => peer;

    /// <summary>The server as it is known by (<see cref="SmtpHost.Server"/>).</summary>
    public string Server { get; set; } = "";

    /// <summary>What would be wrong with the server's certificate where it had to be verified; null where nothing is, or there is no TLS.</summary>
    public TlsFault? CertificateFault { get; init; }

    /// <summary>Transactions begun over it.</summary>
    public int Transactions { get; set; }

    /// <summary>A transaction was left unfinished: RSET comes before the next one (RFC 5321 section 4.1.1.5).</summary>
    public bool NeedsReset { get; set; }

    /// <summary>The domains of its recipients, where the server limits their number.</summary>
    public HashSet<string> Domains { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a further message may go over it.</summary>
    public bool IsUsable => !_broken;

    /// <summary>Whether it may by number: of messages, ours and the server's, and of recipient domains (RFC 9422).</summary>
    public bool HasRoom(int maxMessages, bool oneDomain) =>
        Transactions < maxMessages && (capabilities.MaxMessages == 0 || Transactions < capabilities.MaxMessages)
        && (oneDomain || capabilities.MaxDomains == 0 || Domains.Count < capabilities.MaxDomains);

    /// <summary>Nothing more can be said over it.</summary>
    public void Break() => _broken = true;

    /// <summary>
    /// Queues up for the replies: gives what ends when the exchange before has read its own, with whether the conversation can go on, and takes the same of this one.
    /// An exchange may write before it is its turn to read (RFC 2920 section 3.1).
    /// </summary>
    public Task<bool> TakeTurn(Task<bool> answered) => Interlocked.Exchange(ref _answered, answered);

    /// <summary>Takes leave where that is still possible (RFC 5321 section 4.1.1.10), and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_broken)
        {
            _broken = true;
            try
            {
                channel.Write("QUIT");
                await channel.FlushAsync(SmtpStep.Quit, default).ConfigureAwait(false);
                await channel.ReadAsync(SmtpStep.Quit, default).ConfigureAwait(false);
            }
            catch (SmtpFailureException)
            {
                // The server has gone first, which is what QUIT was to bring about.
            }
        }
        await channel.DisposeAsync().ConfigureAwait(false);
    }
}
