using MailOps.Messages;

namespace MailOps.Domains;

/// <summary>What one check has come to.</summary>
/// <param name="Check">Which.</param>
internal record CheckResult(MailDomainCheck Check)
{
    /// <summary>The verdict.</summary>
    public MailDomainVerdict Verdict { get; init; }

    /// <summary>What is to be said.</summary>
    public IReadOnlyList<MailDomainFinding> Findings { get; init; } = [];

    /// <summary>The worst of verdict and findings: that something is missing can be a fault.</summary>
    public MailDomainVerdict Worst => Findings.Select(finding => Of(finding.Severity)).Append(Verdict).Max();

    /// <summary>What a severity comes to.</summary>
    public static MailDomainVerdict Of(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Error => MailDomainVerdict.Fail,
        FindingSeverity.Warning => MailDomainVerdict.Warning,
        _ => MailDomainVerdict.None,
    };

    /// <summary>A finding whose text is fit to be shown.</summary>
    public static MailDomainFinding Find(MailDomainCheck check, FindingSeverity severity, string place, string message, string? advice, int column = 0) =>
        new() { Check = check, Severity = severity, Domain = Printable.Escape(place), Column = column, Message = Printable.Escape(message), Advice = advice is null ? null : Printable.Escape(advice) };
}

/// <summary>The same, with what was seen.</summary>
internal sealed record CheckResult<T>(MailDomainCheck Check, T? Value) : CheckResult(Check)
    where T : class
{
    /// <summary>A check whose verdict is that of its findings.</summary>
    public static CheckResult<T> Judged(MailDomainCheck check, T value, IReadOnlyList<MailDomainFinding> findings) =>
        new(check, value) { Findings = findings, Verdict = findings.Select(finding => Of(finding.Severity)).Append(MailDomainVerdict.Pass).Max() };

    /// <summary>A check whose record was looked over already.</summary>
    public static CheckResult<T> Reported(MailDomainCheck check, T value, RecordVerdict verdict, IEnumerable<RecordFinding> findings) => new(check, value)
    {
        Verdict = verdict switch
        {
            RecordVerdict.Valid => MailDomainVerdict.Pass,
            RecordVerdict.Warning => MailDomainVerdict.Warning,
            RecordVerdict.Invalid => MailDomainVerdict.Fail,
            _ => MailDomainVerdict.None,
        },
        Findings = [.. findings.Select(finding => Find(check, finding.Severity, finding.Domain, finding.Message, finding.Advice, finding.Column))],
    };

    /// <summary>A check that came to nothing.</summary>
    public static CheckResult<T> Unknown(MailDomainCheck check, string place, string message, string? advice) => new(check, null)
    {
        Verdict = MailDomainVerdict.Unknown,
        Findings = [Find(check, FindingSeverity.Warning, place, message, advice)],
    };

    /// <summary>The same, where something else makes up for what is missing: nothing need be done.</summary>
    public CheckResult<T> AsInformation() => this with
    {
        Findings = [.. Findings.Select(finding => Find(Check, FindingSeverity.Information, finding.Domain, finding.Message, finding.Advice, finding.Column))],
    };
}
