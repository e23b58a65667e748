using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using MailOps.Messages;

namespace MailOps.Authenticity.Spf;

/// <summary>Reads a record by the grammar of RFC 7208 section 12, and goes on behind a fault, so that all of them are told at once.</summary>
internal static class SpfParser
{
    private static readonly char[] Separators = [':', '/', '='];
    private static readonly Regex DualCidr = new(@"\A(?<rest>.*?)(?:/(?<four>[0-9]+))?(?://(?<six>[0-9]+))?\z", RegexOptions.CultureInvariant | RegexOptions.Singleline);
    private static readonly Regex TopLabel = new(@"\A(?:[0-9A-Za-z]*[A-Za-z][0-9A-Za-z]*|[0-9A-Za-z]+-[0-9A-Za-z-]*[0-9A-Za-z])\z", RegexOptions.CultureInvariant);
    private static readonly Regex Number = new(@"\A(?:0|[1-9][0-9]{0,2})\z", RegexOptions.CultureInvariant);
    private static readonly Regex Name = new(@"\A[A-Za-z][0-9A-Za-z_.-]*\z", RegexOptions.CultureInvariant);

    private static readonly Dictionary<string, SpfMechanism> Mechanisms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["all"] = SpfMechanism.All,
        ["include"] = SpfMechanism.Include,
        ["a"] = SpfMechanism.A,
        ["mx"] = SpfMechanism.Mx,
        ["ptr"] = SpfMechanism.Ptr,
        ["ip4"] = SpfMechanism.Ip4,
        ["ip6"] = SpfMechanism.Ip6,
        ["exists"] = SpfMechanism.Exists,
    };

    /// <summary>Reads a record for which <see cref="SpfRecord.IsOne"/> is true.</summary>
    public static SpfRecord Parse(string text)
    {
        var record = new SpfRecord { Text = text };
        var at = text.IndexOf(' ');
        while (at >= 0 && at < text.Length)
        {
            var end = text.IndexOf(' ', at);
            if (end < 0) end = text.Length;
            if (end > at) Add(record, text.Substring(at, end - at), at + 1);
            at = end + 1;
        }
        return record;
    }

    private static void Add(SpfRecord record, string term, int column)
    {
        var odd = term.ToList().FindIndex(c => c is < '!' or > '~');
        var separator = term.IndexOfAny(Separators);
        SpfFault? fault;
        SpfTerm? read = null;
        if (odd >= 0) fault = new SpfFault(column + odd, "there is a character that no record can have", "Write plain ASCII with single spaces: no tabs, line ends, curly quotes or dashes of a word processor.");
        else if (separator >= 0 && term[separator] == '=') read = ReadModifier(record, term, separator, column, out fault);
        else read = ReadDirective(record, term, separator, column, out fault);
        if (read is not null) record.Terms.Add(read);
        else if (fault is not null) record.Faults.Add(fault);
    }

    private static SpfModifier? ReadModifier(SpfRecord record, string term, int equals, int column, out SpfFault? fault)
    {
        var name = term.Substring(0, equals).ToLowerInvariant();
        if (!Name.IsMatch(name))
        {
            fault = new SpfFault(column, $"'{Printable.Shorten(name)}' is no name of a modifier");
            return null;
        }
        var known = name is "redirect" or "exp";
        if (known && record.Modifier(name) is not null)
        {
            fault = new SpfFault(column, $"{name} stands here a second time, and only one can be", "Leave one of them.");
            return null;
        }
        var value = known
            ? ReadDomain(term.Substring(equals + 1), column + equals + 1, out fault)
            : MacroText.Read(term.Substring(equals + 1), MacroUse.Unknown, column + equals + 1, out fault);
        return value is null ? null : new SpfModifier(term, column, name, value);
    }

    private static SpfDirective? ReadDirective(SpfRecord record, string term, int separator, int column, out SpfFault? fault)
    {
        var start = "+-?~".Contains(term[0]) ? 1 : 0;
        var name = term.Substring(start, (separator < 0 ? term.Length : separator) - start);
        if (!Mechanisms.TryGetValue(name, out var mechanism))
        {
            fault = Unknown(name, column + start);
            // RFC 7208 section 5.1: mechanisms behind all are ignored. What has the form of one counts as such; a mere word is a mistake of syntax.
            if (separator < 0 || term[separator] != ':' || !Name.IsMatch(name) || !record.Directives.Any(directive => directive.Mechanism == SpfMechanism.All)) return null;
            record.Ignored.Add(fault);
            fault = null;
            return null;
        }
        var result = term[0] switch { '-' => SpfResult.Fail, '~' => SpfResult.SoftFail, '?' => SpfResult.Neutral, _ => SpfResult.Pass };
        var directive = new SpfDirective(term, column, mechanism, result);
        var rest = term.Substring(start + name.Length);
        var place = column + start + name.Length;
        return mechanism switch
        {
            SpfMechanism.All => ReadAll(directive, rest, place, out fault),
            SpfMechanism.Ip4 => ReadIp4(directive, rest, place, out fault),
            SpfMechanism.Ip6 => ReadIp6(directive, rest, place, out fault),
            SpfMechanism.A or SpfMechanism.Mx => ReadHosts(directive, rest, place, out fault),
            SpfMechanism.Ptr when rest.Length == 0 => Plain(directive, out fault),
            _ => ReadNamed(directive, rest, place, out fault),
        };
    }

    private static SpfFault Unknown(string name, int column) => new(column, $"'{Printable.Shorten(name)}' is no mechanism", name.ToLowerInvariant() switch
    {
        "ip" or "ipv4" => "Write ip4: for IPv4 addresses, ip6: for IPv6.",
        "ipv6" => "Write ip6:.",
        "includes" or "inc" => "Write include:.",
        _ => "The mechanisms are all, include, a, mx, ptr, ip4, ip6 and exists.",
    });

    private static SpfDirective Plain(SpfDirective directive, out SpfFault? fault)
    {
        fault = null;
        return directive;
    }

    private static SpfDirective? ReadAll(SpfDirective directive, string rest, int column, out SpfFault? fault)
    {
        fault = rest.Length == 0 ? null : new SpfFault(column, "all takes nothing behind it");
        return fault is null ? directive : null;
    }

    private static SpfDirective? ReadNamed(SpfDirective directive, string rest, int column, out SpfFault? fault)
    {
        var domain = ReadTarget(directive, rest, column, out fault);
        return domain is null ? null : directive with { Domain = domain };
    }

    private static SpfDirective? ReadHosts(SpfDirective directive, string rest, int column, out SpfFault? fault)
    {
        var parts = DualCidr.Match(rest);
        var (four, six) = (parts.Groups["four"], parts.Groups["six"]);
        fault = PrefixFault(four, 32, column) ?? PrefixFault(six, 128, column);
        if (fault is not null) return null;
        var read = directive with { Prefix4 = Prefix(four, 32), Prefix6 = Prefix(six, 128) };
        return parts.Groups["rest"].Length == 0 ? read : ReadNamed(read, parts.Groups["rest"].Value, column, out fault);
    }

    private static MacroText? ReadTarget(SpfDirective directive, string rest, int column, out SpfFault? fault)
    {
        if (rest.Length > 0 && rest[0] == ':') return ReadDomain(rest.Substring(1), column + 1, out fault);
        var name = directive.Mechanism.ToString().ToLowerInvariant();
        fault = new SpfFault(column, rest.Length == 0 ? $"{name} needs a colon and a domain behind it" : $"'{Printable.Shorten(rest)}' cannot stand behind {name}");
        return null;
    }

    /// <summary>A domain-spec: a name whose last label is one of a top-level domain, or a macro at the end.</summary>
    private static MacroText? ReadDomain(string text, int column, out SpfFault? fault)
    {
        var read = MacroText.Read(text, MacroUse.Domain, column, out fault);
        if (read is null) return null;
        var (afterMacro, tail) = read.Tail;
        if (afterMacro && tail.Length == 0) return read;
        var name = tail.EndsWith(".", StringComparison.Ordinal) ? tail.Substring(0, tail.Length - 1) : tail;
        var dot = name.LastIndexOf('.');
        var place = column + text.Length - tail.Length + dot + 1;
        if (text.Length == 0) fault = new SpfFault(column, "there is no domain");
        else if (dot < 0) fault = new SpfFault(place, $"'{Printable.Shorten(text)}' is no full name of a domain", "Write it with its top-level domain, for example example.com.");
        else if (!TopLabel.IsMatch(name.Substring(dot + 1))) fault = new SpfFault(place, $"'{Printable.Shorten(name.Substring(dot + 1))}' is no top-level domain", Advice(name));
        return fault is null ? read : null;
    }

    private static string? Advice(string name) => IsIp4(name.Split('/')[0].TrimStart('.')) ? "Write ip4: for addresses." : name.Contains("/") ? "A prefix is /0 to /32 for IPv4, //0 to //128 for IPv6." : null;

    private static SpfDirective? ReadIp4(SpfDirective directive, string rest, int column, out SpfFault? fault)
    {
        if (!TakeNetwork(rest, 32, "an IPv4 address", column, out var text, out var prefix, out fault)) return null;
        if (IsIp4(text)) return directive with { Network = IPAddress.Parse(text), Prefix4 = prefix };
        fault = new SpfFault(column + 1, $"'{Printable.Shorten(text)}' is no IPv4 address", text.Contains(":") ? "Write ip6: for IPv6 addresses." : "It has four numbers from 0 to 255, without zeros in front.");
        return null;
    }

    private static SpfDirective? ReadIp6(SpfDirective directive, string rest, int column, out SpfFault? fault)
    {
        if (!TakeNetwork(rest, 128, "an IPv6 address", column, out var text, out var prefix, out fault)) return null;
        if (Ip6(text) is not { } network)
        {
            fault = new SpfFault(column + 1, $"'{Printable.Shorten(text)}' is no IPv6 address", IsIp4(text) ? "Write ip4: for IPv4 addresses." : null);
            return null;
        }
        // RFC 7208 section 5: an IPv4-mapped address is an IPv4 address; so is a network of them.
        return network.IsIPv4MappedToIPv6 && prefix >= 96
            ? directive with { Network = network.MapToIPv4(), Prefix4 = prefix - 96 }
            : directive with { Network = network, Prefix6 = prefix };
    }

    private static bool TakeNetwork(string rest, int longest, string what, int column, out string text, out int prefix, out SpfFault? fault)
    {
        var slash = rest.IndexOf('/');
        text = rest.Length > 0 && rest[0] == ':' ? rest.Substring(1, (slash < 0 ? rest.Length : slash) - 1) : "";
        prefix = longest;
        fault = text.Length == 0 ? new SpfFault(column, $"there is no colon with {what} behind it") : null;
        if (fault is not null || slash < 0) return fault is null;
        var digits = rest.Substring(slash + 1);
        if (Number.IsMatch(digits) && int.Parse(digits, CultureInfo.InvariantCulture) is var bits && bits <= longest) prefix = bits;
        else fault = BadPrefix(digits, longest, column + slash + 1);
        return fault is null;
    }

    private static SpfFault? PrefixFault(Group digits, int longest, int column) =>
        !digits.Success || (Number.IsMatch(digits.Value) && int.Parse(digits.Value, CultureInfo.InvariantCulture) <= longest) ? null : BadPrefix(digits.Value, longest, column + digits.Index);

    private static SpfFault BadPrefix(string digits, int longest, int column) =>
        new(column, $"'{Printable.Shorten(digits)}' is no length of a prefix", $"It is a number from 0 to {longest}, without zeros in front.");

    private static int Prefix(Group digits, int otherwise) => digits.Success ? int.Parse(digits.Value, CultureInfo.InvariantCulture) : otherwise;

    private static bool IsIp4(string text)
    {
        var numbers = text.Split('.');
        return numbers.Length == 4 && Array.TrueForAll(numbers, number => Number.IsMatch(number) && int.Parse(number, CultureInfo.InvariantCulture) <= 255);
    }

    // RFC 4291 section 2.2; the runtime takes brackets, scopes and ports too.
    private static IPAddress? Ip6(string text)
    {
        if (!text.All(c => c is >= '0' and <= '9' or >= 'a' and <= 'f' or >= 'A' and <= 'F' or ':' or '.')) return null;
        var last = text.Substring(text.LastIndexOf(':') + 1);
        if (last.Contains(".") && !IsIp4(last)) return null;
        return IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null;
    }
}
