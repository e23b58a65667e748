namespace MailOps.Relay.Delivery.Smtp;

/// <summary>Where a delivery stands: what the time-out and the words of an error depend on.</summary>
internal enum SmtpStep
{
    Route,
    Trust,
    Connect,
    Greeting,
    Hello,
    StartTls,
    Handshake,
    RequireTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Content,
    Final,
    Reset,
    Quit,
}

/// <summary>Time-out and words of each step.</summary>
internal static class SmtpSteps
{
    /// <summary>How long the server may take. RFC 5321 section 4.5.3.2 has the times; STARTTLS and AUTH take that of the commands.</summary>
    public static TimeSpan Timeout(SmtpStep step) => step switch
    {
        SmtpStep.Greeting => TimeSpan.FromMinutes(5),        // RFC 5321 section 4.5.3.2.1
        SmtpStep.Mail => TimeSpan.FromMinutes(5),            // RFC 5321 section 4.5.3.2.2
        SmtpStep.Rcpt => TimeSpan.FromMinutes(5),            // RFC 5321 section 4.5.3.2.3
        SmtpStep.Data => TimeSpan.FromMinutes(2),            // RFC 5321 section 4.5.3.2.4
        SmtpStep.Content => TimeSpan.FromMinutes(3),         // RFC 5321 section 4.5.3.2.5, each block
        SmtpStep.Final => TimeSpan.FromMinutes(10),          // RFC 5321 section 4.5.3.2.6
        SmtpStep.Reset => TimeSpan.FromSeconds(20),          // nothing hangs on it but the connection
        SmtpStep.Quit => TimeSpan.FromSeconds(2),            // nothing at all hangs on it
        _ => TimeSpan.FromMinutes(5),
    };

    /// <summary>The step as an error says it: "timed out <i>while sending RCPT TO</i>".</summary>
    public static string Words(SmtpStep step) => step switch
    {
        SmtpStep.Route => "while looking for the next hop",
        SmtpStep.Trust => "before connecting",
        SmtpStep.Connect => "while connecting",
        SmtpStep.Greeting => "while waiting for the greeting",
        SmtpStep.Hello => "while sending EHLO",
        SmtpStep.StartTls => "while sending STARTTLS",
        SmtpStep.Handshake => "while negotiating TLS",
        SmtpStep.RequireTls => "as REQUIRETLS asks",
        SmtpStep.Auth => "while authenticating",
        SmtpStep.Mail => "while sending MAIL FROM",
        SmtpStep.Rcpt => "while sending RCPT TO",
        SmtpStep.Data => "while sending DATA",
        SmtpStep.Content => "while sending the content",
        SmtpStep.Final => "while waiting for the reply to the content",
        SmtpStep.Reset => "while sending RSET",
        _ => "while sending QUIT",
    };
}
