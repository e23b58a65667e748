using System.Globalization;
using System.Text;

namespace MailOps.Relay.Server;

/// <summary>One reply of the server, encoded once: fixed ones live in <see cref="Replies"/>, others are made for the occasion.</summary>
internal sealed class Reply
{
    /// <param name="code">The three digits (RFC 5321 section 4.2.1).</param>
    /// <param name="enhanced">The enhanced code (RFC 2034 section 4), or null where the RFCs have none.</param>
    /// <param name="text">The text, lines joined by a line feed.</param>
    /// <param name="closes">Whether the session ends after it.</param>
    public Reply(int code, string? enhanced, string text, bool closes = false)
    {
        Code = code;
        Closes = closes;
        Wire = Encode(code, enhanced, text);
    }

    /// <summary>The three digits.</summary>
    public int Code { get; }

    /// <summary>Whether the session ends after it.</summary>
    public bool Closes { get; }

    /// <summary>The bytes to send.</summary>
    public ReadOnlyMemory<byte> Wire { get; }

    /// <summary>2yz or 3yz.</summary>
    public bool IsPositive => Code < 400;

    /// <summary>5yz: the client did something that will never work, which counts towards its errors.</summary>
    public bool IsPermanent => Code >= 500;

    /// <summary>What a target answered, as a reply. RFC 5321 section 3.8: 421 ends the session whoever says it.</summary>
    public static Reply From(SmtpReply reply) =>
        reply.IsPositive || reply.IsTemporary || reply.IsPermanent ? new Reply(reply.Code, reply.EnhancedCode, reply.Text, reply.Code == 421) : Replies.LocalError;

    private static byte[] Encode(int code, string? enhanced, string text)
    {
        var lines = text.Split('\n');
        var wire = new StringBuilder();
        for (var i = 0; i < lines.Length; i++)
        {
            wire.Append(code.ToString(CultureInfo.InvariantCulture)).Append(i < lines.Length - 1 ? '-' : ' ');
            if (enhanced is not null) wire.Append(enhanced).Append(' ');
            foreach (var c in lines[i]) wire.Append(c is >= ' ' and <= '~' ? c : '?');   // RFC 5321 section 4.2: replies are printable ASCII
            wire.Append("\r\n");
        }
        return Encoding.ASCII.GetBytes(wire.ToString());
    }
}
