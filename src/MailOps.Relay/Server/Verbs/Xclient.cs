using MailOps.Relay.Server.Proxy;

namespace MailOps.Relay.Server.Verbs;

/// <summary>XCLIENT, Postfix's extension: a listed proxy says for whom it speaks. The session begins anew, as that client's.</summary>
internal static class Xclient
{
    public static ValueTask<Reply?> RunAsync(Session session, ReadOnlyMemory<byte> argument)
    {
        if (session.Listener.XclientNetworks is null) return new(Replies.NotImplemented);
        if ((session.Has & Has.Conveyor) == 0) return new(Replies.XclientDenied);
        if (ConveyedClient.Read(argument.Span, session.Conveyed) is not { } client) return new(Replies.BadXclient);
        return new(session.Become(client) ?? session.Listener.Greeting);
    }
}
