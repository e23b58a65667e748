namespace MailOps;

/// <summary>One step of the test of a server.</summary>
/// <param name="Name">What was tried: Resolve, Connect, Greeting, Hello, StartTls, Tls, Certificate, Authenticate, Sender, Recipient, OpenRelay, TlsVersions.</param>
/// <param name="Status">How it came out.</param>
/// <param name="Latency">How long it took.</param>
/// <param name="Seen">What was seen, without secrets; control characters are shown as escapes.</param>
public sealed record SmtpServerTestStep(string Name, SmtpServerVerdict Status, TimeSpan Latency, string Seen)
{
    /// <summary>The step on one line.</summary>
    public override string ToString() => $"{Name}: {Status} ({Seen})";
}
