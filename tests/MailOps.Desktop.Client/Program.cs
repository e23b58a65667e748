using System.Globalization;

namespace MailOps.Desktop.Client;

/// <summary>Arguments: the ports of an SMTP, an IMAP and a DNS server on loopback, and an empty folder. Prints what <see cref="ClientScenario"/> saw, a line each.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var ports = args.Take(3).Select(port => int.Parse(port, CultureInfo.InvariantCulture)).ToArray();
        foreach (var line in new ClientScenario(ports[0], ports[1], ports[2], args[3]).RunAsync().GetAwaiter().GetResult()) Console.WriteLine(line);
        return 0;
    }
}
