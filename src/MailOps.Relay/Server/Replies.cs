using System.Globalization;

namespace MailOps.Relay.Server;

/// <summary>Every reply text of the server. Codes by RFC 5321 section 4.2.3, enhanced codes by RFC 3463 and the sections named.</summary>
internal static class Replies
{
    /// <summary>RFC 6710 section 4.1: the message has another priority than was asked for.</summary>
    public const string PriorityChanged = "2.3.6";

    // Going well.
    public static readonly Reply Ok = new(250, "2.0.0", "OK");
    public static readonly Reply Bye = new(221, "2.0.0", "Bye", closes: true);                                     // RFC 5321 section 4.1.1.10
    public static readonly Reply Help = new(214, "2.0.0", "Commands: EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY EXPN HELP QUIT\nRFC 5321 says what they do");
    public static readonly Reply CannotVerify = new(252, "2.5.0", "Cannot VRFY a user, but will take mail and try to deliver it");   // RFC 5321 section 3.5.3
    public static readonly Reply ReadyForTls = new(220, "2.0.0", "Ready to start TLS");                            // RFC 3207 section 4
    public static readonly Reply Authenticated = new(235, "2.7.0", "Authentication successful");                   // RFC 4954 section 6
    public static readonly Reply StartInput = new(354, null, "Start mail input; end with <CRLF>.<CRLF>");          // RFC 5321 section 4.1.1.4
    public static readonly Reply ContinueEmpty = new(334, null, "");                                               // RFC 4954 section 4

    // The session.
    public static readonly Reply ShuttingDown = new(421, "4.3.2", "This server is stopping; try again later", closes: true);           // RFC 5321 section 3.8
    public static readonly Reply TimedOut = new(421, "4.4.2", "Waited too long for the next input", closes: true);                     // RFC 5321 section 4.5.3.2.7
    public static readonly Reply TooManySessions = new(421, "4.7.0", "Too many connections; try again later", closes: true);
    public static readonly Reply TooManySessionsOfClient = new(421, "4.7.0", "Too many connections from your address; try again later", closes: true);
    public static readonly Reply SessionsTooFast = new(421, "4.7.0", "Too many connections from your address in a short time; try again later", closes: true);
    public static readonly Reply SessionTooLong = new(421, "4.4.2", "The session has lasted too long; connect again", closes: true);
    public static readonly Reply MessagesTooFast = new(450, "4.7.1", "Too many messages from your address in a short time; try again later");
    public static readonly Reply RecipientsTooFast = new(450, "4.7.1", "Too many recipients from your address in a short time; try again later");
    public static readonly Reply TooManyErrors = new(421, "4.7.0", "Too many errors", closes: true);
    public static readonly Reply EndlessLine = new(421, "4.7.0", "A line without an end", closes: true);
    public static readonly Reply LocalError = new(451, "4.3.0", "Local error in processing; try again later");
    public static readonly Reply LocalErrorInContent = new(421, "4.3.0", "Local error in processing; try again later", closes: true);

