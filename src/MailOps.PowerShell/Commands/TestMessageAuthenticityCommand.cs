using System.Management.Automation;
using MailOps.Authenticity;
using MailOps.Dns;
using MailOps.Headers;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Tells whether a message comes from where it says, by SPF, DKIM, DMARC and ARC, and what to do where it does not.</summary>
/// <remarks>
/// <para>Verdict says it in a word: Authentic where the domain in the From field stands for the message, Failed where it does not although it has a policy, Unproven where nobody stands for it
/// and there is no policy, Unknown where it cannot be told. Reason says why in a sentence, and Findings all that is to be said, with what to do.</para>
/// <para>Dkim has each signature with its result in the words of RFC 8601 and why: the body or a signed field was changed, the key is missing, revoked or too short, SHA-1, expired, a part left unsigned
/// (l=). Dmarc has the policy that counts, found by the tree walk of RFC 9989, what stands for the author, and what the domain asks for. Arc has the chain, instance by instance. Claims are what
/// servers wrote into the header: anyone can write that, so it counts for nothing here.</para>
/// <para>SPF is about the client that handed the message to your server. It is read from the topmost Received field that is from outside, and the sender of the envelope from Return-Path. Hops from
/// private addresses are taken for yours; others of yours are told by -TrustedServer or -TrustedNetwork, which matters where mail passes several public addresses of your own. -IPAddress, -Helo and
/// -EnvelopeFrom give what your server's log has. Where it cannot be told SPF is not asked, and Spf.Reason says what is missing.</para>
/// <para>The message is read as it is on the disk. A file whose lines end with LF alone is read with CRLF, as the message was on its way, and that is told. Whatever a program changed after the
/// message was received (line ends, a header of its own within the text, a text decoded by Get-Content) can break a signature: take the file itself, not its text. The policies and keys are those of
/// now, not those of when the message came.</para>
/// <para>Of many DKIM signatures the topmost 20 are evaluated, of a header 1 MiB; keys have at most 16384 bits. Many messages are checked side by side; the output keeps their order. A file that cannot
/// be read is the error FileUnreadable, what has no header InvalidMessage; the others go on. Where a DNS server or a network is none, the error is InvalidAddress.</para>
/// </remarks>
/// <example>
/// <para>Is this message forged?</para>
/// <code>Test-MessageAuthenticity ./suspicious.eml</code>
/// <para>The verdict, with the results of SPF, DKIM, DMARC and ARC.</para>
/// </example>
/// <example>
/// <para>Why does it fail, and what is to be done?</para>
/// <code>(Test-MessageAuthenticity ./suspicious.eml).Findings | Format-List</code>
/// <para>What is wrong, the most important first.</para>
/// </example>
/// <example>
/// <para>Mail that comes in by a gateway of one's own</para>
/// <code>Get-ChildItem ./mails -Filter *.eml | Test-MessageAuthenticity -TrustedServer mx1.example.com, store.example.com -TrustedNetwork 203.0.113.0/24 | Where-Object Verdict -ne Authentic</code>
/// <para>SPF is asked about whoever handed a message to the gateway.</para>
/// </example>
/// <example>
/// <para>A message before it is sent: how would a receiver see it?</para>
/// <code>Test-MessageAuthenticity ./newsletter.eml -IPAddress 192.0.2.25 -Helo mail.example.com -EnvelopeFrom bounce@news.example.com</code>
/// <para>With the address of the server that will send it.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc6376">RFC 6376, DomainKeys Identified Mail (DKIM) Signatures</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8617">RFC 8617, The Authenticated Received Chain (ARC) Protocol</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc9989">RFC 9989, Domain-Based Message Authentication, Reporting, and Conformance (DMARC)</seealso>
[Cmdlet(VerbsDiagnostic.Test, "MessageAuthenticity", DefaultParameterSetName = PathSet)]
[OutputType(typeof(MessageAuthenticity))]
public sealed class TestMessageAuthenticityCommand : MessageInputCmdlet
{
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(10);

    private SideBySide<Question, MessageAuthenticity> _checks = null!;

    /// <summary>The address of the client that handed the message over, IPv4 or IPv6. Default: the one that the header tells.</summary>
    [Parameter]
    public System.Net.IPAddress? IPAddress { get; set; }

    /// <summary>The name that the client gave in HELO or EHLO. Default: the one that the header tells.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Helo { get; set; }

    /// <summary>The sender of the envelope (MAIL FROM), empty for a report. Default: the one in Return-Path.</summary>
    [Parameter]
    [Alias("MailFrom")]
    [AllowEmptyString]
    public string? EnvelopeFrom { get; set; }

    /// <summary>Names or addresses of your own servers: what they wrote into the header counts, and what they handed to one another does not come from outside. Name all that a message passes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] TrustedServer { get; set; } = [];

    /// <summary>Networks in CIDR form, or addresses, of your own servers.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] TrustedNetwork { get; set; } = [];

    /// <summary>DNS servers as address, address:port or [address]:port, tried in this order. Default: the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>How long the DNS may take for one message, in seconds or as a TimeSpan. Default: 60 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    protected override string WhatItIsNot => "has no header";

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        // Two questions fit into a check, so that a DNS that is silent is told as that.
        var question = TimeSpan.FromTicks(Math.Min(LongestQuestion.Ticks, Timeout.Ticks / 2));
        var authenticator = new MessageAuthenticator(new DnsResolver(Server, question), new AuthenticityOptions
        {
            Client = IPAddress,
            Helo = Helo,
            EnvelopeFrom = MyInvocation.BoundParameters.ContainsKey(nameof(EnvelopeFrom)) ? EnvelopeFrom : null,
            TrustedServers = TrustedServer,
            TrustedNetworks = TrustedNetwork,
            At = DateTimeOffset.UtcNow,
            Timeout = Timeout,
        });
        _checks = new(question => AskAsync(authenticator, question), (_, found) => WriteObject(found), (question, error) => WriteError(error, question.File));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task<bool> TryReadAsync(byte[] message, CancellationToken cancellationToken)
    {
        if (MailHeaderReader.Read(message) is null) return false;
        await _checks.AskAsync(new Question(null, message), cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    protected override Task ReadAsync(string file, CancellationToken cancellationToken) => _checks.AskAsync(new Question(file, null), cancellationToken);

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        await base.EndAsync(cancellationToken);
        await _checks.EndAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override MailOpsException Unusable(string what, string? hint = null) =>
        new(ErrorCode.InvalidMessage, what, hint ?? "Give the whole message as it was received: a file .eml, or what Save-MailboxMessage writes.");

    private async Task<MessageAuthenticity> AskAsync(MessageAuthenticator authenticator, Question question)
    {
        if (question.File is { } file) return await authenticator.CheckFileAsync(file, StopToken).ConfigureAwait(false) ?? throw Unusable($"The file '{file}' {WhatItIsNot}.");
        var message = question.Take();
        return await authenticator.CheckAsync(message, StopToken).ConfigureAwait(false) ?? throw Unusable($"The message {WhatItIsNot}.");
    }

    /// <summary>A file, or a message. Answers wait for those before them, and messages that have been checked are not kept so long.</summary>
    private sealed class Question(string? file, byte[]? message)
    {
        private byte[]? _message = message;

        public string? File { get; } = file;

        public byte[] Take() => Interlocked.Exchange(ref _message, null)!;
    }
}
