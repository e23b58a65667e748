using System.Diagnostics;
using MailOps.Authenticity.Arc;
using MailOps.Authenticity.Dmarc;
using MailOps.Authenticity.Signatures;
using MailOps.Dns;
using MailOps.Headers;
using MailOps.Messages;

namespace MailOps.Authenticity;

/// <summary>Tells whether messages come from where they say. Takes any bytes, and throws for none of them; what a stranger can grow has a limit.</summary>
public sealed class MessageAuthenticator
{
    private readonly IDnsInspector _dns;
    private readonly AuthenticityOptions _options;
    private readonly OwnServers _own;

    /// <param name="dns">Who is asked.</param>
    /// <param name="options">What is known beside the messages.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidAddress"/> where a network is none.</exception>
    public MessageAuthenticator(IDnsInspector dns, AuthenticityOptions options)
    {
        _dns = dns;
        _options = options;
        _own = new OwnServers(options.TrustedServers, options.TrustedNetworks);
    }

    /// <summary>Checks a file; null where it has not one field of a header.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/> with the reason.</exception>
    public async Task<MessageAuthenticity?> CheckFileAsync(string path, CancellationToken cancellationToken)
    {
        using var file = MessageFile.Open(path);
        // It is read twice.
        if (!file.CanSeek) throw new MailOpsException(ErrorCode.FileUnreadable, $"The file '{path}' cannot be read: it is a pipe or a device.", "Save the message to a file first.");
        try
        {
            return await CheckAsync(file, path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailOpsException(ErrorCode.FileUnreadable, $"The file '{path}' cannot be read: {e.Message}", "Check the disk or the share it is on, and try again.", e);
        }
    }

    /// <summary>Checks a message; null where it has not one field of a header.</summary>
    public async Task<MessageAuthenticity?> CheckAsync(byte[] content, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content, writable: false);
        return await CheckAsync(stream, path: null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<MessageAuthenticity?> CheckAsync(Stream content, string? path, CancellationToken cancellationToken)
    {
        var message = await SignedMessage.ReadAsync(content, MailHeaderReader.MaxSize, cancellationToken).ConfigureAwait(false);
        if (message.Fields.Count == 0 || MailHeaderReader.Read(message.Header, path) is not { } header) return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var verifier = new SignatureVerifier(message, new SignatureKeys(_dns), _options.At);
        var fields = message.Fields.Where(field => field.Name == "dkim-signature").ToList();
        var signatures = fields.Take(_options.MaxSignatures).Select(field => SignatureField.Read(field, SignatureKind.Dkim)).ToList();
        signatures.ForEach(verifier.Want);
        var chain = new ArcVerifier(message, verifier);
        await verifier.HashAsync(cancellationToken).ConfigureAwait(false);

        var clock = Stopwatch.StartNew();
        limit.CancelAfter(_options.Timeout);
        var verified = new List<VerifiedSignature>();
        foreach (var signature in signatures) verified.Add(await verifier.VerifyAsync(signature, limit.Token, cancellationToken).ConfigureAwait(false));
        var spf = await SpfAsync(header, clock, limit.Token, cancellationToken).ConfigureAwait(false);
        var author = AuthorField.Read(message.Fields);
        var dmarc = await DmarcAsync(author, spf, verified, limit.Token, cancellationToken).ConfigureAwait(false);
        var arc = await chain.CheckAsync(limit.Token, cancellationToken).ConfigureAwait(false);
        return new AuthenticityReport(message, header, author, spf, verified, fields.Count, dmarc, arc, _options.At).Describe();
    }

    private async Task<MessageSpf> SpfAsync(MailHeader header, Stopwatch clock, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            var handOver = await HandOver.FindAsync(header, _options, _own, _dns, limit).ConfigureAwait(false);
            // What is left of the time, and no more than SPF may take.
            var left = Math.Max(0, (_options.Timeout - clock.Elapsed).Ticks);
            var spfLimit = TimeSpan.FromTicks(Math.Min(left, new Spf.SpfLimits().Timeout.Ticks));
            return await MessageSpf.CheckAsync(handOver, _dns, _options.At, spfLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new MessageSpf(new HandOver(null, null, null, "the time was over before the DNS had told the addresses of your servers"), null, null);
        }
    }

    // RFC 9989 section 5.3.1: of an author in several domains, each is asked about, and the worst counts.
    private async Task<IReadOnlyList<DmarcOutcome>> DmarcAsync(AuthorField author, MessageSpf spf, IReadOnlyList<VerifiedSignature> signatures, CancellationToken limit, CancellationToken cancellationToken)
    {
        if (author.Fields != 1) return [];
        var evaluator = new DmarcEvaluator(_dns);
        var evidence = new DmarcEvidence(spf.Check is not null, spf.ForSender?.Result ?? SpfResult.None, spf.Domain, signatures);
        var outcomes = new List<DmarcOutcome>();
        foreach (var domain in author.Domains.Take(AuthenticityReport.MostAuthors)) outcomes.Add(await evaluator.EvaluateAsync(domain, evidence, limit, cancellationToken).ConfigureAwait(false));
        return [.. outcomes.OrderBy(outcome => Weight(outcome.Check.Result)).ThenByDescending(outcome => outcome.Check.Policy)];
    }

    private static int Weight(DmarcResult result) => Array.IndexOf([DmarcResult.Fail, DmarcResult.PermError, DmarcResult.TempError, DmarcResult.None, DmarcResult.Pass], result);
}
