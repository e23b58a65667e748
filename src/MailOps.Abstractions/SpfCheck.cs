using System.Net;

namespace MailOps;

/// <summary>What SPF (RFC 7208) says of a client, a sender and a HELO name; <c>Test-SpfSender</c> writes one.</summary>
public sealed class SpfCheck
{
    /// <summary>The address of the client.</summary>
    public required IPAddress IPAddress { get; init; }
    /// <summary>The sender that was asked about; postmaster of the HELO name where the sender was empty.</summary>
    public required string Sender { get; init; }
    /// <summary>The name the client gave in HELO; null where none was given.</summary>
    public string? Helo { get; init; }
    /// <summary>The result.</summary>
    public SpfResult Result { get; init; }
    /// <summary>Which identity decided: HELO where it failed or there is no sender, otherwise MAIL FROM.</summary>
    public SpfIdentity Identity { get; init; }
    /// <summary>The result for the HELO name alone; null where no name was given that can be asked about.</summary>
    public SpfResult? HeloResult { get; init; }
    /// <summary>The domain whose record decided where nothing else did: of the sender, or the HELO name.</summary>
    public required string Domain { get; init; }
    /// <summary>The term that decided, as it was published; null where none matched.</summary>
    public string? Mechanism { get; init; }
    /// <summary>The domain in whose record that term, or the fault, stands.</summary>
    public string? RecordDomain { get; init; }
    /// <summary>That record.</summary>
    public string? Record { get; init; }
    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }
    /// <summary>What to do about it; null where nothing is to be done.</summary>
    public string? Advice { get; init; }
    /// <summary>The domain's own words for those it refuses; null where there are none.</summary>
    public string? Explanation { get; init; }
    /// <summary>How many terms asked the DNS; ten are allowed.</summary>
    public int LookupCount { get; init; }
    /// <summary>How many of them found nothing; two are allowed.</summary>
    public int VoidLookupCount { get; init; }
    /// <summary>The terms that were gone through.</summary>
    public SpfTreeEntry[] Tree { get; init; } = [];
    /// <summary>The value of the Received-SPF field (RFC 7208 section 9.1), on one line.</summary>
    public required string ReceivedSpf { get; init; }
}
