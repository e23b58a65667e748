namespace MailOps;

/// <summary>The stable error codes, in one place: scripts test for them, so a code is never renamed or given a second meaning.</summary>
public static class ErrorCode
{
    /// <summary>No connection to the server: the name does not resolve, the port is closed or filtered, or it was lost.</summary>
    public const string SmtpConnectFailed = nameof(SmtpConnectFailed);
    /// <summary>The server did not answer within the time-out.</summary>
    public const string SmtpTimeout = nameof(SmtpTimeout);
    /// <summary>The server answered something that is not SMTP, or broke off in the middle.</summary>
    public const string SmtpProtocolError = nameof(SmtpProtocolError);
    /// <summary>The server refused the message or the sender.</summary>
    public const string SmtpRejected = nameof(SmtpRejected);
    /// <summary>The server refused one recipient.</summary>
    public const string SmtpRecipientRefused = nameof(SmtpRecipientRefused);
    /// <summary>The server refused the credential, or offers no mechanism that both sides know.</summary>
    public const string SmtpAuthFailed = nameof(SmtpAuthFailed);
    /// <summary>No access token could be had: the token server cannot be asked, or refuses.</summary>
    public const string OAuthTokenFailed = nameof(OAuthTokenFailed);
    /// <summary>What was given to log in with does not fit together: a key of -OAuth that is missing or unknown, a mechanism that does not take what was given.</summary>
    public const string AuthenticationInvalid = nameof(AuthenticationInvalid);
    /// <summary>TLS was asked for and the server does not offer it.</summary>
    public const string TlsRequired = nameof(TlsRequired);
    /// <summary>The TLS handshake failed for a reason other than the certificate.</summary>
    public const string TlsFailed = nameof(TlsFailed);
    /// <summary>The server's certificate does not prove its name.</summary>
    public const string CertificateInvalid = nameof(CertificateInvalid);
    /// <summary>An e-mail address is not one by the grammar of RFC 5321.</summary>
    public const string InvalidAddress = nameof(InvalidAddress);
    /// <summary>A message could not be made from what was given, or has no recipient.</summary>
    public const string InvalidMessage = nameof(InvalidMessage);
    /// <summary>No server was named, by parameter or by <c>$PSEmailServer</c>.</summary>
    public const string SmtpServerMissing = nameof(SmtpServerMissing);
    /// <summary>A file that was named does not exist or cannot be read.</summary>
    public const string FileUnreadable = nameof(FileUnreadable);
    /// <summary>A domain name is not one by the grammar of RFC 1035 or IDNA.</summary>
    public const string InvalidDomain = nameof(InvalidDomain);
    /// <summary>The DNS says that the domain does not exist.</summary>
    public const string DnsNoSuchDomain = nameof(DnsNoSuchDomain);
    /// <summary>The domain exists but takes no mail: neither mail exchanger nor address.</summary>
    public const string DnsNoMailExchanger = nameof(DnsNoMailExchanger);
    /// <summary>The DNS gave no answer: time-out, refusal or server failure.</summary>
    public const string DnsFailed = nameof(DnsFailed);
    /// <summary>The cmdlet runs the relay's engine, which exists for PowerShell 7.6 and later.</summary>
    public const string RelayNeedsPowerShell7 = nameof(RelayNeedsPowerShell7);
    /// <summary>No relay of that name runs in this session.</summary>
    public const string RelayNotFound = nameof(RelayNotFound);
    /// <summary>A relay of that name runs already.</summary>
    public const string RelayExists = nameof(RelayExists);
    /// <summary>More than one relay runs, and none was named.</summary>
    public const string RelayNameNeeded = nameof(RelayNameNeeded);
    /// <summary>The relay's configuration is wrong.</summary>
    public const string RelayConfigurationInvalid = nameof(RelayConfigurationInvalid);
    /// <summary>A listener could not take its address and port.</summary>
    public const string RelayListenFailed = nameof(RelayListenFailed);
    /// <summary>The queue's folder cannot be used: no permission, no space, or another relay holds it.</summary>
    public const string RelayQueueUnusable = nameof(RelayQueueUnusable);
    /// <summary>Messages were still queued when the time to wait was over.</summary>
    public const string RelayNotEmpty = nameof(RelayNotEmpty);
    /// <summary>No message of that identity is in the queue.</summary>
    public const string RelayMessageNotFound = nameof(RelayMessageNotFound);
    /// <summary>No queue for that next hop is there, neither waiting nor suspended.</summary>
    public const string RelayQueueNotFound = nameof(RelayQueueNotFound);
    /// <summary>A filter or sort order could not be read, or names a property that is not there.</summary>
    public const string FilterInvalid = nameof(FilterInvalid);
    /// <summary>The target of a redirected message is neither a configured route nor a server.</summary>
    public const string RelayTargetInvalid = nameof(RelayTargetInvalid);
    /// <summary>A message could not be changed as asked: its report finds no place in the queue, or the disk does not take the change.</summary>
    public const string RelayMessageUnchanged = nameof(RelayMessageUnchanged);
    /// <summary>A file could not be written.</summary>
    public const string FileUnwritable = nameof(FileUnwritable);
    /// <summary>A file exists that would be overwritten.</summary>
    public const string FileExists = nameof(FileExists);
    /// <summary>The file of the relay's users cannot be read or written, or is damaged.</summary>
    public const string RelayUserFileUnusable = nameof(RelayUserFileUnusable);
    /// <summary>A user of that name is in the file already.</summary>
    public const string RelayUserExists = nameof(RelayUserExists);
    /// <summary>No user of that name is in the file.</summary>
    public const string RelayUserNotFound = nameof(RelayUserNotFound);
    /// <summary>The user's name, password or senders cannot be what they are.</summary>
    public const string RelayUserInvalid = nameof(RelayUserInvalid);
    /// <summary>The relay blocks no such address.</summary>
    public const string RelayBlockNotFound = nameof(RelayBlockNotFound);
    /// <summary>The relay has no such listener.</summary>
    public const string RelayListenerNotFound = nameof(RelayListenerNotFound);
    /// <summary>Clients or duration of a protocol log cannot be what they are.</summary>
    public const string RelayProtocolLogInvalid = nameof(RelayProtocolLogInvalid);
    /// <summary>The token server gave the relay no access token for a route.</summary>
    public const string RelayTokenFailed = nameof(RelayTokenFailed);
    /// <summary>No such sessions are written down.</summary>
    public const string RelayProtocolLogNotFound = nameof(RelayProtocolLogNotFound);
    /// <summary>What was given is not a report about the delivery of a message.</summary>
    public const string NotDeliveryReport = nameof(NotDeliveryReport);
    /// <summary>The connection was lost, or the time over, between the end of a message and the server's answer: it may have been taken.</summary>
    public const string SmtpOutcomeUnknown = nameof(SmtpOutcomeUnknown);
    /// <summary>The file that should say which messages were sent is something else, or none was named.</summary>
    public const string SendLogInvalid = nameof(SendLogInvalid);
    /// <summary>A template has a place for a column that the record does not have.</summary>
    public const string TemplateColumnMissing = nameof(TemplateColumnMissing);
    /// <summary>A message cannot be signed or encrypted, for what is wrong with a key or certificate.</summary>
    public const string SigningFailed = nameof(SigningFailed);
    /// <summary>A server cannot be reached through the proxy.</summary>
    public const string ProxyFailed = nameof(ProxyFailed);
    /// <summary>No provider of that name is known, or none that has users in that domain.</summary>
    public const string MailProviderNotFound = nameof(MailProviderNotFound);
    /// <summary>Nothing says with which servers an address is set up.</summary>
    public const string MailSettingsNotFound = nameof(MailSettingsNotFound);
    /// <summary>No connection to the server of a mailbox: the name does not resolve, the port is closed or filtered, or it was lost.</summary>
    public const string MailboxConnectFailed = nameof(MailboxConnectFailed);
    /// <summary>The server of a mailbox did not answer within the time-out.</summary>
    public const string MailboxTimeout = nameof(MailboxTimeout);
    /// <summary>The server of a mailbox answered something that is not IMAP or POP3, without end, or broke off.</summary>
    public const string MailboxProtocolError = nameof(MailboxProtocolError);
    /// <summary>The server of a mailbox refused the credential, or offers no mechanism that both sides know.</summary>
    public const string MailboxAuthFailed = nameof(MailboxAuthFailed);
    /// <summary>The server of a mailbox refused what it was asked.</summary>
    public const string MailboxRefused = nameof(MailboxRefused);
    /// <summary>The mailbox has no folder of that name.</summary>
    public const string MailboxFolderNotFound = nameof(MailboxFolderNotFound);
    /// <summary>The mailbox has no message of that id, or not any more.</summary>
    public const string MailboxMessageNotFound = nameof(MailboxMessageNotFound);
    /// <summary>A message, or a list of them, is larger than what is read.</summary>
    public const string MailboxTooLarge = nameof(MailboxTooLarge);
    /// <summary>The protocol of a mailbox, or its server, cannot do what was asked.</summary>
    public const string MailboxUnsupported = nameof(MailboxUnsupported);
    /// <summary>Outlook's profiles are in the registry of Windows, and this is not Windows.</summary>
    public const string OutlookNeedsWindows = nameof(OutlookNeedsWindows);
    /// <summary>Whose profiles are meant cannot be told: this runs as a service, or as somebody else than who is signed in.</summary>
    public const string OutlookUserUnclear = nameof(OutlookUserUnclear);
    /// <summary>A user's registry hive is not loaded.</summary>
    public const string OutlookUserNotFound = nameof(OutlookUserNotFound);
    /// <summary>The registry cannot be read.</summary>
    public const string OutlookRegistryUnreadable = nameof(OutlookRegistryUnreadable);
    /// <summary>Settings for Outlook that cannot be, or do not fit together.</summary>
    public const string OutlookSettingsInvalid = nameof(OutlookSettingsInvalid);
    /// <summary>The mail settings of an organisation are not whole: a server, port, name or domain is missing or cannot be what it is.</summary>
    public const string MailClientSettingsInvalid = nameof(MailClientSettingsInvalid);
    /// <summary>A form of client profile cannot hold these settings, or not without something that was not given.</summary>
    public const string MailClientFormatUnfit = nameof(MailClientFormatUnfit);
    /// <summary>A PRF file is not one that Outlook would take as it is meant.</summary>
    public const string PrfInvalid = nameof(PrfInvalid);
    /// <summary>Another PRF file waits for Outlook's next start.</summary>
    public const string PrfStaged = nameof(PrfStaged);
    /// <summary>The user's Outlook is running, and would write over what is changed.</summary>
    public const string OutlookRunning = nameof(OutlookRunning);
    /// <summary>An account could not be changed, and has its old values.</summary>
    public const string OutlookWriteFailed = nameof(OutlookWriteFailed);
    /// <summary>Another run changes the same user's profiles.</summary>
    public const string OutlookBusy = nameof(OutlookBusy);
    /// <summary>An account is not as it was when the change was planned, or the backup made.</summary>
    public const string OutlookChangedMeanwhile = nameof(OutlookChangedMeanwhile);
    /// <summary>Old values of an account could not be put back; they are kept.</summary>
    public const string OutlookUndoFailed = nameof(OutlookUndoFailed);
    /// <summary>A file is not a backup of Outlook's settings, or not of this user, or names what may not be written.</summary>
    public const string OutlookBackupInvalid = nameof(OutlookBackupInvalid);
    /// <summary>The user has no such account.</summary>
    public const string OutlookAccountNotFound = nameof(OutlookAccountNotFound);
    /// <summary>A provider takes nothing that accounts of classic Outlook have.</summary>
    public const string OutlookProviderUnsuited = nameof(OutlookProviderUnsuited);
}
