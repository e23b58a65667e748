using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace MailOps.Relay.Server.Verbs;

/// <summary>AUTH (RFC 4954) with PLAIN (RFC 4616) and LOGIN. Guessing is slowed: each failure waits longer, the third ends the session.</summary>
internal static class Authentication
{
    private const int MaxFailures = 3;

    public static async ValueTask<Reply?> RunAsync(Session session, ReadOnlyMemory<byte> argument)
    {
        if (session.Server.Options.Users.Count == 0) return Replies.NotImplemented;
        if (!session.Listener.OffersAuthentication(session.Has)) return Replies.EncryptionNeeded;
        var space = argument.Span.IndexOf((byte)' ');
        var mechanism = space < 0 ? argument : argument[..space];
        var initial = space < 0 ? (ReadOnlyMemory<byte>?)null : argument[space..].Trim((byte)' ');
        if (Ascii.EqualsIgnoreCase(mechanism.Span, "PLAIN")) return await PlainAsync(session, initial).ConfigureAwait(false);
        if (Ascii.EqualsIgnoreCase(mechanism.Span, "LOGIN")) return await LoginAsync(session, initial).ConfigureAwait(false);
        return Replies.UnknownMechanism;
    }

    // RFC 4616 section 2: [authzid] NUL authcid NUL passwd
    private static async ValueTask<Reply> PlainAsync(Session session, ReadOnlyMemory<byte>? initial)
    {
        var (message, refusal) = initial is { } response ? Decode(response.Span) : await AskAsync(session, Replies.ContinueEmpty).ConfigureAwait(false);
        if (refusal is not null) return refusal;
        try
        {
            var first = message.AsSpan().IndexOf((byte)0);
            var second = first < 0 ? -1 : message.AsSpan(first + 1).IndexOf((byte)0) + first + 1;
            if (second <= first + 1 || message.AsSpan(second + 1).Contains((byte)0)) return Replies.BadCredentials;
            var name = message.AsMemory((first + 1)..second);
            // Nobody may act for somebody else: an authorization identity can only repeat the name.
            var asItself = first == 0 || message.AsSpan(0, first).SequenceEqual(name.Span);
            return await VerifyAsync(session, name, message.AsMemory(second + 1), asItself).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
        }
    }

    private static async ValueTask<Reply> LoginAsync(Session session, ReadOnlyMemory<byte>? initial)
    {
        var (name, refusal) = initial is { } response ? Decode(response.Span) : await AskAsync(session, Replies.ContinueUsername).ConfigureAwait(false);
        if (refusal is not null) return refusal;
        var (password, noPassword) = await AskAsync(session, Replies.ContinuePassword).ConfigureAwait(false);
        if (noPassword is not null) return noPassword;
        try
        {
            return name.Length == 0 ? Replies.BadCredentials : await VerifyAsync(session, name, password, true).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }

    private static async ValueTask<Reply> VerifyAsync(Session session, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> password, bool asItself)
    {
        if (!Utf8.IsValid(name.Span) || !Utf8.IsValid(password.Span)) return Replies.BadCredentials;   // RFC 4616 section 2
        var user = Encoding.UTF8.GetString(name.Span);
        var right = await session.Server.Users.VerifyAsync(user, password, session.Connection.Aborted).ConfigureAwait(false);
        if (right && asItself)
        {
            session.User = user;
            return Replies.Authenticated;
        }
        var failures = ++session.FailedAuthentications;
        await Task.Delay(TimeSpan.FromSeconds(failures), session.Server.Clock, session.Connection.Aborted).ConfigureAwait(false);
        return failures >= MaxFailures ? Replies.TooManyAuthentications : Replies.AuthenticationFailed;
    }

    private static async ValueTask<(byte[] Response, Reply? Refusal)> AskAsync(Session session, Reply challenge)
    {
        session.Say(challenge);
        var line = await session.ReadLineAsync().ConfigureAwait(false);
        if (line.Ended) throw new ConnectionLostException();
        if (line.Reply is { } fault) return ([], fault == Replies.LineTooLong ? Replies.AuthenticationLineTooLong : fault);
        return line.Text.Span.SequenceEqual("*"u8) ? ([], Replies.AuthenticationCancelled) : Decode(line.Text.Span);
    }

    // RFC 4954 section 4: a single equals sign is an empty initial response; otherwise base64 and nothing else.
    private static (byte[] Response, Reply? Refusal) Decode(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("="u8)) return ([], null);
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (text.ContainsAny(" \t"u8) || Base64.DecodeFromUtf8(text, bytes, out _, out var length) != OperationStatus.Done) return ([], Replies.BadBase64);
        if (length == bytes.Length) return (bytes, null);
        var exact = bytes[..length];
        CryptographicOperations.ZeroMemory(bytes);
        return (exact, null);
    }
}
