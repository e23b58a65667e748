using System.Globalization;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Spf;

/// <summary>Asks whether a client may send in the name of a sender (RFC 7208 section 2).</summary>
/// <param name="dns">Who is asked.</param>
/// <param name="limits">How far a check goes. Default: as the RFC says.</param>
public sealed class SpfChecker(IDnsInspector dns, SpfLimits? limits = null)
{
    private static readonly IdnMapping Idn = new();
    private readonly SpfLimits _limits = limits ?? new SpfLimits();

    /// <summary>Checks the HELO name, and the sender unless the name has failed already (RFC 7208 section 2.4).</summary>
    /// <param name="query">Client and sender.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidAddress"/> where there is neither a sender nor a HELO name. All else is a result.</exception>
    public async Task<SpfCheck> CheckAsync(SpfQuery query, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limits.Timeout);
        var sender = Bare(query.Sender);
        var helo = query.Helo is { Length: > 0 } given ? ToAscii(given) : null;
        if (sender.Length == 0 && helo is null)
            throw new MailOpsException(ErrorCode.InvalidAddress, "There is neither a sender nor a HELO name to ask about.", "Give -Sender; for an empty sender (<>) give -Helo, whose domain is asked then.");

        SpfCheck? first = null;
        // RFC 7208 section 2.3: a HELO name that is an address or has one label only cannot be checked.
        if (helo is not null && (sender.Length == 0 || SpfNames.IsWellFormed(helo)))
        {
            first = await CheckAsync(query, helo, new SpfSubject(query, SpfIdentity.Helo, "", helo), limit.Token, cancellationToken).ConfigureAwait(false);
            if (sender.Length == 0 || first.Result == SpfResult.Fail) return first;
        }
        var at = sender.LastIndexOf('@');
        var subject = new SpfSubject(query, SpfIdentity.MailFrom, at < 0 ? "" : sender.Substring(0, at), ToAscii(sender.Substring(at + 1)));
        return await CheckAsync(query, helo, subject, limit.Token, cancellationToken, first?.Result).ConfigureAwait(false);
    }

    private async Task<SpfCheck> CheckAsync(SpfQuery query, string? helo, SpfSubject subject, CancellationToken limit, CancellationToken cancellationToken, SpfResult? heloResult = null)
    {
        var run = new SpfRun(dns, _limits, subject);
        SpfVerdict verdict;
        string? explanation = null;
        try
        {
            (verdict, explanation) = await run.CheckAsync(limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // RFC 7208 section 4.6.4: what takes too long is a temporary error.
            verdict = new SpfVerdict(
                SpfResult.TempError, subject.Domain,
                _limits.Timeout > TimeSpan.Zero ? FormattableString.Invariant($"The check took longer than {_limits.Timeout.TotalSeconds:0.###} seconds.") : "The time was over before it was asked.");
        }
        return new SpfCheck
        {
            IPAddress = query.Address,
            Sender = Printable.Escape(subject.Sender),
            Helo = helo is null ? null : Printable.Escape(helo),
            Result = verdict.Result,
            Identity = subject.Identity,
            HeloResult = subject.Identity == SpfIdentity.Helo ? verdict.Result : heloResult,
            Domain = Printable.Escape(subject.Domain),
            Mechanism = verdict.Term is { } term && verdict.Result is not (SpfResult.PermError or SpfResult.TempError) ? term.Text : null,
            RecordDomain = verdict.Record is null ? null : Printable.Escape(verdict.Domain),
            Record = verdict.Record is null ? null : Printable.Escape(verdict.Record.Text),
            Reason = Printable.Escape(verdict.Reason),
            Advice = SpfAdvice.Of(verdict, subject),
            Explanation = explanation is null ? null : Printable.Escape(explanation),
            LookupCount = run.Lookups,
            VoidLookupCount = run.Voids,
            Tree = [.. run.Tree.Select(Shown)],
            ReceivedSpf = ReceivedSpf.Of(verdict, subject, helo),
        };
    }

    private static SpfTreeEntry Shown(SpfTreeEntry entry) => new()
    {
        Depth = entry.Depth,
        Domain = Printable.Escape(entry.Domain),
        Term = Printable.Escape(entry.Term),
        Outcome = Printable.Escape(entry.Outcome),
        LookupCount = entry.LookupCount,
        IsVoid = entry.IsVoid,
    };

    private static string Bare(string sender)
    {
        var text = sender.Trim();
        return text.StartsWith("<", StringComparison.Ordinal) && text.EndsWith(">", StringComparison.Ordinal) ? text.Substring(1, text.Length - 2) : text;
    }

    // RFC 7208 section 4.3: other letters are asked for as A-labels. A name that has none stays as it is, and is in no DNS.
    private static string ToAscii(string domain)
    {
        if (domain.All(c => c < '\x80')) return domain;
        try
        {
            return Idn.GetAscii(domain);
        }
        catch (ArgumentException)
        {
            return domain;
        }
    }
}
