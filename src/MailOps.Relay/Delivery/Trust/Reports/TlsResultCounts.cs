namespace MailOps.Relay.Delivery.Trust.Reports;

/// <summary>What became of TLS towards one domain on one day (UTC).</summary>
internal sealed record DomainResults(DateOnly Day, string Domain, IReadOnlyList<PolicyResults> Policies);

/// <summary>The sessions that were judged by one policy.</summary>
internal sealed record PolicyResults(AppliedPolicy Policy, long Successes, IReadOnlyList<FailureResults> Failures);

/// <summary>Sessions that failed in one way with one server.</summary>
internal sealed record FailureResults(FailureKind Kind, string? Reason, long Count);

/// <summary>What makes two failures the same in a report (RFC 8460 section 4.4).</summary>
internal readonly record struct FailureKind(TlsResultType Type, string? MxHost = null, string? SendingAddress = null, string? ReceivingAddress = null);

/// <summary>
/// Counts sessions by domain and day, in memory that is bounded: domains beyond the limit are not counted, policies of a domain beyond it neither, of a long policy the beginning
/// is kept, and failures beyond it lose all but their type.
/// </summary>
internal sealed class TlsResultCounts(int maxDomains = 10_000)
{
    private const int MaxPolicies = 20, MaxFailures = 100, MaxReason = 200, MaxPolicyText = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<(DateOnly Day, string Domain), Dictionary<string, Counts>> _domains = [];

    /// <summary>Counts a session; false where there is no room for it.</summary>
    public bool Add(DateOnly day, TlsResult result)
    {
        lock (_gate)
        {
            if (!_domains.TryGetValue((day, result.PolicyDomain), out var policies))
            {
                if (_domains.Count >= maxDomains) return false;
                _domains.Add((day, result.PolicyDomain), policies = new Dictionary<string, Counts>(StringComparer.Ordinal));
            }
            if (CountsOf(policies, result.Policy) is not { } counts) return false;
            if (result.Failure is { } failure) counts.Add(new FailureKind(failure, result.MxHost, result.SendingAddress?.ToString(), result.ReceivingAddress?.ToString()), result.Reason, 1);
            else counts.Successes++;
            return true;
        }
    }

    /// <summary>Adds what was counted before a restart.</summary>
    public void Add(DomainResults results)
    {
        lock (_gate)
        {
            if (!_domains.TryGetValue((results.Day, results.Domain), out var policies)) _domains.Add((results.Day, results.Domain), policies = new Dictionary<string, Counts>(StringComparer.Ordinal));
            foreach (var policy in results.Policies)
            {
                if (CountsOf(policies, policy.Policy) is not { } counts) continue;
                counts.Successes += policy.Successes;
                foreach (var failure in policy.Failures) counts.Add(failure.Kind, failure.Reason, failure.Count);
            }
        }
    }

    /// <summary>All that is counted.</summary>
    public IReadOnlyList<DomainResults> All()
    {
        lock (_gate) return [.. _domains.Select(Results)];
    }

    /// <summary>Takes out what was counted before a day.</summary>
    public IReadOnlyList<DomainResults> Take(DateOnly before)
    {
        lock (_gate)
        {
            var over = _domains.Where(domain => domain.Key.Day < before).ToList();
            foreach (var domain in over) _domains.Remove(domain.Key);
            return [.. over.Select(Results)];
        }
    }

    private static DomainResults Results(KeyValuePair<(DateOnly Day, string Domain), Dictionary<string, Counts>> domain) =>
        new(domain.Key.Day, domain.Key.Domain, [.. domain.Value.Values.Select(counts => counts.Results())]);

    private static Counts? CountsOf(Dictionary<string, Counts> policies, AppliedPolicy applied)
    {
        var policy = applied with { Strings = Beginning(applied.Strings), MxPatterns = Beginning(applied.MxPatterns) };
        var key = string.Join('\n', [policy.Type.ToString(), .. policy.Strings]);
        if (policies.TryGetValue(key, out var counts)) return counts;
        if (policies.Count >= MaxPolicies) return null;
        policies.Add(key, counts = new Counts(policy));
        return counts;
    }

    // Whole lines, as many as have room: the same again of what was cut before.
    private static IReadOnlyList<string> Beginning(IReadOnlyList<string> lines)
    {
        var room = MaxPolicyText;
        return [.. lines.TakeWhile(line => (room -= line.Length) >= 0)];
    }

    private sealed class Counts(AppliedPolicy policy)
    {
        private readonly Dictionary<FailureKind, (string? Reason, long Count)> _failures = [];

        public long Successes { get; set; }

        public void Add(FailureKind kind, string? reason, long count)
        {
            if (!_failures.ContainsKey(kind) && _failures.Count >= MaxFailures) (kind, reason) = (new FailureKind(kind.Type), null);
            var so = _failures.GetValueOrDefault(kind);
            _failures[kind] = (so.Reason ?? (reason?.Length > MaxReason ? reason[..MaxReason] : reason), so.Count + count);
        }

        public PolicyResults Results() => new(policy, Successes, [.. _failures.Select(failure => new FailureResults(failure.Key, failure.Value.Reason, failure.Value.Count))]);
    }
}
