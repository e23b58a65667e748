namespace MailOps;

/// <summary>What the test of one account of classic Outlook has shown.</summary>
public sealed class OutlookSmtpTest
{
    /// <summary>The account's address, or where it has none its label.</summary>
    public required string EmailAddress { get; init; }
    /// <summary>The profile.</summary>
    public required string ProfileName { get; init; }
    /// <summary>The version of Outlook.</summary>
    public required string OutlookVersion { get; init; }
    /// <summary>The verdict: the worst of the findings.</summary>
    public OutlookSmtpVerdict Verdict { get; init; }
    /// <summary>The verdict in one sentence, with the value to change.</summary>
    public required string Details { get; init; }
    /// <summary>Everything that is wrong, the gravest first, each with what to do.</summary>
    public OutlookSmtpFinding[] Findings { get; init; } = [];
    /// <summary>The account as it is.</summary>
    public required OutlookSmtpProfile Profile { get; init; }
    /// <summary>What the outgoing server has shown; null unless it was connected to.</summary>
    public SmtpServerTest? ServerTest { get; init; }

    /// <summary>Address and verdict.</summary>
    public override string ToString() => $"{EmailAddress}: {Verdict}";
}
