namespace MailOps.Submission;

/// <summary>One limit of a window that slides; not for several threads at once.</summary>
/// <param name="limit">How much may go in the span; null for no limit.</param>
/// <param name="span">How long what was sent counts.</param>
/// <param name="perRecipient">Whether recipients are counted, and not messages.</param>
/// <param name="name">What the limit is, in words.</param>
internal sealed class SendWindow(int? limit, TimeSpan span, bool perRecipient, string name)
{
    private readonly Queue<(DateTime At, int Amount)> _sent = new();
    private long _sum;

    public int? Limit => limit;

    public string Name => name;

    public void Add(DateTime at, int recipients)
    {
        var amount = perRecipient ? recipients : 1;
        _sent.Enqueue((at, amount));
        _sum += amount;
    }

    /// <summary>When there is room for another message; null for now.</summary>
    public DateTime? FreeAt(DateTime now, int recipients)
    {
        while (_sent.Count > 0 && _sent.Peek().At + span <= now) _sum -= _sent.Dequeue().Amount;
        var missing = _sum + (perRecipient ? recipients : 1) - limit!.Value;
        if (missing <= 0 || _sent.Count == 0) return null;   // what alone is over the limit must go some time
        foreach (var (at, amount) in _sent)
        {
            missing -= amount;
            if (missing <= 0) return at + span;
        }
        return _sent.Last().At + span;
    }
}
