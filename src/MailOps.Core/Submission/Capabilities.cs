using System.Globalization;
using System.Text.RegularExpressions;

namespace MailOps.Submission;

/// <summary>What a server offers in answer to EHLO (RFC 5321 section 4.1.1.1).</summary>
internal sealed class Capabilities
{
    // What firewalls that meddle with SMTP make of STARTTLS and other keywords that they do not let through.
    private static readonly Regex Masked = new("^X{4,}[A-Z]?$", RegexOptions.CultureInvariant);
    private static readonly char[] Separators = [' ', '='];   // AUTH=LOGIN is what some servers say for clients of old

    private Capabilities(IReadOnlyList<string> lines) => Lines = lines;

    public static Capabilities None { get; } = new([]);

    /// <summary>The lines after the first.</summary>
    public IReadOnlyList<string> Lines { get; }

    public bool StartTls => Has("STARTTLS");

    /// <summary>Whether something on the way has made a keyword unreadable.</summary>
    public bool HasMasked => Lines.Any(line => Masked.IsMatch(line));

    /// <summary>The mechanisms of AUTH (RFC 4954 section 3), in upper case.</summary>
    public IReadOnlyList<string> AuthMechanisms => [.. Arguments("AUTH").Select(name => name.ToUpperInvariant()).Distinct()];

    /// <summary>The largest message (RFC 1870 section 3); null where there is no limit or none is told.</summary>
    public long? MaxMessageSize =>
        Arguments("SIZE").FirstOrDefault() is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : null;

    /// <summary>Whether a keyword is offered.</summary>
    public bool Has(string keyword) => Lines.Any(line => Is(line, keyword));

    public static Capabilities Read(SmtpReply reply) =>
        new([.. reply.Text.Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0)]);

    private IEnumerable<string> Arguments(string keyword) =>
        Lines.Where(line => Is(line, keyword)).SelectMany(line => line.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Skip(1));

    private static bool Is(string line, string keyword) => string.Equals(line.Split(Separators)[0], keyword, StringComparison.OrdinalIgnoreCase);
}
