using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;

namespace MailOps.Relay.Server.Authentication;

/// <summary>The exchange of an AUTH command (RFC 4954 section 4): challenges go out as 334 with base64, answers are lines of base64.</summary>
internal sealed class SaslExchange(Session session, ReadOnlyMemory<byte>? initialResponse) : ISaslExchange
{
    // Decoded now: the line is valid only until the next one is read.
    private readonly Answer? _initial = initialResponse is { } text ? Decode(text.Span, isInitial: true) : null;

    public IPAddress Client => session.Connection.Client;

    public byte[]? EndPointBinding => session.TlsIdentity?.Binding;

    public string? CertificateUser => session.TlsIdentity?.CertificateUser;

    public async ValueTask<byte[]> FirstAsync(ReadOnlyMemory<byte> challenge)
    {
        if (_initial is null) return await AskAsync(challenge).ConfigureAwait(false);
        return _initial.Fault is { } fault ? throw new SaslEndedException(fault) : _initial.Bytes;
    }

    public async ValueTask<byte[]> AskAsync(ReadOnlyMemory<byte> challenge)
    {
        session.Say(challenge.IsEmpty ? Replies.ContinueEmpty : Replies.Continue(challenge.Span));
        var line = await session.ReadLineAsync(CommandLine.MaxAuthenticationLength).ConfigureAwait(false);
        if (line.Ended) throw new ConnectionLostException();
        if (line.Reply is null) session.Transcript?.Answered(line.Text.Span);
        if (line.Reply is { } unread) throw new SaslEndedException(unread == Replies.LineTooLong ? Replies.AuthenticationLineTooLong : unread);
        if (line.Text.Span.SequenceEqual("*"u8)) throw new SaslEndedException(Replies.AuthenticationCancelled);
        var answer = Decode(line.Text.Span, isInitial: false);
        return answer.Fault is { } fault ? throw new SaslEndedException(fault) : answer.Bytes;
    }

    // RFC 4954 section 4: a single equals sign is an empty initial response, and later an empty line is an empty one; otherwise base64 and nothing else.
    private static Answer Decode(ReadOnlySpan<byte> text, bool isInitial)
    {
        if (isInitial && text.SequenceEqual("="u8)) return new([], null);
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (text.ContainsAny(" \t"u8) || Base64.DecodeFromUtf8(text, bytes, out _, out var length) != OperationStatus.Done) return new([], Replies.BadBase64);
        if (length == bytes.Length) return new(bytes, null);
        var exact = bytes[..length];
        CryptographicOperations.ZeroMemory(bytes);
        return new(exact, null);
    }

    private sealed record Answer(byte[] Bytes, Reply? Fault);
}
