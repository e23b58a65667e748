namespace MailOps.PowerShell.Tests.Formats;

/// <summary>The relay's part.</summary>
public sealed partial class FormatViewTests
{
    [Fact]
    public void A_relay() => Shows(
        """
        Name       Status   Listeners                   Sessions Messages Received Delivered Deferred Failed QueuePath
        ----       ------   ---------                   -------- -------- -------- --------- -------- ------ ---------
        default    Running  {127.0.0.1:2525 (StartTls)}        1        2        3         4        5      6 /var/spool/m
        """,
        """
        $listener = [MailOps.SmtpRelayListener]@{ Address = '127.0.0.1'; Port = 2525; Tls = 'StartTls' }
        [MailOps.SmtpRelayStatus]@{ Name = 'default'; Status = 'Running'; HostName = 'h.test'; Listeners = [MailOps.SmtpRelayListener[]]@($listener)
            QueuePath = '/var/spool/m'; SessionCount = 1; MessageCount = 2; Received = 3; Delivered = 4; Deferred = 5; Failed = 6 }
        """);

    [Fact]
    public void A_queue() => Shows(
        """
        Identity                         DeliveryType Status    MessageCount NextRetryTime       LastError
        --------                         ------------ ------    ------------ -------------       ---------
        default\example.test             Mx           Suspended            7 2026-03-01 13:05:09 421 4.3.2 Not now
        default\slow.test                Mx           Ready               20                     (slower until 03-02 14:30) 42…
        default\today.test               Mx           Ready                3                     (slower until 00:30) 421 s
        """,
        """
        [MailOps.SmtpRelayQueue]@{ Identity = 'default\example.test'; DeliveryType = 'Mx'; NextHopDomain = 'example.test'; Status = 'Suspended'; MessageCount = 7
            NextRetryTime = [datetimeoffset][datetime]'2026-03-01T13:05:09'; LastError = '421 4.3.2 Not now' }
        [MailOps.SmtpRelayQueue]@{ Identity = 'default\slow.test'; DeliveryType = 'Mx'; NextHopDomain = 'slow.test'; Status = 'Ready'; MessageCount = 20
            ThrottledUntil = [datetimeoffset][datetime]'2026-03-02T14:30:00'; ThrottleReason = '421 s' }
        [MailOps.SmtpRelayQueue]@{ Identity = 'default\today.test'; DeliveryType = 'Mx'; NextHopDomain = 'today.test'; Status = 'Ready'; MessageCount = 3
            ThrottledUntil = [datetimeoffset][datetime]::Today.AddMinutes(30); ThrottleReason = '421 s' }
        """);

    [Fact]
    public void A_queued_message() => Shows(
        """
        Identity                           FromAddress            Status         Recipients             NextRetry LastError
        --------                           -----------            ------         ----------             --------- ---------
        default\01J9ZQ                     a@example.test         PendingSuspend b@example.test         13:05:09  450 4.2.1 Bu…
        """,
        """
        $to = [MailOps.SmtpRelayRecipient]@{ Address = 'b@example.test'; Status = 'Deferred' }
        [MailOps.SmtpRelayMessage]@{ Identity = 'default\01J9ZQ'; QueueId = '01J9ZQ'; FromAddress = 'a@example.test'; Status = 'PendingSuspend'; LastError = '450 4.2.1 Busy'
            NextRetryTime = [datetimeoffset][datetime]'2026-03-01T13:05:09'
            Recipients = [MailOps.SmtpRelayRecipient[]]@($to) }
        """);

    [Fact]
    public void A_message_with_its_content() => Shows(
        """
        Identity                           FromAddress                          Size Recipients
        --------                           -----------                          ---- ----------
        default\01J9ZQ                     a@example.test                          3 {b@example.test}
        """,
        """
        [MailOps.SmtpRelayMessageContent]@{ Identity = 'default\01J9ZQ'; QueueId = '01J9ZQ'; FromAddress = 'a@example.test'; Recipients = [string[]]@('b@example.test')
            Content = [byte[]](65, 66, 67) }
        """);

    [Fact]
    public void A_tracking_event() => Shows(
        """
        Timestamp           EventId  Source   Sender                     Recipients                   RecipientStatus
        ---------           -------  ------   ------                     ----------                   ---------------
        2026-03-01 13:05:09 DELIVER  MAILDIR  a@example.test             {b@example.test}             {250 2.1.5 Ok}
        """,
        """
        [MailOps.SmtpRelayTrackingEvent]@{ Timestamp = [datetimeoffset][datetime]'2026-03-01T13:05:09'; EventId = 'DELIVER'; Source = 'MAILDIR'; Sender = 'a@example.test'
            Recipients = [string[]]@('b@example.test'); RecipientStatus = [string[]]@('250 2.1.5 Ok') }
        """);

    [Fact]
    public void A_login_that_failed() => Shows(
        """
        Timestamp           EventId  Source   Sender                     Recipients                   RecipientStatus
        ---------           -------  ------   ------                     ----------                   ---------------
        2026-03-01 13:05:09 AUTHFAIL SMTP                                {}                           AUTH PLAIN as
        """,
        "[MailOps.SmtpRelayTrackingEvent]@{ Timestamp = [datetimeoffset][datetime]'2026-03-01T13:05:09'; EventId = 'AUTHFAIL'; Source = 'SMTP'; SourceContext = 'AUTH PLAIN as' }");

    [Fact]
    public void A_user_of_a_relay() => Shows(
        """
        Name                             Enabled Changed             Sender
        ----                             ------- -------             ------
        printer                          True    2026-03-01 13:05:09 {printer@example.test, @example.test}
        """,
        """
        [MailOps.SmtpRelayUser]@{ Name = 'printer'; Enabled = $true; Sender = [string[]]@('printer@example.test', '@example.test'); Path = '/users.json'
            Changed = [datetimeoffset][datetime]'2026-03-01T13:05:09' }
        """);

    [Fact]
    public void A_blocked_address() => Shows(
        """
        Identity                                 ExpirationTime      Comment
        --------                                 --------------      -------
        default\192.0.2.7                        2026-03-01 13:05:09 10 failed authentications
        """,
        """
        [MailOps.SmtpRelayIPBlockListEntry]@{ Identity = 'default\192.0.2.7'; IPRange = '192.0.2.7'; Comment = '10 failed authentications'; IsMachineGenerated = $true
            ExpirationTime = [datetimeoffset][datetime]'2026-03-01T13:05:09' }
        """);

    [Fact]
    public void A_protocol_log() => Shows(
        """
        Identity                                 ExpirationTime      LineCount Path
        --------                                 --------------      --------- ----
        default\192.0.2.7                        2026-03-01 13:05:09        12 /queue/protocol
        """,
        """
        [MailOps.SmtpRelayProtocolLog]@{ Identity = 'default\192.0.2.7'; RemoteIPAddress = '192.0.2.7'; LineCount = 12; Path = '/queue/protocol'
            StartTime = [datetimeoffset][datetime]'2026-03-01T12:00:00'; ExpirationTime = [datetimeoffset][datetime]'2026-03-01T13:05:09' }
        """);
}
