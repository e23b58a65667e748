namespace MailOps.Authenticity.Spf;

/// <summary>What is wrong with a record or an explanation: a value and not an exception, for it is no fault of who reads it.</summary>
/// <param name="Column">The character of the text, from 1.</param>
/// <param name="Reason">What is wrong, as the end of a sentence.</param>
/// <param name="Advice">What to write instead, as a sentence; null where that follows from the reason.</param>
internal sealed record SpfFault(int Column, string Reason, string? Advice = null);
