using MailOps.Authenticity.Signatures;
using MailOps.Messages;

namespace MailOps.Authenticity;

/// <summary>What is to be said of a message: what is wrong and what to do.</summary>
internal sealed class AuthenticityFindings(SignedMessage message, AuthorField author, IReadOnlyList<VerifiedSignature> signatures, int signatureFields, DateTimeOffset at)
{
    private const int GoodRsa = 2048;
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromDays(1);

    /// <summary>The findings.</summary>
    public IEnumerable<AuthenticityFinding> Of(DkimCheck[] checks, MessageSpfCheck spf, DmarcCheck dmarc, ArcCheck arc, AuthenticityVerdict verdict) =>
        OfDmarc(dmarc, verdict).Concat(OfAuthor()).Concat(OfMessage()).Concat(OfSpf(spf, verdict)).Concat(OfDkim(checks, verdict)).Concat(OfArc(arc));

    private static AuthenticityFinding Say(FindingSeverity severity, string area, string text, string? advice) =>
        new() { Severity = severity, Area = area, Message = Printable.Escape(text), Advice = advice };

    private IEnumerable<AuthenticityFinding> OfMessage()
    {
        if (message.IsHeaderEndless)
            yield return Say(FindingSeverity.Error, "Message", "The header does not end within 1 MiB; what is behind that was not read.", "No server takes such a message: refuse it.");
        if (message.Ends.AreBareFeeds)
            yield return Say(FindingSeverity.Information, "Message", "All lines end with LF alone; they were read as CRLF, as they were on the way.", "To have the very bytes, save the message with Save-MailboxMessage or from a server's queue.");
        if (message.Ends.AreMixed)
            yield return Say(FindingSeverity.Warning, "Message", $"{message.Ends.BareFeeds} lines end with LF and {message.Ends.CrLf} with CRLF; they were read as they are, and a signature made before does not verify.", "Get the message as it was received: a program has changed its line ends.");
        if (message.Ends.Nuls > 0) yield return Say(FindingSeverity.Warning, "Message", $"The message has {message.Ends.Nuls} NUL bytes in it, which no mail may have.", "Programs cut text off at a NUL: what they show may not be what was signed.");
        if (message.MalformedLines > 0) yield return Say(FindingSeverity.Warning, "Message", $"{message.MalformedLines} lines of the header are no fields.", "Get the message as it was received; if it came so, programs differ in where they see its body begin.");
    }

    private IEnumerable<AuthenticityFinding> OfAuthor()
    {
        if (author.Domains.Count > 1)
        {
            yield return Say(FindingSeverity.Warning, "DMARC", $"The From field has addresses in {author.Domains.Count} domains: {Printable.Shorten(string.Join(", ", author.Domains))}. Each of {AuthenticityReport.MostAuthors} at most was asked about, and the worst counts.",
                "Receivers refuse such messages: write one author.");
        }
        else if (author.Addresses > 1)
        {
            yield return Say(FindingSeverity.Information, "Message", $"The From field has {author.Addresses} addresses.", null);
        }
        if (author.Disguise is { } disguise)
            yield return Say(FindingSeverity.Warning, "Message", $"The author's name is written as an address of another domain: '{Printable.Shorten(disguise)}'.", "That is how the real address is hidden from readers; be careful.");
    }

    private static IEnumerable<AuthenticityFinding> OfSpf(MessageSpfCheck spf, AuthenticityVerdict verdict)
    {
        var isProven = verdict == AuthenticityVerdict.Authentic;
        if (!spf.IsEvaluated) yield return Say(isProven ? FindingSeverity.Information : FindingSeverity.Warning, "SPF", spf.Reason, spf.Advice);
        else if (spf.Result == SpfResult.Fail) yield return Say(isProven ? FindingSeverity.Warning : FindingSeverity.Error, "SPF", $"{spf.IPAddress} may not send for {spf.Domain}: {spf.Reason}", spf.Advice);
        else if (spf.Result != SpfResult.Pass) yield return Say(FindingSeverity.Warning, "SPF", $"SPF says {spf.Result} of {spf.Domain}: {spf.Reason}", spf.Advice);
        else if (!spf.IsAligned) yield return Say(FindingSeverity.Information, "SPF", $"SPF passes for {spf.Domain}, which does not stand for the author.", null);
    }

