using MailOps.Messages;

namespace MailOps.Relay.Policy;

/// <summary>Aliases and where they lead, through as many others as it takes.</summary>
internal sealed class AliasTable
{
    private const int MaxDepth = 20, MaxAddresses = 1000, MaxSteps = 10_000;

    // RFC 3463 section 3.5 and 3.4: X.4.6, routing loop detected; X.3.5, system incorrectly configured.
    private static readonly SmtpReply Loop = new(550, "5.4.6", "The aliases of this address lead back to it");
    private static readonly SmtpReply TooMany = new(550, "5.3.5", "The aliases of this address are too many, or too many in a row");

    private static readonly SmtpReply NoAddress = new(550, "5.3.5", "The aliases of this address lead to what is no address; the log of this server says more");

    private readonly Dictionary<string, IReadOnlyList<AliasTarget>> _configured;
    private readonly Dictionary<string, HashSet<string>?> _local;
    private readonly HashSet<string> _ours;
    private readonly AliasesFile? _file;

    public AliasTable(SmtpRelayOptions options, AliasesFile? file)
    {
        _configured = options.Aliases.ToDictionary(a => KeyOf(a.Address), a => (IReadOnlyList<AliasTarget>)[.. a.To.Select(to => new AliasTarget(to))], StringComparer.Ordinal);
        _local = options.LocalDomains.ToDictionary(d => DomainName.ToAscii(d.Name), d => d.Mailboxes is { } list ? new HashSet<string>(list, StringComparer.OrdinalIgnoreCase) : null, StringComparer.Ordinal);
        _ours = [.. _local.Keys, .. options.Aliases.Select(a => DomainName.ToAscii(a.Address[(a.Address.LastIndexOf('@') + 1)..])), .. options.Srs is { Domain: { } srs } ? [DomainName.ToAscii(srs)] : Array.Empty<string>()];
        _file = file;
    }

    /// <summary>What became of an address: others, or the same; or why none.</summary>
    /// <param name="Addresses">Where its mail goes.</param>
    /// <param name="Refusal">Why nowhere; null where there are addresses.</param>
    internal readonly record struct Expansion(IReadOnlyList<EmailAddress> Addresses, SmtpReply? Refusal)
    {
        /// <summary>What is wrong with an alias, for its administrator alone: strangers need not read where it leads. Null where that is plain.</summary>
        public MailOpsException? Fault { get; init; }
    }

    /// <summary>How a name is looked up: an address, <c>@domain</c>, or a bare name.</summary>
    public static string KeyOf(string name) =>
        name.LastIndexOf('@') is >= 0 and var at ? name[..at].ToLowerInvariant() + "@" + DomainName.ToAscii(name[(at + 1)..]) : name.ToLowerInvariant();

    /// <summary>Whether a domain is one of ours: local, or of an alias.</summary>
    public bool IsOurs(string domain) => _ours.Contains(DomainName.ToAscii(domain));

    /// <summary>Whether mail for an address goes to others.</summary>
    public bool IsAlias(EmailAddress address) => Find(address) is not null;

    /// <summary>Where mail for an address goes.</summary>
    public Expansion Expand(EmailAddress address)
    {
        if (!IsAlias(address)) return new Expansion([address], null);
        var walk = new Walk(this);
        if (!walk.Go(address)) return new Expansion([], walk.Fault is null ? TooMany : NoAddress) { Fault = walk.Fault };
        return walk.Found.Count > 0 ? new Expansion(walk.Found, null) : new Expansion([], Loop);
    }

    private IReadOnlyList<AliasTarget>? Find(EmailAddress address)
    {
        var (key, domain) = (KeyOf(address.ToString()), DomainName.ToAscii(address.Domain));
        var isLocal = _local.TryGetValue(domain, out var mailboxes);
        return _configured.GetValueOrDefault(key) ?? _file?.Find(key) ?? (isLocal ? _file?.Find(address.LocalPart.ToLowerInvariant()) : null)
            ?? (mailboxes is not null && mailboxes.Contains(address.LocalPart) ? null : _configured.GetValueOrDefault("@" + domain) ?? _file?.Find("@" + domain));
    }

    private sealed class Walk(AliasTable table)
    {
        private readonly HashSet<string> _way = new(StringComparer.Ordinal);
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private int _steps;

        public List<EmailAddress> Found { get; } = [];

        /// <summary>The alias that leads to what is no address; null for none.</summary>
        public MailOpsException? Fault { get; private set; }

        /// <summary>False where there is no end of it, or an alias is wrong: that some get the mail and others, unheard, do not is worse than that its sender hears.</summary>
        public bool Go(EmailAddress address)
        {
            if (++_steps > MaxSteps || _way.Count > MaxDepth || Found.Count > MaxAddresses) return false;
            if (table.Find(address) is not { } targets) return Take(address);
            var key = KeyOf(address.ToString());
            if (!_way.Add(key)) return true;   // round in a loop: nothing more comes of it
            foreach (var target in targets)
            {
                if (Resolve(target.Text, address) is not { } next)
                {
                    Fault = new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The alias {address} leads to '{target.Text}', which makes no address of it: name a whole address as the target, of 254 characters at most.",
                        "Correct the target in aliases or in the aliases file.");
                    return false;
                }
                if (!(target.IsFinal || KeyOf(next.ToString()) == key ? Take(next) : Go(next))) return false;
            }
            _way.Remove(key);
            return true;
        }

        private bool Take(EmailAddress address)
        {
            if (_seen.Add(KeyOf(address.ToString()))) Found.Add(address);
            return true;
        }

        private static EmailAddress? Resolve(string target, EmailAddress of)
        {
            var text = target.StartsWith('@') ? of.LocalPart + target : target.Contains('@', StringComparison.Ordinal) ? target : target + "@" + of.Domain;
            return EmailAddress.TryParse(text, out var address) ? address : null;
        }
    }
}
