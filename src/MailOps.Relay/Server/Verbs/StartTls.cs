namespace MailOps.Relay.Server.Verbs;

/// <summary>STARTTLS (RFC 3207).</summary>
internal static class StartTls
{
    public static async ValueTask<Reply?> RunAsync(Session session)
    {
        if (session.Listener.Certificates is not { } certificates) return Replies.NotImplemented;
        // RFC 3207 section 4.2: what came with STARTTLS came in plain text, from anyone. It would be taken for the client's own words inside TLS.
        if (!session.Connection.Buffered.IsEmpty) return Replies.PipelinedAfterTls;
        session.Say(Replies.ReadyForTls);
        await session.Connection.FlushAsync().ConfigureAwait(false);
        await session.StartTlsAsync(certificates).ConfigureAwait(false);
        session.Forget();
        return null;
    }
}