    private IEnumerable<AuthenticityFinding> OfDkim(DkimCheck[] checks, AuthenticityVerdict verdict)
    {
        if (checks.Length == 0) yield return Say(FindingSeverity.Warning, "DKIM", "The message has no DKIM signature.", "If it is yours, have the sending server sign it: New-DkimKey makes the key.");
        if (signatureFields > checks.Length)
        {
            yield return Say(FindingSeverity.Warning, "DKIM", $"The message has {signatureFields} DKIM signatures; the topmost {checks.Length} were evaluated.", "Real mail has one to four: the message was made to cost its receivers time.");
        }
        for (var i = 0; i < checks.Length; i++)
        {
            foreach (var finding in OfSignature(checks[i], signatures[i], verdict)) yield return finding;
        }
    }

    private IEnumerable<AuthenticityFinding> OfSignature(DkimCheck check, VerifiedSignature signature, AuthenticityVerdict verdict)
    {
        var name = check.Domain is null ? "A signature" : $"The signature of {check.Domain} ({check.Selector})";
        if (check.Result != DkimResult.Pass)
        {
            yield return Say(verdict == AuthenticityVerdict.Authentic || !check.IsAligned ? FindingSeverity.Warning : FindingSeverity.Error, "DKIM", $"{name}: {check.Result}. {check.Reason}", check.Advice);
            yield break;
        }
        if (check.UnsignedBytes > 0)
            yield return Say(FindingSeverity.Warning, "DKIM", $"{name} leaves the last {check.UnsignedBytes} bytes of the body unsigned (l=): anyone can have put them there.", "Do not trust what the end of the message says; have the signer leave l= out.");
        else if (signature.Field.BodyLength is not null)
            yield return Say(FindingSeverity.Warning, "DKIM", $"{name} has l=, so that anyone can append to the message.", "Have the signer leave l= out.");
        if (check.IsTesting) yield return Say(FindingSeverity.Warning, "DKIM", $"{name} is by a key in test mode (t=y): receivers may take the message for unsigned.", "Leave t=y out of the key's record when the test is over.");
        if (signature.Key is { Records: > 1 }) yield return Say(FindingSeverity.Warning, "DKIM", $"{name}: there are {signature.Key.Records} records where its key is, and which one receivers take is left to chance.", "Delete all but one.");
        if (signature.Field.KeyType == DkimKeyType.Rsa && check.KeySize < GoodRsa) yield return Say(FindingSeverity.Information, "DKIM", $"{name} is by a key of {check.KeySize} bits, which is short.", "Sign with a key of 2048 bits.");
        if (check.SignedAt > at + ClocksDiffer) yield return Say(FindingSeverity.Warning, "DKIM", $"{name} is from the future (t=).", "Set the signer's clock.");
        if (!check.IsAligned) yield return Say(FindingSeverity.Information, "DKIM", $"{name} passes, but does not stand for the author.", null);
    }

    private static IEnumerable<AuthenticityFinding> OfDmarc(DmarcCheck dmarc, AuthenticityVerdict verdict)
    {
        if (dmarc.Result is DmarcResult.Fail or DmarcResult.PermError) yield return Say(FindingSeverity.Error, "DMARC", dmarc.Result == DmarcResult.Fail ? $"{dmarc.Reason} {Asks(dmarc)}" : dmarc.Reason, dmarc.Advice);
        else if (dmarc.Result != DmarcResult.Pass) yield return Say(verdict == AuthenticityVerdict.Authentic ? FindingSeverity.Information : FindingSeverity.Warning, "DMARC", dmarc.Reason, dmarc.Advice);
    }

    private static string Asks(DmarcCheck dmarc) => dmarc.RequestedAction switch
    {
        DmarcPolicy.Reject => $"{dmarc.Domain} asks to refuse the message.",
        DmarcPolicy.Quarantine => $"{dmarc.Domain} asks to take the message for suspicious.",
        _ => $"{dmarc.Domain} asks to do nothing about it but report.",
    };

    private static IEnumerable<AuthenticityFinding> OfArc(ArcCheck arc)
    {
        if (arc.Result == ArcResult.Pass) yield return Say(FindingSeverity.Information, "ARC", arc.Reason, "If you trust these servers, what the first of them found (Claims) counts where DMARC fails.");
        else if (arc.Result != ArcResult.None) yield return Say(FindingSeverity.Warning, "ARC", arc.Reason, "A broken chain counts as none.");
    }
}
