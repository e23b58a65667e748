using System.Diagnostics;
using MailOps.Authenticity.Spf;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity;

/// <summary>What SPF says of a message.</summary>
/// <param name="HandOver">Who was asked about.</param>
/// <param name="Check">What came of it; null where it was not asked.</param>
/// <param name="ForSender">What it says of the sender of the envelope, which is what DMARC takes (RFC 9989 section 4.4.2).</param>
internal sealed record MessageSpf(HandOver HandOver, SpfCheck? Check, SpfCheck? ForSender)
{
    /// <summary>The domain that SPF was asked about for DMARC.</summary>
    public string? Domain => ForSender is null ? null : Signatures.SignatureField.NameOf(ForSender.Domain);

    private string Missing => HandOver.Client is null ? HandOver.Source : "the sender of the envelope is not known: the message has no Return-Path";

    /// <summary>Asks.</summary>
    /// <param name="handOver">Who is asked about.</param>
    /// <param name="dns">Who is asked.</param>
    /// <param name="at">The time.</param>
    /// <param name="timeout">How long all of it may take.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    public static async Task<MessageSpf> CheckAsync(HandOver handOver, IDnsInspector dns, DateTimeOffset at, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (handOver is not { Client: { } client, Sender: { } sender } || (IsEmpty(sender) && handOver.Helo is null)) return new(handOver, null, null);
        var clock = Stopwatch.StartNew();
        var checker = new SpfChecker(dns, new SpfLimits { Timeout = timeout });
        var query = new SpfQuery(client, sender, handOver.Helo, at);
        var check = await checker.CheckAsync(query, cancellationToken).ConfigureAwait(false);
        var isHeloAlone = check.Identity == SpfIdentity.Helo && !IsEmpty(sender);
        if (!isHeloAlone) return new(handOver, check, check);
        var left = TimeSpan.FromTicks(Math.Max(0, (timeout - clock.Elapsed).Ticks));
        return new(handOver, check, await new SpfChecker(dns, new SpfLimits { Timeout = left }).CheckAsync(query with { Helo = null }, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>As the user sees it.</summary>
    public MessageSpfCheck Describe(bool isAligned) => new()
    {
        Result = Check?.Result ?? SpfResult.None,
        IsEvaluated = Check is not null,
        Reason = Check?.Reason ?? Printable.Escape($"SPF was not asked: {Missing}."),
        Advice = Check is null ? HandOver.Advice : Check.Advice,
        Domain = Check?.Domain,
        IsAligned = isAligned,
        IPAddress = HandOver.Client,
        Helo = HandOver.Helo is { } helo ? Printable.Escape(helo) : null,
        EnvelopeFrom = HandOver.Sender is { } sender ? Printable.Escape(sender) : null,
        Source = HandOver.Client is null ? null : HandOver.Source,
        Check = Check,
    };

    private static bool IsEmpty(string sender) => sender.Trim() is "" or "<>";
}
