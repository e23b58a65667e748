using System.Net;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity;

/// <summary>Who handed a message to its receiver: what SPF is asked about. Where it cannot be told, it is not guessed.</summary>
/// <param name="Client">The address; null where it is not known.</param>
/// <param name="Helo">The name that it gave.</param>
/// <param name="Sender">The sender of the envelope; null where it is not known.</param>
/// <param name="Source">From where that is known; where it is not, why.</param>
internal sealed record HandOver(IPAddress? Client, string? Helo, string? Sender, string Source)
{
    private const string TellOwn = "name your own servers with -TrustedServer or -TrustedNetwork, or give the client with -IPAddress";

    /// <summary>What to do where something is not known.</summary>
    public const string Advice = "Give what is not known: -IPAddress, -Helo and -EnvelopeFrom as your server's log has them; or " + TellOwn + ".";

    /// <summary>Finds out.</summary>
    /// <param name="header">What the header tells.</param>
    /// <param name="options">What the user tells.</param>
    /// <param name="own">The servers of the house.</param>
    /// <param name="dns">Who is asked for their addresses.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    public static async Task<HandOver> FindAsync(MailHeader header, AuthenticityOptions options, OwnServers own, IDnsInspector dns, CancellationToken cancellationToken)
    {
        var sender = options.EnvelopeFrom ?? header.ReturnPath;
        if (options.Client is { } client) return new(client, options.Helo, sender, "-IPAddress");
        // The topmost was written by one's own server, and as long as a hop is within the house, so was the next one (RFC 5321 section 4.4).
        foreach (var hop in header.Hops.Reverse())
        {
            var place = $"the Received field of {Shown(hop.By ?? "a server without a name")}";
            if (own.HaveNames && (hop.By is null || !own.Has(FirstWord(hop.By)))) return Unknown($"{place} is none of your servers' (-TrustedServer), so what it says does not count");
            if (hop.FromAddress is not { } address)
            {
                if (IsWithinOneHost(hop)) continue;
                return Unknown($"{place} does not tell the client's address");
            }
            if (await own.HasAsync(address, dns, cancellationToken).ConfigureAwait(false)) continue;
            if (!own.AreNamed && LookAlike(hop.From, hop.By)) return Unknown($"by {place} the message may have come from a server of the same house ({Shown(hop.From!)}); {TellOwn}");
            return new(address, options.Helo ?? (hop.From is { } name ? FirstWord(name) : null), sender, place);
        }
        return Unknown(header.Hops.Count == 0 ? "the message has no Received field" : "by its Received fields the message never came from outside");

        HandOver Unknown(string why) => new(null, options.Helo, sender, why);
    }

    // From a program on the same machine, or from the server to its mailbox (RFC 2033 section 5 keeps LMTP within the house).
    private static bool IsWithinOneHost(MailHop hop) => hop.From is null || string.Equals(hop.From, hop.By, StringComparison.OrdinalIgnoreCase) || (hop.With ?? "").StartsWith("LMTP", StringComparison.OrdinalIgnoreCase);

    // Names that share their end; the client may have lied, hence it only makes unsure.
    private static bool LookAlike(string? from, string? by)
    {
        var (client, server) = (EndOf(from), EndOf(by));
        return client is not null && client == server;
    }

    private static string? EndOf(string? name)
    {
        if (name is null) return null;
        var labels = FirstWord(name).TrimEnd('.').ToLowerInvariant().Split('.');
        return labels.Length < 2 ? null : labels[labels.Length - 2] + "." + labels[labels.Length - 1];
    }

    private static string FirstWord(string text) => text.Split(' ')[0];

    private static string Shown(string text) => Printable.Escape(Printable.Shorten(text));
}
