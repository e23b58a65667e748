using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailOps.Relay.Server;

/// <summary>The trace header that this relay puts before every message it takes from a client (RFC 5321 section 4.4).</summary>
internal static class ReceivedHeader
{
    /// <summary>The field, folded, with its CR LF.</summary>
    public static string Format(Transaction transaction, string hostName, DateTimeOffset now)
    {
        var origin = transaction.Sender.Origin!;
        var field = new StringBuilder(256)
            .Append("Received: from ").Append(origin.Helo).Append(" (").Append(origin.ClientName is { } name ? name + " " : "").Append(Literal(origin.ClientAddress)).Append(")\r\n");
        if (origin.Tls is { } tls) field.Append("\t(using ").Append(tls).Append(")\r\n");
        field.Append("\tby ").Append(hostName).Append(" (MailOps) with ").Append(origin.Protocol).Append(" id ").Append(transaction.Target.Id);
        if (transaction.Sender.Priority is not 0 and var priority) field.Append(CultureInfo.InvariantCulture, $"\r\n\tpriority {priority}");   // RFC 6710 section 4.1
        // RFC 5321 section 7.6: with more than one, a recipient would read who else got a copy.
        if (transaction.Recipients.Count == 1) field.Append("\r\n\tfor <").Append(transaction.Recipients[0].ForwardPath).Append('>');
        return field.Append(";\r\n\t").Append(now.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture))
            .Append(now.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal)).Append("\r\n").ToString();
    }

    /// <summary>An address literal (RFC 5321 section 4.1.3); a scope is of no use to another host.</summary>
    private static string Literal(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? "[IPv6:" + new IPAddress(address.GetAddressBytes()) + "]" : "[" + address + "]";
}
