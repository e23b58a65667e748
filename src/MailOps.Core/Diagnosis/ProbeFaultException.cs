namespace MailOps.Diagnosis;

/// <summary>Ends a test: nothing after this step can be tried.</summary>
internal sealed class ProbeFaultException(SmtpServerFinding finding, string seen, Exception? cause = null) : Exception(finding.Problem, cause)
{
    public SmtpServerFinding Finding { get; } = finding;

    /// <summary>What was seen, as it may be shown.</summary>
    public string Seen { get; } = seen;
}
