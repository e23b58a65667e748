using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>Remembers what happened to each message, and the faults.</summary>
public sealed class RecordingTrace : IMailTrace
{
    private readonly Lock _gate = new();
    private readonly List<SmtpRelayTrackingEvent> _events = [];
    private readonly List<string> _faults = [];

    public IReadOnlyList<SmtpRelayTrackingEvent> Events
    {
        get
        {
            lock (_gate) return [.. _events];
        }
    }

    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_gate) return [.. _faults];
        }
    }

    public IEnumerable<SmtpRelayTrackingEvent> Of(string eventId) => Events.Where(e => e.EventId == eventId);

    /// <summary>Forgets the faults: the test expected them.</summary>
    public void Forget()
    {
        lock (_gate) _faults.Clear();
    }

    public void Record(SmtpRelayTrackingEvent step)
    {
        lock (_gate) _events.Add(step);
    }

    public void Fault(string where, Exception exception)
    {
        lock (_gate) _faults.Add($"{where}: {exception}");
    }
}
