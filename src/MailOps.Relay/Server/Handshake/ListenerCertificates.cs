using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Server.Handshake;

/// <summary>
/// The certificates of a listener, over time. Files are looked at now and then, by what is in them: certificates are often renewed behind a symbolic link, or keep
/// their time. What has changed is read once two looks have found the same, so that a half-written pair of files is left alone. Where it cannot be used, the
/// certificates stay as they are and the fault is told once. Sessions that have their TLS keep it.
/// </summary>
internal sealed class ListenerCertificates
{
    /// <summary>How long between two looks at the files.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly List<CertificateOptions> _options;
    private readonly ListenerOptions _listener;
    private readonly Surroundings _server;
    private readonly Action<SslServerAuthenticationOptions>? _adjust;
    private volatile CertificateSet _set;
    private byte[] _read;
    private byte[] _seen;
    private long _lookAt;
    private int _looking;

    /// <param name="listener">Which certificates, and the oldest TLS version.</param>
    /// <param name="server">The name a self-signed certificate is for, the time, and where faults are told.</param>
    /// <param name="adjust">Completes what the handshake needs; null where it is complete.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/> where a file cannot be used.</exception>
    public ListenerCertificates(ListenerOptions listener, Surroundings server, Action<SslServerAuthenticationOptions>? adjust = null)
    {
        (_listener, _server, _adjust) = (listener, server, adjust);
        _options = [listener.Certificate ?? Certificates.Load(null, server.HostName, server.Clock), .. listener.SniCertificates];
        _read = _seen = Fingerprint();
        _set = Load();
        Callback = (_, hello, _, _) => ValueTask.FromResult(_set.Choose(hello.ServerName));
    }

    /// <summary>Chooses what the handshake needs by the name that the client asks for.</summary>
    public ServerOptionsSelectionCallback Callback { get; }

    /// <summary>The certificates as they are now, the default first.</summary>
    public IReadOnlyList<X509Certificate2> Current => _set.Certificates;

    /// <summary>Reads the files again, changed or not.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/> where one cannot be used; then all certificates stay as they are.</exception>
    public void Reload()
    {
        var fingerprint = Fingerprint();
        _set = Load();
        _read = _seen = fingerprint;
    }

    /// <summary>Looks at the files, if it is time to, on a thread of its own: a disk that hangs must not hold up the one who asks.</summary>
    public void LookNowAndThen(long now)
    {
        if (now < _lookAt || Interlocked.Exchange(ref _looking, 1) != 0) return;
        _lookAt = now + (long)(LookEvery.TotalSeconds * _server.Clock.TimestampFrequency);
        _ = Task.Run(Look);
    }

    private void Look()
    {
        try
        {
            var fingerprint = Fingerprint();
            var settled = fingerprint.AsSpan().SequenceEqual(_seen);
            _seen = fingerprint;
            if (!settled || fingerprint.AsSpan().SequenceEqual(_read)) return;
            _read = fingerprint;   // also where it turns out to be unusable: it is told once
            _set = Load();
        }
        catch (Exception e)
        {
            _server.Trace.Fault($"listener {_listener.Endpoint}, reading changed certificates; the ones before stay in use", e);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private CertificateSet Load() => new([.. _options.Select(o => Certificates.Load(o, _server.HostName, _server.Clock))], Settings);

    private SslServerAuthenticationOptions Settings(SslStreamCertificateContext certificate)
    {
        var settings = new SslServerAuthenticationOptions { ServerCertificateContext = certificate, EnabledSslProtocols = TlsVersions.From(_listener.MinTlsVersion) };
        if (!OperatingSystem.IsWindows()) settings.CipherSuitesPolicy = TlsVersions.Suites(_listener.MinTlsVersion);
        _adjust?.Invoke(settings);
        return settings;
    }

    // A hash over the files; one that cannot be read now counts as empty, and is a change.
    private byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in _options.Where(o => o.Value is null).SelectMany(o => new[] { o.Path!, o.KeyPath }).OfType<string>())
        {
            try
            {
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                hash.AppendData(new byte[SHA256.HashSizeInBytes]);
            }
        }
        return hash.GetHashAndReset();
    }
}
