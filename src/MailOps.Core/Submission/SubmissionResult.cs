namespace MailOps.Submission;

/// <summary>What became of one submitted message.</summary>
/// <param name="Recipients">One result a recipient, in the order of the envelope.</param>
/// <param name="Errors">What to tell the user: one error for the message, or one for each refused recipient; empty where all was accepted.</param>
public sealed record SubmissionResult(IReadOnlyList<SmtpSendResult> Recipients, IReadOnlyList<SubmissionError> Errors);

/// <summary>One error and what it is about.</summary>
/// <param name="Error">The error.</param>
/// <param name="Target">The recipient's address, or the server.</param>
public sealed record SubmissionError(MailOpsException Error, string Target);
