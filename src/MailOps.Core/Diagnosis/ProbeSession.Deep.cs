namespace MailOps.Diagnosis;

/// <summary>Every version and cipher of TLS that the server takes: what it chose is left out of the next offer, until it wants nothing more.</summary>
internal sealed partial class ProbeSession
{
    private static readonly TlsVersion[] Versions = [TlsVersion.Tls10, TlsVersion.Tls11, TlsVersion.Tls12, TlsVersion.Tls13];

    private async Task ListTlsAsync()
    {
        if (!options.Deep || Connection.Tls is null) return;
        record.Begin("TlsVersions");
        foreach (var version in Versions)
        {
            var ciphers = await ListCiphersAsync(version).ConfigureAwait(false);
            if (ciphers.Count > 0) record.TlsOffers.Add(new SmtpTlsOffer(version, [.. ciphers]));
        }
        var findings = new List<SmtpServerFinding>();
        var old = record.TlsOffers.Where(offer => offer.Version < TlsVersion.Tls12).Select(offer => TlsNames.Of(offer.Version)).ToArray();
        if (old.Length > 0) findings.Add(Faults.TlsOldAllowed(string.Join(" and ", old)));
        var broken = record.TlsOffers.SelectMany(offer => offer.CipherSuites).Where(TlsSuites.IsBroken).Distinct().ToArray();
        if (broken.Length > 0) findings.Add(Faults.TlsWeakCiphers(broken));
        record.End(string.Join(", ", record.TlsOffers.Select(offer => FormattableString.Invariant($"{TlsNames.Of(offer.Version)} ({offer.CipherSuites.Length} ciphers)"))), [.. findings]);
    }

    private async Task<List<string>> ListCiphersAsync(TlsVersion version)
    {
        var left = TlsSuites.Of(version).ToList();
        var chosen = new List<string>();
        while (left.Count > 0)
        {
            try
            {
                using var connection = await OpenAgainAsync(secure: false).ConfigureAwait(false);
                // What is not of the offer is no choice: a server that names the same for ever would be asked for ever.
                if (await TlsHello.OfferAsync(connection, version, left, options.Server, deadline).ConfigureAwait(false) is not { } choice || choice.Version != version || !left.Remove(choice.Cipher)) break;
                chosen.Add(TlsSuites.Name(choice.Cipher));
            }
            catch (Exception e) when (e is IOException or NotSmtpException)
            {
                deadline.ThrowIfCancellationRequested();
                break;   // it hangs up rather than say no
            }
        }
        return chosen;
    }
}