    // Syntax.
    public static readonly Reply LineTooLong = new(500, "5.5.2", "Line too long");                                  // RFC 5321 section 4.5.3.1.4
    public static readonly Reply LineMalformed = new(500, "5.5.2", "Lines end with CR LF and hold no other CR, LF or NUL");   // RFC 5321 section 2.3.8
    public static readonly Reply UnknownCommand = new(500, "5.5.2", "Command not recognised");
    public static readonly Reply NotImplemented = new(502, "5.5.1", "Command not implemented");                     // RFC 5321 section 4.2.4
    public static readonly Reply NoArgument = new(501, "5.5.4", "This command takes no argument");                  // RFC 5321 section 4.1.1.5
    public static readonly Reply ArgumentMissing = new(501, "5.5.4", "This command needs an argument");
    public static readonly Reply BadDomain = new(501, "5.5.2", "Give your name as a domain or an address literal");   // RFC 5321 section 4.1.1.1
    public static readonly Reply BadMailSyntax = new(501, "5.5.4", "Syntax: MAIL FROM:<address> [parameters]");     // RFC 5321 section 4.1.1.2
    public static readonly Reply BadRcptSyntax = new(501, "5.5.4", "Syntax: RCPT TO:<address> [parameters]");       // RFC 5321 section 4.1.1.3
    public static readonly Reply BadSender = new(501, "5.1.7", "That sender is not an e-mail address");             // RFC 3463 section 3.2
    public static readonly Reply BadRecipient = new(501, "5.1.3", "That recipient is not an e-mail address");       // RFC 3463 section 3.2
    public static readonly Reply BadParameter = new(501, "5.5.4", "A parameter is given twice or has a value it cannot have");   // RFC 5321 section 4.1.1.11
    public static readonly Reply UnknownParameter = new(555, "5.5.4", "A parameter is not known here");             // RFC 5321 section 4.1.1.11
    public static readonly Reply NeedsSmtpUtf8 = new(553, "5.6.7", "This address needs SMTPUTF8");                  // RFC 6531 section 3.5
    public static readonly Reply BadChunk = new(501, "5.5.4", "Syntax: BDAT size [LAST]; closing, since the chunk's end is unknown", closes: true);   // RFC 3030 section 2

    public static readonly Reply HoldTooLong = new(501, "5.5.4", "That is further ahead than mail is held here; EHLO says how far");   // RFC 4865 section 4
    public static readonly Reply DeliverByTooSoon = new(550, "5.4.7", "That is sooner than can be promised here; EHLO says how soon");   // RFC 2852 section 4

    // Order.
    public static readonly Reply GreetingNeeded = new(503, "5.5.1", "Say EHLO first");                              // RFC 5321 section 4.1.4
    public static readonly Reply MailNeeded = new(503, "5.5.1", "Say MAIL first");
    public static readonly Reply RecipientNeeded = new(554, "5.5.1", "No valid recipients");                        // RFC 5321 section 3.3
    public static readonly Reply MailNested = new(503, "5.5.1", "Not during a mail transaction");                   // RFC 5321 section 4.1.4
    public static readonly Reply ChunksBegun = new(503, "5.5.1", "Not between chunks; go on with BDAT, or RSET");   // RFC 3030 section 2
    public static readonly Reply AlreadyTls = new(503, "5.5.1", "TLS is already active");                           // RFC 3207 section 4.2
    public static readonly Reply AlreadyAuthenticated = new(503, "5.5.1", "Already authenticated");                 // RFC 4954 section 4
    public static readonly Reply PipelinedAfterTls = new(554, "5.5.1", "Nothing may follow STARTTLS before its reply", closes: true);   // RFC 3207 section 4.2

    public static readonly Reply BinaryNeedsChunks = new(503, "5.5.1", "BODY=BINARYMIME comes by BDAT, not by DATA");   // RFC 3030 section 3

