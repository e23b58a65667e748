using System.Globalization;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>What a server offered in its reply to EHLO or LHLO (RFC 5321 section 4.1.1.1); nothing after HELO.</summary>
internal sealed record SmtpCapabilities
{
    public static readonly SmtpCapabilities None = new();

    public bool Pipelining { get; init; }
    public bool Chunking { get; init; }
    public bool BinaryMime { get; init; }
    public bool EightBitMime { get; init; }
    public bool SmtpUtf8 { get; init; }
    public bool Dsn { get; init; }
    public bool StartTls { get; init; }
    /// <summary>REQUIRETLS (RFC 8689), and the connection is one over which it may be said: TLS with a server that has proved its name.</summary>
    public bool RequireTls { get; init; }
    public bool DeliverBy { get; init; }
    /// <summary>The shortest time in seconds that the server takes with mode R (RFC 2852 section 4); 0 where it names none.</summary>
    public int MinDeliverBy { get; init; }
    public bool Priority { get; init; }
    /// <summary>MAILMAX (RFC 9422): messages a connection; 0 where the server names no limit.</summary>
    public int MaxMessages { get; init; }
    /// <summary>RCPTMAX (RFC 9422): recipients a message; 0 where the server names no limit.</summary>
    public int MaxRecipients { get; init; }
    /// <summary>RCPTDOMAINMAX (RFC 9422): recipient domains a connection; 0 where the server names no limit.</summary>
    public int MaxDomains { get; init; }
    public bool Size { get; init; }
    /// <summary>The largest message in bytes (RFC 1870 section 4); 0 where the server names none.</summary>
    public long MaxSize { get; init; }
    public IReadOnlyList<string> AuthMechanisms { get; init; } = [];

    /// <summary>Reads the lines after the first of a reply to EHLO.</summary>
    public static SmtpCapabilities Parse(SmtpReply reply)
    {
        var found = None;
        foreach (var line in reply.Text.Split('\n').Skip(1)) found = found.With(line);
        return found;
    }

    // RFC 9422: name=value, which the split has taken apart; what is not known or no number is passed over.
    private SmtpCapabilities WithLimits(string[] words)
    {
        var found = this;
        for (var i = 1; i + 1 < words.Length; i++)
        {
            var number = Number(words[i + 1]);
            if (number <= 0) continue;
            found = words[i].ToUpperInvariant() switch
            {
                "MAILMAX" => found with { MaxMessages = number },
                "RCPTMAX" => found with { MaxRecipients = number },
                "RCPTDOMAINMAX" => found with { MaxDomains = number },
                _ => found,
            };
        }
        return found;
    }

    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private SmtpCapabilities With(string line)
    {
        // "AUTH=LOGIN" is how servers older than RFC 2554 wrote it.
        var words = line.Split([' ', '='], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? this : words[0].ToUpperInvariant() switch
        {
            "PIPELINING" => this with { Pipelining = true },
            "CHUNKING" => this with { Chunking = true },
            "BINARYMIME" => this with { BinaryMime = true },
            "8BITMIME" => this with { EightBitMime = true },
            "SMTPUTF8" => this with { SmtpUtf8 = true },
            "DSN" => this with { Dsn = true },
            "STARTTLS" => this with { StartTls = true },
            "REQUIRETLS" => this with { RequireTls = true },
            "DELIVERBY" => this with { DeliverBy = true, MinDeliverBy = words.Length > 1 ? Number(words[1]) : 0 },
            "MT-PRIORITY" => this with { Priority = true },
            "LIMITS" => WithLimits(words),
            "SIZE" => this with { Size = true, MaxSize = words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var max) ? max : 0 },
            "AUTH" => this with { AuthMechanisms = [.. AuthMechanisms.Union(words.Skip(1).Select(w => w.ToUpperInvariant()))] },
            _ => this,
        };
    }
}
