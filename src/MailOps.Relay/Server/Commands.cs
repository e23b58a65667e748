using System.Collections.Frozen;
using MailOps.Relay.Server.Limits;
using MailOps.Relay.Server.Verbs;

namespace MailOps.Relay.Server;

/// <summary>What a session has; derived from its data, never stored.</summary>
[Flags]
internal enum Has
{
    Nothing = 0,
    /// <summary>EHLO or HELO was said.</summary>
    Greeting = 1,
    /// <summary>TLS is active.</summary>
    Tls = 2,
    /// <summary>The client is authenticated.</summary>
    User = 4,
    /// <summary>MAIL was accepted.</summary>
    Transaction = 8,
    /// <summary>A recipient was accepted.</summary>
    Recipient = 16,
    /// <summary>A BDAT was accepted and more are to come.</summary>
    Chunk = 32,
    /// <summary>The client's certificate proves a user; only what AUTH offers depends on it.</summary>
    Certificate = 64,
    /// <summary>The client is a proxy that may speak for others (XCLIENT).</summary>
    Conveyor = 128,
    /// <summary>The TLS connection has a channel binding; only what AUTH offers depends on it.</summary>
    Binding = 256,
}

/// <summary>Whether a verb has an argument.</summary>
internal enum Argument
{
    None,
    Optional,
    Required,
}

/// <summary>Runs a command that may run. Null where everything is said.</summary>
internal delegate ValueTask<Reply?> CommandHandler(Session session, ReadOnlyMemory<byte> argument);

/// <summary>One row of the state machine.</summary>
/// <param name="Verb">The verb, in upper case.</param>
/// <param name="Argument">Whether it has an argument.</param>
/// <param name="Needs">Refused while the session lacks one of these.</param>
/// <param name="Refuses">Refused once the session has one of these.</param>
/// <param name="Guard">Refused while the session lacks one of these, where the listener requires it.</param>
/// <param name="EndsGroup">RFC 2920 section 3.1: the last of a pipelined group, hence its replies are sent at once.</param>
/// <param name="Run">What it does.</param>
internal sealed record Command(string Verb, Argument Argument, Has Needs, Has Refuses, Has Guard, bool EndsGroup, CommandHandler Run)
{
    /// <summary>Whether a message's content follows it.</summary>
    public bool BringsContent => Verb is "DATA" or "BDAT";

    /// <summary>What must still be done where the command is refused; BDAT has bytes behind it.</summary>
    public CommandHandler? Skip { get; init; }

    /// <summary>Why it has to wait although it may run; null where nothing limits it.</summary>
    public Func<Session, Reply?>? Throttle { get; init; }

    /// <summary>Whether it brings no mail nearer, so that too many are errors.</summary>
    public bool Junk { get; init; }

    /// <summary>Whether what is behind the verb is nobody's business, so that no log may show it.</summary>
    public bool IsSecret { get; init; }
}

/// <summary>The state machine of the server: one table, and the check of a row against what the session has.</summary>
internal static class Commands
{
    private const Has Secured = Has.Tls | Has.User;
    private const Has Envelope = Has.Greeting | Has.Transaction | Has.Recipient;

