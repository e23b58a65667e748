namespace MailOps;

/// <summary>One thing that is wrong with a server.</summary>
/// <param name="Id">A stable name, such as <c>CertificateExpired</c>: scripts test for it.</param>
/// <param name="Severity">Whether it stops mail (<see cref="SmtpServerVerdict.Failure"/>) or should be mended all the same (<see cref="SmtpServerVerdict.Warning"/>).</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record SmtpServerFinding(string Id, SmtpServerVerdict Severity, string Problem, string Advice)
{
    /// <summary>The finding on one line.</summary>
    public override string ToString() => $"{Id}: {Problem}";
}