    // Security.
    public static readonly Reply TlsNeeded = new(530, "5.7.0", "Must issue a STARTTLS command first");              // RFC 3207 section 4
    public static readonly Reply AuthenticationNeeded = new(530, "5.7.0", "Authentication required");               // RFC 4954 section 6
    public static readonly Reply UserShutOut = new(530, "5.7.0", "The user who logged in may do so no longer; authentication required");   // RFC 4954 section 6
    public static readonly Reply RequireTlsOutsideTls = new(530, "5.7.10", "REQUIRETLS is for messages that come over TLS; issue STARTTLS first");   // RFC 8689 section 2
    public static readonly Reply EncryptionNeeded = new(538, "5.7.11", "Encryption required for authentication; issue STARTTLS first");   // RFC 4954 section 6
    public static readonly Reply XclientDenied = new(550, "5.7.0", "XCLIENT is for listed proxies");
    public static readonly Reply BadXclient = new(501, "5.5.4", "Syntax: XCLIENT attribute=value, values in xtext; EHLO says which attributes");
    public static readonly Reply UnknownMechanism = new(504, "5.5.4", "Authentication mechanism not supported");    // RFC 4954 section 4
    public static readonly Reply AuthenticationCancelled = new(501, "5.7.0", "Authentication cancelled");           // RFC 4954 section 4
    public static readonly Reply BadBase64 = new(501, "5.5.2", "That is not base64");                               // RFC 4954 section 4
    public static readonly Reply BadCredentials = new(501, "5.5.2", "That is not a credential of this mechanism");  // RFC 4616 section 2
    public static readonly Reply AuthenticationLineTooLong = new(500, "5.5.6", "Authentication exchange line is too long");   // RFC 4954 section 6
    public static readonly Reply AuthenticationFailed = new(535, "5.7.8", "Authentication credentials invalid");    // RFC 4954 section 6
    public static readonly Reply MechanismTooWeak = new(534, "5.7.9", "Authentication mechanism is too weak here");  // RFC 4954 section 6
    public static readonly Reply AuthenticationUnavailable = new(454, "4.7.0", "Temporary authentication failure; try again later");   // RFC 4954 section 6
    public static readonly Reply AuthenticationBlocked = new(454, "4.7.0", "Too many failed authentications from your address; try again later");   // RFC 4954 section 6
    public static readonly Reply ClientBlocked = new(421, "4.7.0", "Too many failed authentications from your address; try again later", closes: true);
    public static readonly Reply TooManyAuthentications = new(421, "4.7.0", "Too many failed authentications", closes: true);
    public static readonly Reply SenderNotOwned = new(553, "5.7.1", "That sender does not belong to the user who logged in");   // RFC 5321 section 4.2.3

    // The message.
    public static readonly Reply TooManyRecipients = new(452, "4.5.3", "Too many recipients; send the rest in another message");   // RFC 5321 section 4.5.3.1.10
    public static readonly Reply TooManyDomains = new(452, "4.5.3", "Too many recipient domains; send the rest in another session");   // RFC 9422 section 4.3
    public static readonly Reply TooManyMessages = new(421, "4.7.0", "Too many messages in one session; connect again for more", closes: true);   // RFC 9422 section 4.1
    public static readonly Reply TooBig = new(552, "5.3.4", "Message size exceeds the limit");                      // RFC 1870 section 6.1
    public static readonly Reply BareNewline = new(554, "5.6.0", "Message holds a CR or LF that is not part of a CR LF");   // RFC 5321 section 2.3.8
    public static readonly Reply BareNewlineAtEnd = new(554, "5.6.0", "Message holds a CR or LF that is not part of a CR LF, where it may have meant its end", closes: true);
    public static readonly Reply TooManyHops = new(554, "5.4.6", "Too many hops: the message loops");               // RFC 5321 section 6.3
    public static readonly Reply HeaderTooBig = new(552, "5.3.4", "Message header exceeds the limit");              // RFC 3463 section 3.4
    public static readonly Reply LineOfContentTooLong = new(554, "5.6.0", "A line of the message exceeds the limit");   // RFC 5322 section 2.1.1
    public static readonly Reply SpoolUnusable = new(452, "4.3.1", "Insufficient system storage, try again later"); // RFC 5321 section 4.2.2

    /// <summary>RFC 5321 section 4.2: the first word is the server's name.</summary>
    public static Reply Greeting(string hostName) => new(220, null, hostName + " ESMTP MailOps");

    /// <summary>RFC 4954 section 4: a challenge, in base64.</summary>
    public static Reply Continue(ReadOnlySpan<byte> challenge) => new(334, null, Convert.ToBase64String(challenge));

    /// <summary>RFC 3030 section 2.</summary>
    public static Reply ChunkTaken(long octets) => new(250, "2.0.0", string.Create(CultureInfo.InvariantCulture, $"{octets} octets received"));

    /// <summary>The queue id stands here, so that sender and administrator can speak of the same message.</summary>
    /// <param name="id">The queue id.</param>
    /// <param name="priorityChanged">RFC 6710 section 4.1: the text then begins with the priority that was given.</param>
    public static Reply Queued(string id, bool priorityChanged = false) =>
        priorityChanged ? new(250, PriorityChanged, "0 is the priority given; " + id + " queued") : new(250, "2.6.0", id + " queued");
}
