namespace MailOps.Reports;

/// <summary>The words of refusals, in the order in which they count: the more telling first.</summary>
internal static class Phrases
{
    /// <summary>All in small letters; a star stands for anything.</summary>
    public static IReadOnlyList<(DeliveryReportClass Kind, string[] Words)> All { get; } =
    [
        (DeliveryReportClass.AuthenticationFailed,
        [
            "dmarc", "spf*fail", "spf check", "spf record", "spf validation", "bad spf", "spf: ", "failed spf", "rejected by spf", "dkim*fail", "sender policy framework", "authenticate with",
            "authentication checks failed", "unauthenticated email", "unauthenticated mail", "sender is unauthenticated", "both spf and dkim", "either the authenticated spf or dkim",
            "designate*permitted sender", "does not pass*verification", "authenticate their email",
        ]),
        (DeliveryReportClass.NoReverseDns,
        [
            "ptr record", "ptr resource record", "no ptr", "reverse dns", "rdns", "ip name lookup failed", "mismatches client ip", "does not match the ip address of the hostname",
            "cannot find your hostname", "cannot find your reverse", "cannot resolve your", "cannot resolve ptr", "reverse lookup", "reverse hostname", "unresolvable relay host", "fix reverse", "no reverse",
            "client host rejected: cannot find", "unable to resolve your ip", "hostname does not resolve",
        ]),
        (DeliveryReportClass.ContentRefused,
        [
            "rfc*5322", "rfc*2822", "rfc*822 compliant", "addresses in from", "multiple*headers", "duplicate header", "malformed message", "mail message is malformed", "invalid message content",
            "missing a valid address in the from", "unicode character in a disallowed header", "bare lf", "bare newline", "content presents a potential", "illegal attachment",
            "attachment extension is forbidden", "attachment type", "attachments are not", "line too long", "improper use of 8-bit",
        ]),
        (DeliveryReportClass.VirusFound,
            ["virus detect", "virus found", "virus alert", "malware", "infected", "contains a virus", "contains virus", "has a virus", "carries a virus", "virus or worm", "a virus was", "rejected due to security policies"]),
        (DeliveryReportClass.DomainUnknown, ["account or domain may not exist"]),
        (DeliveryReportClass.PolicyRefused, ["groups.google.com", "blocked by the recipient", "due to user rules", "recipient preferences", "refuses to receive", "refuse to receive", "only accepting mail from", "rst.notauthorized", "restricted sms"]),
        (DeliveryReportClass.Network, ["host not found, try again", "lookup failure", "forwarding loop", "best-preference mx"]),
        (DeliveryReportClass.Blocked, ["cdrbl", "refused to talk to me"]),
        (DeliveryReportClass.SenderRefused,
        [
            "sender address rejected", "sender rejected", "sender denied", "sender domain", "sender's domain", "domain of sender", "unroutable sender", "unrouteable sender", "sender verify failed", "sender verification",
            "invalid sender", "bad sender", "sender invalid", "responsible address", "from: domain is invalid", "domain is invalid", "return path", "not in allowed-senders", "envelope sender", "rejected mail from address",
            "verify sender", "unverified sender", "sender is not allowed", "address that has been blacklisted", "blocked senders", "sender was not authenticated", "mail is rejected by recipients",
            "sender not accepted", "your address is not", "sender does not exist", "sender unknown", "unknown sender", "sender address has been", "sender address blocked", "sender is invalid", "from address is not", "not accept mail from",
        ]),
        (DeliveryReportClass.MailboxFull,
        [
            "mailbox full", "mailbox is full", "mailbox for user is full", "mail box full", "mail box is full", "mailfolder is full", "inbox is full", "account is full", "is full", "over quota", "overquota", "over*quota limit", "over the quota",
            "over the maximum allowed", "quota exceeded", "quota full", "exceeded*quota", "exceeds*quota", "exceed*quota", "quota violation", "out of storage", "storage quota", "storage limit", "storage allocation",
            "mailbox exceeds", "mailbox size", "exceeded the local limit", "exceeded its", "not enough disk space", "not enough storage", "mailbox has exceeded", "mailbox has reached", "mailbox quota", "limit exeeded", "mailbox limit",
            "mailbox would exceed", "mailbox too large", "boite*pleine", "buzón lleno", "postfach*voll", "user has too many messages", "too much mail data",
        ]),
        (DeliveryReportClass.MessageTooLarge,
        [
            "message size exceeds", "message too large", "message too big", "message is too large", "message is too big", "message length exceeds", "message file too big", "size limit", "message size", "exceeds*maximum size", "maximum email size",
            "maximum message size", "size exceeds", "mail too large", "mail size", "too large", "larger than", "exceeded*size",
        ]),
        (DeliveryReportClass.Blocked, ["unsolicited mail originating", "unusual rate of unsolicited", "user complaints", "due to ip reputation", "fail to meet smtp policy"]),
        (DeliveryReportClass.RateLimited,
        [
            "rate limit", "ratelimit", "rate-limit", "too many*connection", "too many recipients", "too many sessions", "too many messages", "too many emails", "too many concurrent", "too many simultaneous", "too many mails", "too much mail", "connection limit",
            "connection rate", "receiving mail at a rate", "receiving mail too quickly", "throttl", "frequency limited", "relay limit exceeded", "relay sending limit", "sending limit", "messages per", "permitted limits", "thread limit", "outbound thread", "hourly", "daily limit",
            "slow down", "sending rate", "message rate", "unusual rate", "too fast", "concurrent connections", "maximum number of", "receive limit", "exceeded their limit", "receivingrate", "greylist", "graylist", "gray-list", "grey-list", "server busy", "rate exceeded",
        ]),
        (DeliveryReportClass.Suspended,
        [
            "account*disabled", "mailbox*disabled", "user*disabled", "is disabled", "been disabled", "disableduser", "inactive", "account*suspended", "mailbox*suspended", "user*suspended", "is suspended", "been suspended", "is frozen", "account is locked", "not active", "deactivated", "not activated", "account closed", "account has been closed",
            "account*expired", "mailbox temporarily disabled", "account was closed", "is locked", "user is not active", "blocked account", "account blocked", "account*been blocked", "mailbox currently unavailable", "account is temporarily", "account has expired", "suspend the service", "not accepting any mail", "extended inactivity", "temporarily limited",
        ]),
        (DeliveryReportClass.Moved, ["has moved", "no longer on server", "no forwarding address", "not our customer", "has left", "no longer with", "no longer employed", "address has changed", "address has been changed", "user moved", "been replaced by", "please try <", "no longer works"]),
        (DeliveryReportClass.NotAccepting, ["does not accept mail", "doesn't accept mail", "does not accept email", "no smtp service", "null mx", "nullmx", "not accepting network messages", "no mx record found", "no mail receiving", "mail receiving disabled", "name server: .: host not found", "no host found for existing smtp", "no route for current request", "seem to reject all mails", "not accepting mail", "does not receive mail", "not accepting messages from", "smtp is not available here"]),
        (DeliveryReportClass.RelayingDenied,
        [
            "relay access denied", "relaying denied", "relay denied", "no relaying", "relaying not allowed", "relay not allowed", "relay not permitted", "relaying not permitted", "relaying is prohibited", "relaying prohibited", "unable to relay", "configured to relay",
            "not authorized to relay", "do not relay", "don't relay", "cannot relay", "can't relay", "allowed to relay", "relay operation", "allowed rcpthosts", "relaying mail", "relaying to", "not relay", "permitted to relay", "not gateway", "send email directly to our servers", "mail server requires authentication when attempting to send to a non-local",
        ]),
        (DeliveryReportClass.SpamRefused, ["blacklisted url", "scored as spam", "url in this email", "spam content", "spam message", "message*is spam", "rejected as spam", "mail content denied", "content rejected", "spamtext", "spam pattern", "spam is embedded", "classified as", "message looks like spam"]),
        (DeliveryReportClass.Blocked,
        [
            "block list", "blocklist", "blacklist", "black list", "black-list", "blocked using", "blocked by", "spamhaus", "dnsbl", ".rbl", "rbl ", "/rbl", " bl.", "barracudacentral", "spamcop", "sorbs", "reputation", "client host blocked", "client host rejected", "client host*blocked",
            "host*is blocked", " ip*blocked", "blocked* ip", "your ip", "from ip address", "smtp server of your isp", "open relay", "banned", "suspected spam ip", "no access from mail server", "dynamic ip", "dialup", "dynamically assigned", "residential", "bad helo", "service refused", "service refuse",
            "host network", "block for manual block", "host is not allowed", "mail server is not allowed", "your host", "domain has been blacklisted", "connection refused by", "bounce attacks", "over ipv6", "envelope blocked", "closing connection", "cloudmark", "your network", "is listed", "was listed", "been listed", "listing in", "listed on",
        ]),
        (DeliveryReportClass.SpamRefused, ["spam", "unsolicited", "bulk email", " ube", "junk", "phish", "mail rejete", "content filter", "advertis", "message denied"]),
        (DeliveryReportClass.RelayingDenied, ["recipient*not local", "not a local domain"]),
        (DeliveryReportClass.NoSuchUser,
        [
            "user unknown", "unknown user", "no such user", "user not found", "mailbox not found", "mailbox was not found", "no mailbox", "no mail-box", "recipient unknown", "unknown recipient", "recipient not found", "recipient was not found", "not a valid user", "not a valid recipient", "not a valid mailbox",
            "mailbox does not exist", "mailbox doesn't exist", "user does not exist", "user doesn't exist", "user not exist", "you tried to reach does not exist", "recipnotfound", "recipientnotfound", "nosuchuser", "recipient rejected", "unknown or illegal", "no such recipient", "no such mailbox", "no such address",
            "no such person", "no such account", "no such id", "address unknown", "unknown address", "unknown email", "unknown mailbox", "unknown local", "unknown account", "invalid recipient", "invalid user", "invalid mailbox", "invalid address", "address invalid", "address is invalid", "mailbox unavailable", "mailbox is unavailable",
            "known user", "account does not exist", "account doesn't exist", "account not found", "account is not", "not have an account", "valid recipients", "final delivery userid", "not listed in", "name is not recognized", "doesn't have a", "does not have a", "registered gateway user", "bad destination mailbox",
            "bad destination email", "no account", "undeliverable address", "destinataire*invalide", "utilisateur inconnu", "adresse inconnue", "unbekannter", "unbekannt", "no existe", "address does not exist", "address doesn't exist", "recipient does not exist", "recipient doesn't exist", "address not found",
            "address wasn't found", "couldn't be found", "was not found at the destination", "no longer available", "no longer valid", "mailbox name not allowed", "recipient unrecognized", "unrecognized recipient", "is not a*recipient", "not known at", "user is unknown", "domino ディレクトリ", "recipient is invalid", "user invalid", "does not exist at the organization", "find the specified recipient", "rcp-p1", "not found recipient",
            "unknown to address", "cannot deliver mail for", "not a known", "recipient*not exist", "not our user", "badrecipient", "user*could not be found", "ディレクトリには見つかり", "ディレクトリのリストにありません", "username*not found", "recipient*is unknown", "mail address*not exist", "uživatel", "не найден", "не существует", "нет такого",
        ]),
        (DeliveryReportClass.DomainUnknown,
        [
            "host unknown", "unknown host", "unknown domain", "host not found", "domain does not exist", "domain doesn't exist", "domain not exist", "no such domain", "no such host", "couldn't find any host", "invalid domain", "domain is invalid", "illegal host", "unrouteable", "unroutable", "domain is not reachable",
            "bad destination system", "domain not found", "name or service not known", "or domain name not found", "domain name not found", "nxdomain", "domain must exist", "may not exist or dns", "hostname not found", "no such host is known", "no mail exchanger", "a mail exchanger", "no mx found", "domain doesnt exist", "host address lookups failed", "point to non-existent hosts", "domain name does not", "host does not exist", "bad domain", "domain is unknown",
        ]),
        (DeliveryReportClass.ProtocolError,
            ["syntax error", "malformed address", "improper sequence", "command parameter not implemented", "unrecognized command", "command unrecognized", "bad sequence", "command not recognized", "command not implemented", "protocol violation", "need rcpt", "nested too deep", "expected word or", "source-routed address", "no data after bdat", "parameters", "address syntax"]),
        (DeliveryReportClass.ContentRefused, ["invalid header", "missing header", "header field", "headers", "malformed header", "attachment", "8bit", "non-ascii", "charset", "content-type", "mime "]),
        (DeliveryReportClass.SystemFault,
        [
            "ldap", "could not load", "internal error", "internal system", "internal server", "internal resources", "system error", "operating system", "insufficient*space", "insufficient system", "insufficient permission", "disk full", "no space left", "disk space", "mailer error", "local error", "configuration error", "incorrectly configured", "loop alert",
            "duplicated message-id", "couldn't create", "can't create", "failed to read", "cannot open", "temporary system", "temporary server", "i/o error", "procmail:", "maildrop:", "unable to process", "service unavailable", "service currently unavailable", "service not active", "service not available", "temporarily not available",
            "temporarily unavailable", "temporarily rejected", "transaction failed", "local configuration", "lock file", "mailing list expansion", "ambiguous", "suspiciousremoteservererror", "resources temporarily", "permission denied", "input/output", "interrupted system call", "config error", "temporary local problem", "local delivery failed", "lmtp error", "to file forbidden", "to pipe forbidden", "pipe to |", "command output", "command died", "command failed", "time limit exceeded", "output file", "child crashed", "waiting for input",
        ]),
        (DeliveryReportClass.Network,
        [
            "connection refused", "no route to host", "unable to connect", "could not connect", "couldn't connect", "cannot connect", "failed to connect", "accept our requests to connect", "establish an smtp connection", "hop count", "mail loop", "routing loop", "loops back", "loop detected", "mailloop", "too many hops", "name server", "lookup failure", "name service error",
            "network", "host not reachable", "not reachable", "lost connection", "connection reset", "connection dropped", "connection closed", "unreachable", "dns", "conversation with", "socket error", "no connection could be made", "connect to", "connection died", "transport endpoint", "looping", "valid route", "routes to destination", "address family mismatch", "cname lookup", "\"received\" headers", "dns records for the destination", "tls ", "connection timed out", "certificate",
        ]),
        (DeliveryReportClass.Expired,
            ["expired", "in the queue too long", "retry timeout exceeded", "could not be delivered for", "not be delivered for", "for a long time", "could not deliver for", "delivery timeout", "timed out", "timeout", "time out", "too long", "delivery time", "giving up"]),
        (DeliveryReportClass.PolicyRefused,
        [
            "policy", "access denied", "access is denied", "not authorized", "unauthorized", "not allowed", "not permitted", "security", "authentication required", "authentication is required", "unauthenticated", "filtered", "log in", "retrieve credentials", "user reject", "must be authenticated", "failed to authenticate", "starttls", "restricted", "prohibited", "administrative", "denied", "rejected for",
            "anti-spoofing", "quarantine", "failed to delivery", "rejected by a remote", "refused", "disallowed", "rejected by", "not acceptable", "message rejected", "message not accepted", "not accepted", "recipient restrictions", "cannot be delivered due to",
        ]),
        (DeliveryReportClass.NoSuchUser, ["address rejected", "recipient denied", "recipients rejected", "recipient refused", "not like recipient", "recipient not accepted", "user denied", "invalid rcpt"]),
    ];
}
