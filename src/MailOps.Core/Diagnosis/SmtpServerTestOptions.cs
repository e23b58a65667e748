using System.Net;
using System.Security.Cryptography.X509Certificates;
using MailOps.Authentication;

namespace MailOps.Diagnosis;

/// <summary>Which server is tested, and what is asked of it.</summary>
public sealed record SmtpServerTestOptions
{
    /// <summary>The server's name or address.</summary>
    public required string Server { get; init; }
    /// <summary>The port. Default: 0, which is 465 with <see cref="TlsMode.Implicit"/> and otherwise 25.</summary>
    public int Port { get; init; }
    /// <summary>How the connection gets its TLS. Default: <see cref="TlsMode.Auto"/>.</summary>
    public TlsMode Tls { get; init; } = TlsMode.Auto;
    /// <summary>Whom to authenticate as, which happens only where TLS with a valid certificate protects it; null for nobody.</summary>
    public NetworkCredential? Credential { get; init; }
    /// <summary>How the credential is shown, and whether it is a password or an access token. Default: the password, by the best mechanism offered.</summary>
    public LoginMethod Login { get; init; } = LoginMethod.Default;
    /// <summary>The sender to ask about; empty for the null sender. Default: null, which asks about none unless a recipient needs one.</summary>
    public string? From { get; init; }
    /// <summary>The recipient to ask about; null for none.</summary>
    public string? Recipient { get; init; }
    /// <summary>The size of the message that the server should take, in bytes; 0 for none.</summary>
    public long MessageSize { get; init; }
    /// <summary>Whether to list the versions and ciphers of TLS that it takes. Default: false.</summary>
    public bool Deep { get; init; }
    /// <summary>Whether to try to have it pass mail on for a stranger, from <see cref="From"/> to <see cref="Recipient"/>, which should not be its own. Default: false.</summary>
    public bool OpenRelay { get; init; }
    /// <summary>The name in EHLO. Default: this machine's.</summary>
    public string? LocalDomain { get; init; }
    /// <summary>How long the whole test may take. Default: 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The ports that are tried when this one does not do, and how each begins.</summary>
    internal IReadOnlyList<(int Port, bool IsImplicit)> UsualPorts { get; init; } = [(587, false), (465, true), (25, false)];

    /// <summary>Finds the addresses of a name.</summary>
    internal Func<string, Task<IPAddress[]>> Resolve { get; init; } = System.Net.Dns.GetHostAddressesAsync;

    /// <summary>Sees the certificate of the handshake, and the chain with what else the server sent. Default: null.</summary>
    internal Action<X509Certificate2, X509Chain>? OnCertificate { get; init; }

    internal int EffectivePort => Port > 0 ? Port : Tls == TlsMode.Implicit ? 465 : 25;

    internal bool IsImplicit => Tls == TlsMode.Implicit || (Tls == TlsMode.Auto && EffectivePort == 465);

    /// <summary>Whether a client with these settings would refuse to go on without TLS and a valid certificate, as <see cref="Submission.SubmissionOptions.RequiresTls"/> says.</summary>
    internal bool RequiresTls => Tls is TlsMode.StartTls or TlsMode.Implicit || Credential is not null || (Tls == TlsMode.Auto && EffectivePort is 465 or 587);

    /// <summary>How grave it is that TLS does not protect: between servers mail goes without.</summary>
    internal SmtpServerVerdict TlsSeverity => RequiresTls ? SmtpServerVerdict.Failure : SmtpServerVerdict.Warning;
}
