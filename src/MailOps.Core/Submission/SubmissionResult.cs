namespace MailOps.Submission;

/// <summary>What became of one submitted message.</summary>
/// <param name="Message">What the user gets to see of it.</param>
/// <param name="Errors">What to tell the user: one error for the message, or one for each refused recipient; empty where all was accepted.</param>
public sealed record SubmissionResult(SmtpSendResult Message, IReadOnlyList<SubmissionError> Errors)
{
    /// <summary>One result a recipient, in the order of the envelope.</summary>
    public IReadOnlyList<SmtpRecipientResult> Recipients => Message.Recipients;

    /// <summary>The result of a message that went in two transactions.</summary>
    internal SubmissionResult With(SubmissionResult further) => new(
        new SmtpSendResult
        {
            Recipients = [.. Message.Recipients, .. further.Message.Recipients],
            RecordNumber = Message.RecordNumber,
            MessageId = Message.MessageId,
            Subject = Message.Subject,
            From = Message.From,
            SmtpServer = Message.SmtpServer,
            TlsProtocol = further.Message.TlsProtocol,
            Duration = Message.Duration + further.Message.Duration,
        },
        [.. Errors, .. further.Errors]);
}

/// <summary>One error and what it is about.</summary>
/// <param name="Error">The error.</param>
/// <param name="Target">The recipient's address, or the server.</param>
public sealed record SubmissionError(MailOpsException Error, string Target);
