namespace MailOps.Authenticity.Spf;

/// <summary>What to do about a result.</summary>
internal static class SpfAdvice
{
    /// <summary>In a sentence; null where nothing is to be done.</summary>
    public static string? Of(SpfVerdict verdict, SpfSubject subject) => verdict.Result switch
    {
        SpfResult.Pass => null,
        SpfResult.None => "Publish a TXT record that begins with v=spf1 at the domain and names the servers that send for it.",
        SpfResult.TempError => "Try again, or ask another DNS server with -Server.",
        SpfResult.PermError => verdict.Record?.Faults.FirstOrDefault()?.Advice ?? "Correct the record; Resolve-SpfRecord shows all of it with every fault.",
        _ => $"If {SpfNames.Readable(subject.Address)} sends for {subject.Domain}, add it to the record: ip4: or ip6: with the address, or include: with the domain of the service.",
    };
}
