using System.Text;
using MailOps.Messages;

namespace MailOps.Relay.Server.Verbs;

/// <summary>EHLO and HELO (RFC 5321 section 4.1.1.1).</summary>
internal static class Greeting
{
    public static async ValueTask<Reply?> EhloAsync(Session session, ReadOnlyMemory<byte> argument)
    {
        if (ReadName(argument.Span) is not { } name) return Replies.BadDomain;
        await session.GreetAsync(name, extended: true).ConfigureAwait(false);
        return session.Listener.Extensions(session.HasByTls);
    }

    public static async ValueTask<Reply?> HeloAsync(Session session, ReadOnlyMemory<byte> argument)
    {
        if (ReadName(argument.Span) is not { } name) return Replies.BadDomain;
        await session.GreetAsync(name, extended: false).ConfigureAwait(false);
        return session.Listener.Helo;
    }

    // The name goes into the trace header, so it must be one word that can stand there. It is not checked against anything (RFC 5321 section 4.1.4).
    private static string? ReadName(ReadOnlySpan<byte> argument)
    {
        var name = Encoding.Latin1.GetString(argument);
        if (EmailAddress.TryParse("x@" + name, out _, allowUtf8: false)) return name;
        // Names that are none but are common: a trailing dot, and what devices and scripts put together.
        return name.Length <= 255 && name.All(c => char.IsAsciiLetterOrDigit(c) || "-._:[]".Contains(c, StringComparison.Ordinal)) ? name : null;
    }

    /// <summary>Whether a client may call itself that.</summary>
    public static bool IsName(string name) => ReadName(Encoding.Latin1.GetBytes(name)) is not null;
}
