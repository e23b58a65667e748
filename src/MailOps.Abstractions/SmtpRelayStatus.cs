using System.Security.Cryptography.X509Certificates;

namespace MailOps;

/// <summary>A relay at one moment; <c>Start-SmtpRelay</c> and <c>Get-SmtpRelay</c> write it.</summary>
public sealed class SmtpRelayStatus
{
    /// <summary>The relay's name.</summary>
    public required string Name { get; init; }
    /// <summary>Running, Stopping or Stopped.</summary>
    public required string Status { get; init; }
    /// <summary>The name it greets with.</summary>
    public required string HostName { get; init; }
    /// <summary>Where it listens, with the ports it really has.</summary>
    public required IReadOnlyList<SmtpRelayListener> Listeners { get; init; }
    /// <summary>What an administrator should know about how it is set up and what its disk does not take, each a sentence; empty as a rule.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
    /// <summary>The port of the first listener, for the next command's <c>-Port</c>.</summary>
    public int Port => Listeners.Count > 0 ? Listeners[0].Port : 0;
    /// <summary>The folder of the queue and the tracking log.</summary>
    public required string QueuePath { get; init; }
    /// <summary>When it started.</summary>
    public DateTimeOffset Started { get; init; }
    /// <summary>Sessions open now.</summary>
    public int SessionCount { get; init; }
    /// <summary>Messages in the queue now.</summary>
    public long MessageCount { get; init; }
    /// <summary>The next hops that are suspended, <c>*</c> for the whole queue; what is for them waits.</summary>
    public IReadOnlyList<string> SuspendedQueues { get; init; } = [];
    /// <summary>Messages accepted since the start.</summary>
    public long Received { get; init; }
    /// <summary>Recipients delivered since the start.</summary>
    public long Delivered { get; init; }
    /// <summary>Attempts deferred since the start, counted by recipient.</summary>
    public long Deferred { get; init; }
    /// <summary>Recipients failed since the start.</summary>
    public long Failed { get; init; }
}

/// <summary>One address and port of a relay.</summary>
public sealed class SmtpRelayListener
{
    /// <summary>The address it listens on.</summary>
    public required string Address { get; init; }
    /// <summary>The port it has.</summary>
    public required int Port { get; init; }
    /// <summary>None, StartTls or Implicit.</summary>
    public required TlsMode Tls { get; init; }
    /// <summary>The oldest TLS version it takes, or null without TLS.</summary>
    public TlsVersion? MinTlsVersion { get; init; }
    /// <summary>The certificate it shows now (public part), or null without TLS.</summary>
    public X509Certificate2? Certificate { get; init; }
    /// <summary>The certificates it shows to clients that ask for one of their names (public part).</summary>
    public IReadOnlyList<X509Certificate2> SniCertificates { get; init; } = [];

    /// <summary>Address and port, as in <c>127.0.0.1:2525</c> or <c>[::1]:2525</c>.</summary>
    public string Endpoint => Address.Contains(':') ? $"[{Address}]:{Port}" : $"{Address}:{Port}";

    /// <summary>Address, port and TLS, as in <c>127.0.0.1:2525 (StartTls)</c>.</summary>
    public override string ToString() => $"{Endpoint} ({Tls})";
}
