using System.Globalization;
using System.Management.Automation;
using System.Net;
using MailOps.PowerShell.Parameters;
using MailOps.Providers;
using MailOps.Submission;

namespace MailOps.PowerShell.Commands;

/// <summary>The way to the server: a provider with its limits, a proxy, and the transcript of what was said.</summary>
public sealed partial class SendSmtpMessageCommand
{
    /// <summary>From here on a wait for a limit is worth a warning.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(5);

    private MailProvider? _provider;
    private SendQuota? _quota;
    private TranscriptFile? _transcript;
    private int _connections;
    private bool _toldOfWait;
    private bool _toldOfTranscript;

    /// <summary>A provider of Get-MailProvider: its server, port and TLS are used where none are given, and its limits are kept: messages a minute and a day, recipients a day and a message, connections. Waiting for them is shown as progress; with -LogPath what went in the last 24 hours counts too.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MailProviderCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Provider { get; set; }

    /// <summary>A proxy through which the server is reached: socks5://, socks4a://, socks4://, http:// (CONNECT) or https://, with host and port. Default: none; the system's is not used.</summary>
    [Parameter]
    public Uri? Proxy { get; set; }

    /// <summary>User name and password for the proxy.</summary>
    [Parameter]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>A file to which the conversation is added line by line, without credentials and contents; one call at a time writes to it, others may read. Default: none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TranscriptPath { get; set; }

    private void OpenWay()
    {
        _connections = MaxConnections;
        if (TranscriptPath is not null && !IsWhatIf) _transcript = new TranscriptFile(this.FullPath(TranscriptPath));
        if (Provider is null) return;
        _provider = MailProviders.Named(Provider);
        _quota = new SendQuota(_provider);
        if (_provider.MaxConnections is not { } most || most >= MaxConnections) return;
        _connections = most;
        if (_named.Contains(nameof(MaxConnections))) WriteWarning($"{_provider.DisplayName} takes {most} connections at a time; -MaxConnections {MaxConnections} is not used.");
    }

    /// <summary>The server, port and TLS that were given, or else those of the provider.</summary>
    private (string Server, int Port, TlsMode Tls) Server()
    {
        if (SmtpServer is not (null or "")) return (SmtpServer, Port, Tls);
        if (_provider is not null)
        {
            if (_provider.SmtpServer is { } own && !own.Contains('{')) return (own, Port > 0 ? Port : _provider.Port ?? 0, Tls == TlsMode.Auto && !UseSsl ? _provider.Tls ?? Tls : Tls);
            throw new MailOpsException(ErrorCode.SmtpServerMissing, $"{_provider.DisplayName} has no server that is the same for all ({_provider.SmtpServer ?? "none is known"}).", "Name yours with -SmtpServer.");
        }
        return LanguagePrimitives.ConvertTo<string>(GetVariableValue("PSEmailServer")) is not (null or "") and var server
            ? (server, Port, Tls)
            : throw new MailOpsException(ErrorCode.SmtpServerMissing, "No SMTP server was named.", "Name it with -SmtpServer or -Provider, or set $PSEmailServer.");
    }

    private NetworkCredential? ProxyUser() => ProxyCredential is null ? null : new NetworkCredential(ProxyCredential.UserName, ProxyCredential.Password);

    /// <summary>What is waited for, as progress; long waits are told in words as well, for those who read only a log.</summary>
    /// <returns>Whether anything is waited for.</returns>
    private bool ShowWaiting()
    {
        if (_quota?.Waiting is not { } waiting) return false;
        var (left, until) = (waiting.Until - DateTime.UtcNow, waiting.Until.ToLocalTime().ToString("T", CultureInfo.CurrentCulture));
        WriteProgress(new ProgressRecord(1, Activity, $"{_settled} messages; waiting until {until}: {waiting.Limit}") { SecondsRemaining = (int)Math.Max(left.TotalSeconds, 0) });
        if (_toldOfWait || left < LongWait) return true;
        _toldOfWait = true;
        WriteWarning($"{waiting.Limit}: the next goes at {waiting.Until.ToLocalTime():g}.{(LogPath is null ? "" : " After Ctrl+C the same call with -SkipSent goes on later.")}");
        return true;
    }

    private void ShowTranscriptFault()
    {
        if (_toldOfTranscript || _transcript?.Fault is not { } fault) return;
        _toldOfTranscript = true;
        WriteWarning($"The transcript '{TranscriptPath}' ends here, since it cannot be written: {fault} The messages go on.");
    }
}
