namespace MailOps;

/// <summary>One thing about an account that is not as it should be.</summary>
/// <param name="Id">A stable name, such as <c>PortDiffers</c>, or an id of Test-SmtpServer: scripts test for it.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record OutlookSmtpFinding(string Id, OutlookSmtpVerdict Severity, string Problem, string Advice)
{
    /// <summary>The finding on one line.</summary>
    public override string ToString() => $"{Id}: {Problem}";
}
