namespace MailOps.Relay.Server.Verbs;

/// <summary>RSET (RFC 5321 section 4.1.1.5).</summary>
internal static class Rset
{
    public static async ValueTask<Reply?> RunAsync(Session session)
    {
        await session.ResetAsync().ConfigureAwait(false);
        return Replies.Ok;
    }
}
