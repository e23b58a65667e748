using System.Globalization;
using System.Text;
using MailOps.Providers;

namespace MailOps.Outlook.Exports;

/// <summary>SRV records for mail clients as lines of a zone file (RFC 6186 section 3 and RFC 8314 section 5.1).</summary>
internal static class SrvZoneWriter
{
    /// <summary>From one server to the next, so that others fit in between.</summary>
    private const int Step = 10;

    /// <summary>The lines of one domain: TLS from the first byte before STARTTLS, and "." for what is not offered (RFC 2782).</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/>: a server is an address, which no such record can name.</exception>
    public static byte[] Write(MailClientDefinition definition, string domain)
    {
        var zone = new StringBuilder($"; SRV records by which mail clients find the servers of {domain}\n");
        foreach (var protocol in new[] { MailProtocol.Smtp, MailProtocol.Imap, MailProtocol.Pop3 })
        {
            // Clients compare the priorities of both names of a service (RFC 8314 section 5.1), so that they go on from one to the other.
            var priority = 0;
            foreach (var (service, _, tls) in SrvSource.Services.Where(service => service.Protocol == protocol))
            {
                var servers = definition.Of(protocol).Where(server => ClientAccount.TlsOf(server) == tls).ToArray();
                foreach (var server in servers)
                {
                    zone.AppendFormat(CultureInfo.InvariantCulture, "{0}._tcp.{1}. IN SRV {2} 1 {3} {4}.\n", service, domain, priority, server.Port, Named(server.Server));
                    priority += Step;
                }
                if (servers.Length == 0) zone.AppendFormat(CultureInfo.InvariantCulture, "{0}._tcp.{1}. IN SRV 0 0 0 .\n", service, domain);
            }
        }
        return Encoding.ASCII.GetBytes(zone.ToString());
    }

    private static string Named(string host) => System.Net.IPAddress.TryParse(host, out _)
        ? throw new MailOpsException(ErrorCode.MailClientFormatUnfit, $"An SRV record names a host, and {host} is an address.", "Give the server a name, and use that.")
        : host;
}
