using System.Globalization;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Server.Verbs;

/// <summary>DATA (RFC 5321 section 4.1.1.4).</summary>
internal static class Data
{
    public static async ValueTask<Reply?> RunAsync(Session session)
    {
        // RFC 3030 section 3: what has no lines cannot come as lines.
        if (session.Transaction!.Sender.Body == MailBody.BinaryMime) return Replies.BinaryNeedsChunks;
        var connection = session.Connection;
        var content = session.Transaction!.OpenContent(session.Server, session.Limits);
        session.Say(Replies.StartInput);
        await connection.FlushAsync().ConfigureAwait(false);
        var decoder = new DataDecoder();
        while (!decoder.Ended)
        {
            var input = connection.Buffered;
            if (!input.IsEmpty)
            {
                connection.Consume(decoder.Decode(input.Span, content));
                await content.SpillAsync(connection.Aborted).ConfigureAwait(false);
            }
            else if (await session.AwaitContentAsync().ConfigureAwait(false) is { } lost)
            {
                return lost;
            }
        }
        content.Complete = true;
        session.Transcript?.Note(string.Create(CultureInfo.InvariantCulture, $"content of {content.Size} bytes"));
        return await Acceptance.CommitAsync(session).ConfigureAwait(false);
    }
}
