using System.Globalization;
using System.Net.Sockets;

namespace MailOps.Authenticity.Spf;

/// <summary>What the macro letters stand for (RFC 7208 section 7.2).</summary>
internal static class SpfMacros
{
    /// <summary>The value of a letter.</summary>
    /// <param name="letter">In lower case.</param>
    /// <param name="subject">Client and sender.</param>
    /// <param name="domain">The domain whose record is being gone through.</param>
    /// <param name="clientName">The name of the client that its address confirms.</param>
    public static string ValueOf(char letter, SpfSubject subject, string domain, string clientName) => letter switch
    {
        's' => subject.Sender,
        'l' => subject.LocalPart,
        'o' => subject.Domain,
        'd' => SpfNames.Bare(domain),
        'i' => SpfNames.Dotted(subject.Address),
        'p' => clientName,
        'v' => subject.Address.AddressFamily == AddressFamily.InterNetworkV6 ? "ip6" : "in-addr",
        'h' => subject.Helo,
        'c' => SpfNames.Readable(subject.Address),
        'r' => subject.Receiver,
        _ => subject.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
    };
}
