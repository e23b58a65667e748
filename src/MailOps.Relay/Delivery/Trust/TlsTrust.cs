using System.Net;
using MailOps.Policies.Dane;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>Asks who knows how far the servers of one next hop are trusted, and tells who counts it what became of that.</summary>
internal sealed class TlsTrust(NextHop hop, DeliveryContext context)
{
    /// <summary>The MTA-STS policy of the recipients' domain; none where it does not count.</summary>
    public async ValueTask<MtaStsAnswer> PolicyAsync(CancellationToken cancellationToken)
    {
        if (!TlsPolicy.AsksForMtaSts(hop)) return MtaStsAnswer.None;
        var answer = await context.Tls.Policies.FindAsync(hop.Name, cancellationToken).ConfigureAwait(false);
        if (answer.Failure is { } failure) context.Tls.Results.Count(new TlsResult(hop.Name, new AppliedPolicy(TlsPolicyType.Sts, [], []), null, failure, answer.Detail));
        return answer;
    }

    /// <summary>What TLS towards a server must be.</summary>
    /// <exception cref="SmtpFailureException">The server must not be used, and why.</exception>
    public async ValueTask<TlsDecision> DecideAsync(SmtpHost host, MtaStsAnswer policy, CancellationToken cancellationToken)
    {
        var dane = TlsPolicy.AsksForDane(hop, context.Options.Dane) ? await FindDaneAsync(host, cancellationToken).ConfigureAwait(false) : DaneAnswer.None;
        var decision = TlsPolicy.Decide(hop, host, dane, policy.Policy);
        if (decision is { Refusal: { } refusal, IsTest: false })
        {
            Count(host, decision, refusal, null);
            throw SmtpFailureException.Local(SmtpStep.Trust, "4.7.5", refusal.Text + "; stopped", tls: refusal.Type);
        }
        if (hop.RequireTls && !decision.IsNameTrusted)
        {
            // Only what is known to be unsafe makes the message come back; the policy may yet say that it is not.
            if (policy.IsUnknown) throw SmtpFailureException.Local(SmtpStep.Trust, "4.7.5", $"REQUIRETLS was asked for, and whether an MTA-STS policy vouches for this server is not known now ({policy.Detail ?? "looking for it failed"}); stopped");
            throw SmtpFailureException.Unsafe("only the DNS, which nothing protects here, says that this is a mail exchanger of the domain");
        }
        return decision;
    }

    // What is not reached over IP has no port, and no records.
    private ValueTask<DaneAnswer> FindDaneAsync(SmtpHost host, CancellationToken cancellationToken) => host.EndPoint is IPEndPoint { Port: var port }
        ? DaneLookup.FindAsync(new DaneServer(host.Name, port, host.IsSecure, host.CanonicalName, host.ProvenNames), context.Dns, cancellationToken)
        : new ValueTask<DaneAnswer>(DaneAnswer.None);

    /// <summary>Counts a session that was opened: by what the domain says of TLS it is one that satisfies it, or only a test that it is delivered all the same.</summary>
    /// <param name="host">The server.</param>
    /// <param name="decision">How it was judged.</param>
    /// <param name="connection">The session.</param>
    /// <param name="handshake">What failed before it was opened in plain text; null otherwise.</param>
    /// <param name="local">Our address.</param>
    public void Opened(SmtpHost host, TlsDecision decision, SmtpConnection connection, SmtpFailureException? handshake, EndPoint? local)
    {
        var fault = handshake is not null ? new TlsFault(handshake.TlsResult ?? TlsResultType.ValidationFailure, handshake.Reply.Text)
            : !connection.Channel.IsTls ? new TlsFault(TlsResultType.StartTlsNotSupported, "the server does not offer STARTTLS, or refuses it")
            : decision is { Applied.Type: TlsPolicyType.Tlsa, Certificate.Dane: null } ? new TlsFault(TlsResultType.TlsaInvalid, "none of the TLSA records can be used")
            : decision.IsTest ? decision.Refusal ?? connection.CertificateFault
            : null;
        Count(host, decision, fault, local);
    }

    /// <summary>Counts a session that was not opened, where TLS was why.</summary>
    public void Failed(SmtpHost host, TlsDecision decision, SmtpFailureException failure, EndPoint? local)
    {
        if (failure.TlsResult is { } type) Count(host, decision, new TlsFault(type, failure.Reply.Text), local);
    }

    // The domain's report is about the servers it has itself named; mail for which it need not be TLS, reports themselves for one, says nothing of them.
    private void Count(SmtpHost host, TlsDecision decision, TlsFault? fault, EndPoint? local)
    {
        if (hop is not { Kind: RouteKind.Mx, Server: null, TlsOptional: false, Tls: not TlsMode.None }) return;
        context.Tls.Results.Count(new TlsResult(hop.Name, decision.Applied, host.Name, fault?.Type, fault?.Text)
        {
            SendingAddress = (local as IPEndPoint)?.Address,
            ReceivingAddress = (host.EndPoint as IPEndPoint)?.Address,
        });
    }
}
