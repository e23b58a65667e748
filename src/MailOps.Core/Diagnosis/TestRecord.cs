using System.Diagnostics;
using MailOps.Messages;
using MailOps.Submission;

namespace MailOps.Diagnosis;

/// <summary>What a test has shown so far.</summary>
internal sealed class TestRecord
{
    private const int MaxSeen = 2000;

    private readonly List<SmtpServerTestStep> _steps = [];
    private readonly List<SmtpServerFinding> _findings = [];
    private readonly Stopwatch _whole = Stopwatch.StartNew();
    private readonly Stopwatch _step = new();
    private string _name = "";

    public string? EndPoint { get; set; }
    public string? Banner { get; set; }
    public string? TlsProtocol { get; set; }
    public CertificateReview? Certificate { get; set; }
    public string? AuthMechanism { get; set; }
    public Capabilities Capabilities { get; set; } = Capabilities.None;

    public List<SmtpTlsOffer> TlsOffers { get; } = [];
    public List<SmtpOpenRelayAttempt> RelayAttempts { get; } = [];

    /// <summary>The step that runs.</summary>
    public string Step => _name;

    public TimeSpan Elapsed => _whole.Elapsed;

    /// <summary>A step begins.</summary>
    public void Begin(string name)
    {
        _name = name;
        _step.Restart();
    }

    /// <summary>The step is over.</summary>
    public void End(string seen, params SmtpServerFinding[] findings)
    {
        _findings.AddRange(findings);
        _steps.Add(new SmtpServerTestStep(_name, Worst(findings), _step.Elapsed, Printable.Shorten(seen, MaxSeen)));
    }

    /// <summary>Something that the step before has shown.</summary>
    public void Note(SmtpServerFinding finding) => _findings.Add(finding);

    /// <summary>The test is over, here.</summary>
    public void Fail(ProbeFaultException fault) => End(fault.Seen, fault.Finding);

    public SmtpServerTest Result(SmtpServerTestOptions options)
    {
        var findings = _findings.OrderByDescending(finding => finding.Severity).ToArray();
        return new SmtpServerTest
        {
            Server = options.Server,
            Port = options.EffectivePort,
            EndPoint = EndPoint,
            StatusCode = Worst(findings),
            Details = findings.Length > 0 ? findings[0].Problem : Works(),
            Findings = findings,
            Steps = [.. _steps],
            Latency = _whole.Elapsed,
            Tls = options.Tls,
            TlsProtocol = TlsProtocol,
            CertificateSubject = Certificate?.Subject,
            CertificateIssuer = Certificate?.Issuer,
            CertificateExpires = Certificate?.Expires,
            CertificateValid = Certificate is { ProvesName: true },
            TlsOffers = [.. TlsOffers],
            RelayAttempts = [.. RelayAttempts],
            Banner = Banner,
            Capabilities = [.. Capabilities.Lines],
            AuthMechanism = AuthMechanism,
            AuthMechanisms = [.. Capabilities.AuthMechanisms],
            MaxMessageSize = Capabilities.MaxMessageSize,
        };
    }

    private static SmtpServerVerdict Worst(IEnumerable<SmtpServerFinding> findings) => findings.Select(finding => finding.Severity).DefaultIfEmpty(SmtpServerVerdict.Success).Max();

    private string Works()
    {
        var tls = TlsProtocol is null ? "SMTP in plain text" : $"SMTP over {TlsProtocol}";
        return Certificate is { ProvesName: true } ? FormattableString.Invariant($"{tls}, certificate valid until {Certificate.Expires:yyyy-MM-dd}.") : tls + ".";
    }
}
