using System.Globalization;
using System.Text;
using MailOps.Messages;

namespace MailOps.Policies;

/// <summary>The policy at <c>https://mta-sts.DOMAIN/.well-known/mta-sts.txt</c> (RFC 8461 section 3.2): which mail exchangers the domain has, that each has TLS with a valid certificate, and for how long to remember that.</summary>
/// <param name="Mode">What a sender does where that is not so.</param>
/// <param name="Mx">The patterns of the mail exchangers' names: a name, or <c>*.</c> and a name. Empty only where the mode is None.</param>
/// <param name="MaxAge">How long the policy may be kept; not more than <see cref="LongestAge"/>, whatever it says.</param>
/// <param name="Lines">Those of its lines that count, as they are, for reports (RFC 8460 section 4.4): neither fields that nobody knows, nor such as are there twice, of which a stranger can write any number.</param>
public sealed record MtaStsPolicy(MtaStsMode Mode, IReadOnlyList<string> Mx, TimeSpan MaxAge, IReadOnlyList<string> Lines)
{
    /// <summary>The most that max_age may say: 31,557,600 seconds, about a year (RFC 8461 section 3.2).</summary>
    public static readonly TimeSpan LongestAge = TimeSpan.FromSeconds(31_557_600);

    /// <summary>The most bytes of a policy that are read: 65,536, as RFC 8461 section 3.3 suggests.</summary>
    public const int MaxSize = 64 * 1024;

    private static readonly char[] Space = [' ', '\t'];

    /// <summary>Where the policy of a domain is (RFC 8461 section 3.2).</summary>
    /// <param name="domain">The domain in A-label form.</param>
    public static Uri UriFor(string domain) => new($"https://mta-sts.{domain}/.well-known/mta-sts.txt");

    /// <summary>Whether the name of a mail exchanger is one of the policy's. A star stands for exactly one label, the leftmost (RFC 8461 section 4.1).</summary>
    /// <param name="host">The name in A-label form, with or without a final dot.</param>
    public bool Allows(string host)
    {
        var name = host.EndsWith(".", StringComparison.Ordinal) ? host.Substring(0, host.Length - 1) : host;
        return Mx.Any(pattern => Matches(pattern, name));
    }

    /// <summary>Reads a policy as it was sent.</summary>
    public static PolicyReading<MtaStsPolicy> Parse(byte[] content)
    {
        try
        {
            return Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content));
        }
        catch (DecoderFallbackException)
        {
            return PolicyReading.Not<MtaStsPolicy>(PolicyFault.Whole("it is no UTF-8 text"));
        }
    }

    /// <summary>Reads a policy by the grammar of RFC 8461 section 3.2. Of a field that is there twice the first counts, but for mx.</summary>
    public static PolicyReading<MtaStsPolicy> Parse(string text)
    {
        var reader = new Reader();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (i == lines.Length - 1 && i > 0 && lines[i].Length == 0) break;   // behind the last line end
            var line = lines[i].EndsWith("\r", StringComparison.Ordinal) && i < lines.Length - 1 ? lines[i].Substring(0, lines[i].Length - 1) : lines[i];
            if (reader.Read(line.TrimEnd(Space), i + 1) is { } fault) return PolicyReading.Not<MtaStsPolicy>(fault);
        }
        return reader.End();
    }

    private static bool Matches(string pattern, string name)
    {
        if (!pattern.StartsWith("*.", StringComparison.Ordinal)) return string.Equals(pattern, name, StringComparison.OrdinalIgnoreCase);
        var dot = name.IndexOf('.');
        return dot > 0 && string.Equals(pattern.Substring(1), name.Substring(dot), StringComparison.OrdinalIgnoreCase);
    }

    private sealed class Reader
    {
        private readonly List<string> _mx = [];
        private readonly List<string> _lines = [];
        private readonly HashSet<string> _counted = new(StringComparer.Ordinal);
        private bool _hasVersion;
        private MtaStsMode? _mode;
        private TimeSpan? _maxAge;

        public PolicyFault? Read(string line, int number)
        {
            var colon = line.IndexOf(':');
            if (colon < 0) return new PolicyFault(number, 1, line.Length == 0 ? "the line is empty" : $"'{Printable.Shorten(line)}' has no colon");
            var name = line.Substring(0, colon);
            if (!TaggedRecord.IsName(name)) return new PolicyFault(number, 1, $"'{Printable.Shorten(name)}' is no name of a field");
            var value = line.Substring(colon + 1).TrimStart(Space);
            if (Take(name, value) is { } reason) return new PolicyFault(number, line.Length - value.Length + 1, reason);
            if (name == "mx" || (name is "version" or "mode" or "max_age" && _counted.Add(name))) _lines.Add(line);
            return null;
        }

        public PolicyReading<MtaStsPolicy> End()
        {
            var missing = !_hasVersion ? "there is no version" : _mode is null ? "there is no mode" : _maxAge is null ? "there is no max_age"
                : _mode != MtaStsMode.None && _mx.Count == 0 ? "there is no mx, which every mode but none needs" : null;
            return missing is not null
                ? PolicyReading.Not<MtaStsPolicy>(PolicyFault.Whole(missing))
                : PolicyReading.Of(new MtaStsPolicy(_mode!.Value, _mx, _maxAge!.Value, _lines));
        }

        private string? Take(string name, string value)
        {
            if (value.Length == 0) return $"{name} has no value";
            switch (name)
            {
                case "version":
                    _hasVersion = true;
                    return value == "STSv1" ? null : $"'{Printable.Shorten(value)}' is no version that is known";
                case "mode":
                    if (ModeOf(value) is not { } mode) return $"'{Printable.Shorten(value)}' is no mode";
                    _mode ??= mode;
                    return null;
                case "max_age":
                    if (value.Length > 10 || !value.All(c => c is >= '0' and <= '9')) return $"'{Printable.Shorten(value)}' is no number of seconds of 1 to 10 digits";
                    var age = TimeSpan.FromSeconds(long.Parse(value, CultureInfo.InvariantCulture));
                    _maxAge ??= age < LongestAge ? age : LongestAge;
                    return null;
                case "mx":
                    if (!IsPattern(value)) return $"'{Printable.Shorten(value)}' is no name of a host, with or without *. before it";
                    _mx.Add(value);
                    return null;
                default:
                    return value.Any(c => c is < ' ' or '\x7f') ? $"the value of {name} has a control character" : null;
            }
        }

        private static MtaStsMode? ModeOf(string value) => value switch
        {
            "none" => MtaStsMode.None,
            "testing" => MtaStsMode.Testing,
            "enforce" => MtaStsMode.Enforce,
            _ => null,
        };

        private static bool IsPattern(string value)
        {
            var name = value.StartsWith("*.", StringComparison.Ordinal) ? value.Substring(2) : value;
            return EmailAddress.IsDomain(name) && name.All(c => c < '\x80');
        }
    }
}
