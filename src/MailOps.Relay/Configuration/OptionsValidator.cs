using System.Net;
using MailOps.Messages;

namespace MailOps.Relay.Configuration;

/// <summary>Says everything that is wrong with a relay's options at once, a line for each fault with its key.</summary>
public static class OptionsValidator
{
    /// <summary>Passes valid options.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/> with all faults.</exception>
    public static void Validate(SmtpRelayOptions options)
    {
        var faults = Check(options, Environment.CurrentDirectory).All;
        if (faults.Count > 0) throw Faults.Error(faults.Select(fault => fault.Text), null, Hint);
    }

    /// <summary>What can be done about any of them.</summary>
    internal const string Hint = "Correct the values named and try again.";

    /// <summary>What is no fault, since it may be meant, and yet most likely is not.</summary>
    internal static IReadOnlyList<string> Warnings(SmtpRelayOptions options) => [.. RouteReach.Warnings(options), .. FolderRules.Warnings(options)];

    /// <summary>All that is wrong.</summary>
    /// <param name="options">The options.</param>
    /// <param name="folder">What relative paths are relative to.</param>
    internal static Faults Check(SmtpRelayOptions options, string folder)
    {
        var faults = new Faults();
        Check(faults, options.Name.Length is > 0 and <= 64 && options.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'), "name", "is made of letters, digits, '-', '_' and '.', 64 at most");
        Check(faults, options.HostName is null || EmailAddress.IsDomain(options.HostName), "hostName", "must be a domain name");
        Check(faults, options.QueuePath.Length > 0, "queuePath", "must name a folder");
        Check(faults, options.Listeners.Count > 0, "listeners", "needs at least one");
        for (var i = 0; i < options.Listeners.Count; i++) Listener(faults, options.Listeners[i], $"listeners[{i}]");
        Unique(faults, options.Listeners.Select(l => EndpointOf(l.Endpoint)).OfType<string>(), StringComparer.Ordinal, "listeners");
        Networks(faults, options.RelayNetworks, "relayNetworks");
        for (var i = 0; i < options.LocalDomains.Count; i++) LocalDomain(faults, options.LocalDomains[i], $"localDomains[{i}]");
        for (var i = 0; i < options.Users.Count; i++)
        {
            Check(faults, options.Users[i].Name.Length > 0, $"users[{i}].name", "must not be empty");
            Secret(faults, options.Users[i].Password, $"users[{i}].password");
        }
        AuthenticationRules.Check(faults, options);
        Unique(faults, options.Users.Select(u => u.Name), StringComparer.Ordinal, "users");
        Unique(faults, options.LocalDomains.Select(d => DomainName.ToAscii(d.Name)), StringComparer.Ordinal, "localDomains");
        RouteRules.Check(faults, options);
        RouteReach.Check(faults, options);
        AddressingRules.Check(faults, options);
        if (options.Pickup is { } pickup)
        {
            Check(faults, pickup.Path.Length > 0, "pickup.path", "must name a folder");
            Check(faults, pickup.ScanInterval >= TimeSpan.FromMilliseconds(50) && pickup.ScanInterval <= TimeSpan.FromHours(1), "pickup.scanInterval", "must be between 50 milliseconds and an hour");
            Check(faults, pickup.RetryDelay >= TimeSpan.FromMilliseconds(50) && pickup.RetryDelay <= TimeSpan.FromDays(1), "pickup.retryDelay", "must be between 50 milliseconds and a day");
        }
        FolderRules.Check(faults, options, folder);
        PaceRules.Check(faults, options);
        Numbers(faults, options);
        Check(faults, options.ProtocolLog.MaxAge >= TimeSpan.FromDays(1) && options.ProtocolLog.MaxAge <= LongestRetry, "protocolLog.maxAge", "must be a day at least, for a file is a day's, and 3650 days at most");
        Check(faults, options.ProtocolLog.MaxDirectorySize >= 20 << 20, "protocolLog.maxDirectorySize", "must be at least 20971520 bytes (20 MiB)");
        return faults;
    }

    // Port 0 is another port each time.
    private static string? EndpointOf(string text) =>
        HostPort.TryParse(text, -1, out var at) && at.Port > 0 && IPAddress.TryParse(at.Host, out var address) ? new IPEndPoint(address, at.Port).ToString() : null;

    private static void Listener(Faults faults, ListenerOptions listener, string key)
    {
        Check(faults, HostPort.TryParse(listener.Endpoint, -1, out var at) && at.Port >= 0 && IPAddress.TryParse(at.Host, out _), key + ".endpoint", $"must be address:port as in 127.0.0.1:2525, not '{listener.Endpoint}'");
        Check(faults, listener is not { RequireTls: true, Tls: TlsMode.None }, key, "requires TLS and has tls None");
        if (listener.Limits is not null) Limits(faults, listener.Limits.Over(new LimitOptions()), key + ".limits");
        Named(faults, listener.Tls, key + ".tls");
        Named(faults, listener.MinTlsVersion, key + ".minTlsVersion");
        Networks(faults, listener.RelayNetworks ?? [], key + ".relayNetworks");
        Networks(faults, listener.ProxyNetworks, key + ".proxyNetworks");
        Networks(faults, listener.XclientNetworks, key + ".xclientNetworks");
        if (listener.Certificate is { } certificate) Certificate(faults, certificate, key + ".certificate");
        for (var i = 0; i < listener.SniCertificates.Count; i++) Certificate(faults, listener.SniCertificates[i], $"{key}.sniCertificates[{i}]");
        Check(faults, listener is not { Tls: TlsMode.None, SniCertificates.Count: > 0 }, key, "has certificates and tls None");
    }

    /// <summary>That a certificate names a file, or is one.</summary>
    internal static void Certificate(Faults faults, CertificateOptions certificate, string key)
    {
        if (certificate.Value is not null) return;
        Check(faults, certificate.Path is { Length: > 0 }, key + ".path", "must name a file");
        if (certificate.Password is { } password) Secret(faults, password, key + ".password");
    }

    private static void Networks(Faults faults, IReadOnlyList<string> networks, string key)
    {
        for (var i = 0; i < networks.Count; i++)
            Check(faults, NetworkList.TryParse(networks[i], out _), $"{key}[{i}]", $"must be an address or a network as in 192.0.2.0/24, not '{networks[i]}'");
    }

    private static void LocalDomain(Faults faults, LocalDomainOptions domain, string key)
    {
        Check(faults, EmailAddress.IsDomain(domain.Name), key + ".name", $"must be a domain name, not '{domain.Name}'");
        Check(faults, domain.MailboxPath is { Length: > 0 } != domain.Lmtp is { Length: > 0 }, key, "needs exactly one of mailboxPath and lmtp");
        if (domain.Lmtp is { Length: > 0 }) Check(faults, HostPort.IsServer(domain.Lmtp, 24), key + ".lmtp", $"must be host:port, with a port from 1 to 65535, or unix:/path, not '{domain.Lmtp}'");
    }

    /// <summary>That a reference to a secret says exactly one place.</summary>
    internal static void Secret(Faults faults, SecretReference secret, string key) =>
        Check(faults, new[] { secret.EnvironmentVariable is not null, secret.File is not null, secret.Value is not null }.Count(given => given) == 1, key, "needs exactly one of environmentVariable and file");

    private static void Numbers(Faults faults, SmtpRelayOptions options)
    {
        Limits(faults, options.Limits, "limits");
        RetryRules.Check(faults, options.Retry, "retry");
        var delivery = options.Delivery;
        Check(faults, delivery is { MaxConnections: > 0, MaxConnectionsPerDestination: > 0, MaxMessagesPerConnection: > 0, MxPort: > 0 and <= 65535 }, "delivery", "has a number out of range");
        Check(faults, IsTimer(delivery.ConnectTimeout), "delivery.connectTimeout", "must be 1 second at least, when the first lost packet is sent again, and a day at most");
        Check(faults, delivery.ConnectionIdle >= TimeSpan.Zero && delivery.ConnectionIdle <= LongestTimer, "delivery.connectionIdle", "must be from zero to a day");
        Check(faults, delivery.BrokenTlsMemory >= TimeSpan.Zero && delivery.BrokenTlsMemory <= LongestRetry, "delivery.brokenTlsMemory", "must be from zero to 3650 days");
        for (var i = 0; i < delivery.DnsServers.Count; i++)
            Check(faults, HostPort.TryParse(delivery.DnsServers[i], 53, out var server) && server.Port > 0 && IPAddress.TryParse(server.Host, out _), $"delivery.dnsServers[{i}]", $"must be address or address:port, with a port from 1 to 65535, not '{delivery.DnsServers[i]}'");
        TlsReports(faults, delivery.TlsReports, "delivery.tlsReports");
    }

    private static void TlsReports(Faults faults, TlsReportOptions reports, string key)
    {
        Check(faults, reports.Contact is null || (EmailAddress.TryParse(reports.Contact, out var contact, allowUtf8: false) && contact.Domain[0] != '['), key + ".contact", $"must be a mail address in ASCII at a domain, not '{reports.Contact}'");
        Check(faults, reports.Organization is null || (reports.Organization.Length is > 0 and <= 200 && !reports.Organization.Any(char.IsControl)), key + ".organization", "must have 1 to 200 characters, none of them a control character");
    }

    /// <summary>A date so far ahead that no calendar has it is of no use to anyone.</summary>
    internal static TimeSpan LongestRetry => TimeSpan.FromDays(3650);

    // Timers end at 49 days: beyond, every delivery would be a fault.
    private static TimeSpan LongestTimer => TimeSpan.FromDays(1);

    /// <summary>Whether it is a time that something can be waited for: in less than a second no answer comes over a network.</summary>
    internal static bool IsTimer(TimeSpan time) => time >= TimeSpan.FromSeconds(1) && time <= LongestTimer;

    private static bool IsSeconds(TimeSpan time) => time >= TimeSpan.Zero && time.Ticks % TimeSpan.TicksPerSecond == 0 && time.TotalSeconds <= 999_999_999;

    private static void Limits(Faults faults, LimitOptions limits, string key)
    {
        Check(faults, limits.MaxMessageSize >= 65536, key + ".maxMessageSize", "must be at least 65536 bytes (RFC 5321 section 4.5.3.1.7)");
        Check(faults, limits.MaxRecipients >= 100, key + ".maxRecipients", "must be at least 100 (RFC 5321 section 4.5.3.1.8)");
        Check(faults, limits.MaxHeaderSize >= 4096, key + ".maxHeaderSize", "must be at least 4096 bytes");
        Check(faults, limits.MaxLineLength is 0 or >= 998, key + ".maxLineLength", "must be 0 for any, or at least 998 (RFC 5322 section 2.1.1)");
        Check(faults, limits is { MaxSessions: > 0, MaxSessionsPerClient: > 0, MaxHops: > 0, MaxErrors: > 0, MinFreeSpace: >= 0 }, key, "must be above zero");
        Check(faults, IsTimer(limits.IdleTimeout), key + ".idleTimeout", "must be 1 second at least, and a day at most");
        Check(faults, limits is { MaxSessionRate: >= 0, MaxMessageRate: >= 0, MaxRecipientRate: >= 0, SlowErrors: >= 0, MaxJunkCommands: >= 0 }, key, "must not be below zero");
        Check(faults, limits is { MaxRecipientDomains: >= 0 and < 1_000_000, MaxMessagesPerSession: >= 0 and < 1_000_000 }, key, "needs maxRecipientDomains and maxMessagesPerSession from 0 to 999999 (RFC 9422)");
        Check(faults, IsSeconds(limits.MaxHold), key + ".maxHold", "must be zero or more, in whole seconds of nine digits at most (RFC 4865)");
        Check(faults, IsSeconds(limits.MinDeliverBy), key + ".minDeliverBy", "must be zero or more, in whole seconds of nine digits at most (RFC 2852)");
        Check(faults, limits.ErrorDelay >= TimeSpan.Zero && limits.ErrorDelay <= TimeSpan.FromMinutes(1), key + ".errorDelay", "must be between zero and a minute");
        Check(faults, limits.MaxSessionTime >= TimeSpan.Zero, key + ".maxSessionTime", "must not be below zero");
        Check(faults, limits.MaxSessionTime <= TimeSpan.Zero || limits.MaxSessionTime >= TimeSpan.FromMinutes(1), key + ".maxSessionTime", "must be zero for any time, or 1 minute at least");
        Check(faults, limits.MaxSessionTime <= LongestRetry, key + ".maxSessionTime", "must be 3650 days at most; zero is any time");
    }

    /// <summary>That a value has a name: a number that has none can only come from code.</summary>
    internal static void Named<T>(Faults faults, T value, string key) where T : struct, Enum =>
        Check(faults, Enum.IsDefined(value), key, $"must be one of {string.Join(", ", Enum.GetNames<T>())}, not '{value}'");

    /// <summary>That no name is there twice.</summary>
    internal static void Unique(Faults faults, IEnumerable<string> names, StringComparer comparer, string key)
    {
        foreach (var twice in names.GroupBy(n => n, comparer).Where(g => g.Count() > 1)) faults.Add(key, $"names '{twice.Key}' more than once");
    }

    /// <summary>Adds the sentence where a rule is broken.</summary>
    internal static void Check(Faults faults, bool valid, string key, string rule, params IReadOnlyList<string> others)
    {
        if (!valid) faults.Add(key, rule, others);
    }
}
