using System.Text;
using MailOps.Messages;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Policy;

/// <summary>Where an alias leads.</summary>
/// <param name="Text">An address; a bare name, which is one of the alias's own domain; or <c>@domain</c>, which keeps the local part.</param>
/// <param name="IsFinal">Whether it is a mailbox even where there is an alias of that name.</param>
internal readonly record struct AliasTarget(string Text, bool IsFinal = false);

/// <summary>
/// A file of aliases in the form of /etc/aliases: <c>name: target, target</c>; a line that begins with white space goes on with the one before. It is looked at each second and read again when it
/// has changed; one that cannot be read then is told once, and what it said before stays true.
/// </summary>
internal sealed class AliasesFile : IDisposable
{
    private const int MaxLength = 64 << 20;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly IMailTrace _trace;
    private readonly ITimer _looks;
    private readonly Lock _gate = new();
    private (DateTime, long) _stamp;
    private string? _fault;
    private volatile IReadOnlyDictionary<string, IReadOnlyList<AliasTarget>> _aliases;

    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/>: it cannot be read.</exception>
    public AliasesFile(string path, IMailTrace trace, TimeProvider clock)
    {
        (_path, _trace) = (path, trace);
        try
        {
            _stamp = Stamp();
            _aliases = Read();
        }
        catch (Exception e) when (DiskFault.Is(e) || e is FormatException)
        {
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The aliases file {path} cannot be used: {e.Message}", "Correct the path or the line.", e);
        }
        _looks = clock.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
    }

    /// <summary>The targets of a key, which is a name, an address or <c>@domain</c>, in lower case; null where it is not there.</summary>
    public IReadOnlyList<AliasTarget>? Find(string key) => _aliases.GetValueOrDefault(key);

    public void Dispose() => _looks.Dispose();

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="FormatException">A line is none of it; the message says which.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<AliasTarget>> Parse(string text)
    {
        var aliases = new Dictionary<string, IReadOnlyList<AliasTarget>>(StringComparer.Ordinal);
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length;)
        {
            var number = i + 1;
            var entry = new StringBuilder(lines[i++]);
            while (i < lines.Length && (lines[i].Trim().Length == 0 || lines[i].TrimStart().StartsWith('#') || char.IsWhiteSpace(lines[i][0])))
                if (lines[i++] is var more && more.Trim() is { Length: > 0 } and not ['#', ..]) entry.Append(more);
            if (entry.ToString().Trim() is { Length: > 0 } whole and not ['#', ..]) Add(aliases, whole, number);
        }
        return aliases;
    }

    private static void Add(Dictionary<string, IReadOnlyList<AliasTarget>> aliases, string entry, int line)
    {
        var parts = Split(entry, ':', 2);
        if (parts.Count != 2 || Unquote(parts[0]) is not { Length: > 0 } name) throw new FormatException(FormattableString.Invariant($"Line {line} is not of the form 'name: target, target'."));
        var targets = Split(parts[1], ',', int.MaxValue).Select(part => part.Trim()).Where(part => part.Length > 0).Select(part => Target(part, line)).ToList();
        if (targets.Count == 0) throw new FormatException(FormattableString.Invariant($"Line {line} names no target for '{name}'."));
        if (!aliases.TryAdd(AliasTable.KeyOf(name), targets)) throw new FormatException(FormattableString.Invariant($"Line {line} names '{name}', which is there before."));
    }

    private static AliasTarget Target(string text, int line)
    {
        if (text.StartsWith(":include:", StringComparison.OrdinalIgnoreCase) || Unquote(text) is ['|' or '/', ..])
            throw new FormatException(FormattableString.Invariant($"Line {line} has the target '{text}': programs, files and lists of their own are not delivered to."));
        var final = text.StartsWith('\\');
        var bare = Unquote(final ? text[1..] : text);
        return EmailAddress.TryParse(bare, out _) || EmailAddress.TryParse(bare + "@x.invalid", out _) || (bare is ['@', .. var domain] && EmailAddress.IsDomain(domain))
            ? new AliasTarget(bare, final)
            : throw new FormatException(FormattableString.Invariant($"Line {line} has the target '{text}', which is no address."));
    }

    private static string Unquote(string text) => text.Trim() is ['"', .. var inner, '"'] && !inner.Contains('"', StringComparison.Ordinal) ? inner : text.Trim();

    // At separators that are in no quotes.
    private static List<string> Split(string text, char separator, int most)
    {
        var (parts, quoted, start) = (new List<string>(), false, 0);
        for (var i = 0; i < text.Length && parts.Count < most - 1; i++)
        {
            if (text[i] == '"') quoted = !quoted;
            if (text[i] != separator || quoted) continue;
            parts.Add(text[start..i]);
            start = i + 1;
        }
        parts.Add(text[start..]);
        return parts;
    }

    private (DateTime, long) Stamp() => new FileInfo(_path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;

    // Looked at before it is opened: to open a pipe is to wait for whoever writes to it.
    private IReadOnlyDictionary<string, IReadOnlyList<AliasTarget>> Read() => new FileInfo(_path).Length switch
    {
        > MaxLength => throw new FormatException(FormattableString.Invariant($"It has more than {MaxLength} bytes.")),
        0 => new Dictionary<string, IReadOnlyList<AliasTarget>>(),
        _ => Parse(File.ReadAllText(_path)),
    };

    private void Look()
    {
        if (!_gate.TryEnter()) return;   // a disk that is slow
        try
        {
            var stamp = Stamp();
            if (stamp != _stamp) Renew(stamp);
            _fault = null;
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            // It may pass: the next look tries again, and says no more of it.
            if (_fault != e.Message) Tell(e);
            _fault = e.Message;
        }
        finally
        {
            _gate.Exit();
        }
    }

    // What is read, or will never be better, is not read again until it changes.
    private void Renew((DateTime, long) stamp)
    {
        try
        {
            _aliases = Read();
        }
        catch (FormatException e)
        {
            Tell(e);
        }
        _stamp = stamp;
    }

    private void Tell(Exception e) => _trace.Fault($"aliases file {_path}, reading it again; what it said before stays true", e);
}
