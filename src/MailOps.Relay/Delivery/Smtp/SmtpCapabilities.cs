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
            "SIZE" => this with { Size = true, MaxSize = words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var max) ? max : 0 },
            "AUTH" => this with { AuthMechanisms = [.. AuthMechanisms.Union(words.Skip(1).Select(w => w.ToUpperInvariant()))] },
            _ => this,
        };
    }
}
