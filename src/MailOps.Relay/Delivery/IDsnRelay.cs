namespace MailOps.Relay.Delivery;

/// <summary>A transaction whose server may take over what the sender asked of reports (RFC 3461 section 5.2.1).</summary>
internal interface IDsnRelay
{
    /// <summary>Whether it did; known after the commit.</summary>
    bool TakesDsn { get; }

    /// <summary>Whether it took over the time of BY= (RFC 2852 section 4) as well.</summary>
    bool TakesDeliverBy { get; }
}
