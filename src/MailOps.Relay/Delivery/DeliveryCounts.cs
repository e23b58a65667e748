namespace MailOps.Relay.Delivery;

/// <summary>What became of recipients since the start.</summary>
internal sealed class DeliveryCounts
{
    private long _delivered, _deferred, _failed;

    public long Delivered => Interlocked.Read(ref _delivered);
    public long Deferred => Interlocked.Read(ref _deferred);
    public long Failed => Interlocked.Read(ref _failed);

    public void Add(DeliveryStatus status)
    {
        switch (status)
        {
            case DeliveryStatus.Delivered: Interlocked.Increment(ref _delivered); break;
            case DeliveryStatus.Failed: Interlocked.Increment(ref _failed); break;
            default: Interlocked.Increment(ref _deferred); break;
        }
    }
}
