namespace MailOps;

/// <summary>What the header of a message tells of its way; <c>ConvertFrom-MailHeader</c> writes one for each message. All of it is what servers and the sender have written, and proves nothing by itself.</summary>
public sealed class MailHeader
{
    /// <summary>The author, as the header has it.</summary>
    public string? From { get; init; }
    /// <summary>The recipients that the header names (To), as it has them.</summary>
    public string? To { get; init; }
    /// <summary>The subject, decoded.</summary>
    public string? Subject { get; init; }
    /// <summary>When the message was written, by its author's clock.</summary>
    public DateTimeOffset? Date { get; init; }
    /// <summary>The Message-ID, without its brackets.</summary>
    public string? MessageId { get; init; }
    /// <summary>The envelope sender (Return-Path), where it was delivered; &lt;&gt; for nobody.</summary>
    public string? ReturnPath { get; init; }
    /// <summary>The servers that it passed, the first one first.</summary>
    public IReadOnlyList<MailHop> Hops { get; init; } = [];
    /// <summary>From the first time of a server to the last one; null where there are not two.</summary>
    public TimeSpan? TotalDelay { get; init; }
    /// <summary>What servers found when they checked who has sent it: SPF, DKIM, DMARC, ARC and others. Only what your own server wrote can be relied on.</summary>
    public IReadOnlyList<MailVerdict> Verdicts { get; init; } = [];
    /// <summary>The file it was read from, where it was one.</summary>
    public string? Path { get; init; }
}