    public static readonly IReadOnlyList<Command> Table =
    [
        //   verb        argument           needs                            refuses                         guard    ends   handler
        new("EHLO",     Argument.Required, Has.Nothing,                     Has.Nothing,                    Has.Nothing, true,  Greeting.EhloAsync) { Junk = true },
        new("HELO",     Argument.Required, Has.Nothing,                     Has.Nothing,                    Has.Nothing, true,  Greeting.HeloAsync) { Junk = true },
        new("STARTTLS", Argument.None,     Has.Greeting,                    Has.Tls | Has.Transaction,      Has.Nothing, true,  (session, _) => StartTls.RunAsync(session)),
        new("AUTH",     Argument.Required, Has.Greeting,                    Has.User | Has.Transaction,     Has.Tls,     true,  Auth.RunAsync) { IsSecret = true },
        new("MAIL",     Argument.Required, Has.Greeting,                    Has.Chunk | Has.Transaction,    Secured,     false, MailFrom.RunAsync) { Throttle = Throttle.Message },
        new("RCPT",     Argument.Required, Has.Greeting | Has.Transaction,  Has.Chunk,                      Secured,     false, RcptTo.RunAsync) { Throttle = Throttle.Recipient },
        new("DATA",     Argument.None,     Envelope,                        Has.Chunk,                      Secured,     true,  (session, _) => Data.RunAsync(session)),
        new("BDAT",     Argument.Required, Envelope,                        Has.Nothing,                    Secured,     false, Bdat.RunAsync) { Skip = Bdat.SkipAsync },
        new("XCLIENT",  Argument.Required, Has.Nothing,                     Has.Transaction,                Has.Nothing, true,  Xclient.RunAsync),
        new("RSET",     Argument.None,     Has.Nothing,                     Has.Nothing,                    Has.Nothing, false, (session, _) => Rset.RunAsync(session)) { Junk = true },
        new("NOOP",     Argument.Optional, Has.Nothing,                     Has.Nothing,                    Has.Nothing, true,  Always(Replies.Ok)) { Junk = true },
        new("VRFY",     Argument.Required, Has.Nothing,                     Has.Nothing,                    Secured,     true,  Always(Replies.CannotVerify)) { Junk = true },
        new("EXPN",     Argument.Required, Has.Nothing,                     Has.Nothing,                    Secured,     true,  Always(Replies.NotImplemented)) { Junk = true },
        new("HELP",     Argument.Optional, Has.Nothing,                     Has.Nothing,                    Has.Nothing, true,  Always(Replies.Help)) { Junk = true },
        new("QUIT",     Argument.None,     Has.Nothing,                     Has.Nothing,                    Has.Nothing, true,  Always(Replies.Bye)),
    ];

    // What is said of the first thing missing, or of the first thing there, in this order.
    private static readonly (Has Flag, Reply Reply)[] WhenMissing =
    [
        (Has.Tls, Replies.TlsNeeded), (Has.User, Replies.AuthenticationNeeded), (Has.Greeting, Replies.GreetingNeeded), (Has.Transaction, Replies.MailNeeded), (Has.Recipient, Replies.RecipientNeeded),
    ];

    private static readonly (Has Flag, Reply Reply)[] WhenPresent =
    [
        (Has.Chunk, Replies.ChunksBegun), (Has.Transaction, Replies.MailNested), (Has.Tls, Replies.AlreadyTls), (Has.User, Replies.AlreadyAuthenticated),
    ];

    private static readonly FrozenDictionary<ulong, Command> ByVerb = Table.ToFrozenDictionary(c => Key(System.Text.Encoding.ASCII.GetBytes(c.Verb)));

    /// <summary>Splits a line into its row and the argument; null for a verb that is none.</summary>
    public static Command? Find(ReadOnlyMemory<byte> line, out ReadOnlyMemory<byte> argument)
    {
        var space = line.Span.IndexOf((byte)' ');
        var verb = space < 0 ? line : line[..space];
        argument = space < 0 ? default : line[space..].Trim((byte)' ');   // RFC 5321 section 4.1.1: trailing white space is tolerated
        return verb.Length is > 0 and <= 8 && ByVerb.TryGetValue(Key(verb.Span), out var command) ? command : null;
    }

    /// <summary>Why the command may not run now, or null where it may.</summary>
    /// <param name="command">The row.</param>
    /// <param name="hasArgument">Whether an argument was given.</param>
    /// <param name="has">What the session has.</param>
    /// <param name="required">What the listener requires.</param>
    public static Reply? Refusal(Command command, bool hasArgument, Has has, Has required)
    {
        var missing = (command.Needs | (command.Guard & required)) & ~has;
        foreach (var (flag, reply) in WhenMissing)
            if ((missing & flag) != 0) return reply;
        var present = command.Refuses & has;
        foreach (var (flag, reply) in WhenPresent)
            if ((present & flag) != 0) return reply;
        return command.Argument switch
        {
            Argument.None when hasArgument => Replies.NoArgument,
            Argument.Required when !hasArgument => Replies.ArgumentMissing,
            _ => null,
        };
    }

    private static CommandHandler Always(Reply reply) => (_, _) => new ValueTask<Reply?>(reply);

    // A verb of up to eight letters, in upper case, as one number. RFC 5321 section 2.4: verbs have no case.
    private static ulong Key(ReadOnlySpan<byte> verb)
    {
        var key = 0UL;
        foreach (var b in verb) key = (key << 8) | (b is >= (byte)'a' and <= (byte)'z' ? (byte)(b - 32) : b);
        return key;
    }
}
