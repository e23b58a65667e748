namespace MailOps.Authenticity.Signatures;

/// <summary>What came of one signature.</summary>
/// <param name="Result">The result, in the words of RFC 8601 section 2.7.1.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Advice">What to do; null where nothing is to be done.</param>
internal sealed record SignatureVerdict(DkimResult Result, string Reason, string? Advice = null);
