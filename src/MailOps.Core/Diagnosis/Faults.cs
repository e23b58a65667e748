using static MailOps.SmtpServerVerdict;

namespace MailOps.Diagnosis;

/// <summary>Every fault of the connection and of the conversation: its id, what is wrong and what to do.</summary>
internal static partial class Faults
{
    public static SmtpServerFinding NameNotResolved(string server, string why) => new(
        "NameNotResolved", Failure, $"The name {server} does not resolve to an address: {why}.",
        "Check the spelling, the A and AAAA records of the name, and the DNS servers of this machine.");

    public static SmtpServerFinding PortClosed(string endPoint, string others) => new(
        "PortClosed", Failure, $"{endPoint} refuses the connection: nothing listens there, or a firewall says no.",
        $"Check that the mail server runs and listens on that port and address.{others}");

    public static SmtpServerFinding PortFiltered(string endPoint, TimeSpan waited, string others) => new(
        "PortFiltered", Failure, FormattableString.Invariant($"{endPoint} did not answer the connection within {waited.TotalSeconds:0.#} seconds: a firewall drops it, or the host is down."),
        $"Let the firewalls on the way pass this port; many providers of access and clouds block port 25 outwards, where 587 is open.{others}");

    public static SmtpServerFinding Unreachable(string endPoint, string why) => new(
        "Unreachable", Failure, $"There is no way to {endPoint}: {why}.", "Check the routes, the address family (IPv6 or IPv4) and the firewall of this machine.");

    public static SmtpServerFinding NoGreeting(string endPoint, TimeSpan waited, string others) => new(
        "NoGreeting", Failure, FormattableString.Invariant($"{endPoint} takes the connection and says nothing for {waited.TotalSeconds:0.#} seconds."),
        $"Check that it is an SMTP port and that the server is not overloaded; a server that delays its greeting needs a longer -Timeout.{others}");

    public static SmtpServerFinding ImplicitTlsPort(string endPoint, string protocol) => protocol == "SMTP"
        ? new("TlsModeWrong", Failure, $"{endPoint} wants TLS from the first byte, and was spoken to in plain text.", "Use -Tls Implicit with this port.")
        : new("NotSmtp", Failure, $"{endPoint} speaks {protocol} over TLS, not SMTP.", "Use the port of the SMTP server: 587 with -Tls StartTls, 465 with -Tls Implicit, or 25 between servers.");

    public static SmtpServerFinding PlainPort(string endPoint, bool startTls) => new(
        "TlsModeWrong", Failure, $"{endPoint} speaks in plain text first, and was asked for TLS from the first byte.",
        startTls ? "Use -Tls StartTls with this port, which offers it; implicit TLS is for port 465." : "Implicit TLS is for port 465; this port does not offer STARTTLS either.");

    public static SmtpServerFinding NotSmtp(string endPoint, string? protocol, string others) => new(
        "NotSmtp", Failure, protocol is null ? $"{endPoint} answers, but not with SMTP." : $"{endPoint} speaks {protocol}, not SMTP.",
        $"Use the port of the SMTP server: 587 with -Tls StartTls, 465 with -Tls Implicit, or 25 between servers.{others}");

    public static SmtpServerFinding ProtocolBroken(string step, string why) => new(
        "ProtocolBroken", Failure, $"The server does not keep to SMTP at {step}: {why}.", "See the step's Seen for what came; a device between (firewall, proxy, virus scanner) may have meddled.");

    public static SmtpServerFinding ConnectionLost(string step, string why) => new(
        "ConnectionLost", Failure, $"The server closed the connection at {step}: {why}.",
        "See the server's log: it may block this address, have too many connections, or fear what it was told. A device between can be the cause too.");

    public static SmtpServerFinding TimedOut(string step, TimeSpan timeout) => new(
        "TimedOut", Failure, FormattableString.Invariant($"The test was not over within {timeout.TotalSeconds:0.###} seconds; it stood at {step}."),
        "Check the server's load, and the reverse look-ups and block lists that it waits for; -Timeout gives it longer.");

    public static SmtpServerFinding ServiceRefused(SmtpReply reply) => new(
        "ServiceRefused", Failure, $"The server refuses to serve this client: {reply}.",
        reply.IsPermanent ? "The reply says why: a block list, or a missing reverse name of this address (PTR) mostly." : "It is busy or shuts down, or limits the connections of this address: try again later.");

    public static SmtpServerFinding HelloRefused(SmtpReply reply) => new(
        "HelloRefused", Failure, $"The server refuses EHLO and HELO: {reply}.", "Give a name that resolves to this machine's address, with -LocalDomain.");

    public static SmtpServerFinding HelloOnly(SmtpReply reply) => new(
        "HelloOnly", Warning, $"The server does not know EHLO ({reply}), only HELO: no TLS, no authentication, no SIZE.",
        "Upgrade the server, or turn off the inspection of SMTP in the firewall before it.");

    public static SmtpServerFinding RepliesInjected(string seen) => new(
        "RepliesInjected", Failure, $"More came in plain text behind the answer to STARTTLS: {seen}. A client that reads it under TLS believes what anybody on the way has written.",
        "Somebody or something stands between, or the server is faulty (CVE-2011-0411 and like it): go to its other side and compare; upgrade the server.");

    public static SmtpServerFinding UnexpectedReplies(string step, string seen) => new(
        "UnexpectedReplies", Failure, $"The server said more than it was asked at {step}: {seen}.", "Upgrade the server, or look for a device between that meddles with SMTP.");

    public static SmtpServerFinding SenderRefused(string sender, SmtpReply reply) => Submission.AuthenticationAdvice.OnMessage(reply) is { } known
        ? new("SenderRefused", Failure, $"The server refuses the sender <{sender}>: {reply}.", known.Text + ".")
        : new("SenderRefused", Failure, $"The server refuses the sender <{sender}>: {reply}.",
            reply.IsTemporary ? "Try again later; if it stays so, see the server's log." : "Use a sender that this server (or this account) may send as, whose domain exists.");

    public static SmtpServerFinding RelayingDenied(string recipient, SmtpReply reply, bool authenticated) => new(
        "RelayingDenied", Failure, $"The server does not relay to <{recipient}> for this client: {reply}.",
        authenticated ? "This account may not send there: ask the server's administrator."
        : "Right for a stranger. If this client should relay: authenticate (-Credential, port 587), or have its address listed on the server; if the domain is the server's own, it does not know so.");

    public static SmtpServerFinding RecipientRefused(string recipient, SmtpReply reply) => reply.IsTemporary
        ? new("RecipientDeferred", Warning, $"The server does not take <{recipient}> now: {reply}.", "Greylisting passes by itself after some minutes; a full mailbox or a failing look-up of the server does not.")
        : new("RecipientRefused", Failure, $"The server refuses the recipient <{recipient}>: {reply}.", "Check the address; if it is right, the reply says what the server has against it.");

    public static SmtpServerFinding MessageTooLarge(long size, long? limit, SmtpReply? reply) => new(
        "MessageTooLarge", Failure,
        FormattableString.Invariant($"A message of {size} bytes is too large for the server") + (limit is { } max ? FormattableString.Invariant($": its limit is {max} bytes.") : $": {reply}."),
        "Raise the server's limit (and those behind it), or send large files by link; attachments grow by a third on the way.");
}
