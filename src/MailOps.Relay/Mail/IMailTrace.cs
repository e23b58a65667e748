namespace MailOps.Relay.Mail;

/// <summary>Where every part says what happened to a message. It never blocks and never throws: mail does not wait for its own history.</summary>
public interface IMailTrace
{
    /// <summary>One step in a message's life.</summary>
    void Record(SmtpRelayTrackingEvent step);

    /// <summary>A fault nobody expected, with everything known about it; the peer was told a generic temporary reply.</summary>
    /// <param name="where">The part and what it was doing, as in <c>session 127.0.0.1:4711, DATA</c>.</param>
    /// <param name="exception">The fault.</param>
    void Fault(string where, Exception exception);
}
