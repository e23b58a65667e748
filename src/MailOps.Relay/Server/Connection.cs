using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MailOps.Relay.Server.Handshake;

namespace MailOps.Relay.Server;

/// <summary>What came of waiting for the client.</summary>
internal enum Input
{
    /// <summary>There are more bytes in <see cref="Connection.Buffered"/>.</summary>
    More,
    /// <summary>The client has closed its side.</summary>
    End,
    /// <summary>The client kept quiet too long.</summary>
    TimedOut,
    /// <summary>The server is stopping and wants the session to look up.</summary>
    Interrupted,
}

/// <summary>The peer is gone or the connection broke: nothing can be said to it any more.</summary>
internal sealed class ConnectionLostException(Exception? cause = null) : Exception("The connection was lost.", cause);

/// <summary>
/// The bytes of one session: what was read and not yet consumed, what was written and not yet sent. Waiting for input sends first, so no reply can be
/// forgotten; while it waits for a command, it holds next to no buffer. TLS swaps the streams, and what came in plain text is thrown away.
/// </summary>
/// <remarks>Time-outs need no timer a session: the server looks at all deadlines once a second (<see cref="Expire"/>).</remarks>
internal sealed class Connection(Stream transport, IPAddress client, TimeProvider clock, LimitOptions limits) : IAsyncDisposable
{
    /// <summary>How long a session has to say goodbye after its time is over, before the connection is cut.</summary>
    public static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);

    private const int FirstOutput = 512;

    private readonly CancellationTokenSource _aborted = new();
    private readonly Stream _transport = transport;
    private readonly InputBuffer _input = new();
    private readonly long _end = limits.MaxSessionTime == TimeSpan.Zero ? long.MaxValue : clock.GetTimestamp() + Ticks(limits.MaxSessionTime, clock);
    private Stream _stream = transport;
    private CancellationTokenSource _wake = new();
    private byte[] _output = [];
    private int _written;
    private bool _outputEnded;
    private long _deadline = long.MaxValue;

    /// <summary>The client's address; IPv4 as such, also where it came over an IPv6 socket.</summary>
    public IPAddress Client { get; private set; } = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;

    /// <summary>The client's port, where a proxy told it; null where it told none, or there is none: then <see cref="EndPoints"/> knows.</summary>
    public int? ConveyedPort { get; private set; }

    /// <summary>TLS version and cipher, as in <c>TLSv1.3 with cipher TLS_AES_256_GCM_SHA384</c>; null for plain text.</summary>
    public string? Tls { get; private set; }

    /// <summary>The TLS stream, for what it knows of both ends; null for plain text.</summary>
    public SslStream? SecureStream => Tls is null ? null : (SslStream)_stream;

    /// <summary>Both ends of the socket; null where there is none, or where it is closed.</summary>
    public (EndPoint Local, EndPoint Remote)? EndPoints
    {
        get
        {
            try
            {
                return _transport is NetworkStream { Socket: { LocalEndPoint: { } local, RemoteEndPoint: { } remote } } ? (local, remote) : null;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <summary>What was read and not consumed. It stays valid until the next <see cref="FillAsync"/>.</summary>
    public ReadOnlyMemory<byte> Buffered => _input.Held;

    /// <summary>Cancelled when the connection is cut.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Whether the session's time as a whole is over.</summary>
    public bool IsOver => clock.GetTimestamp() >= _end;

    /// <summary>A deadline for the client: its patience counted from now, or the end of the session's time.</summary>
    public long Deadline()
    {
        var now = clock.GetTimestamp();
        return now + Math.Min(Ticks(limits.IdleTimeout, clock), Math.Max(_end - now, 0));
    }

    /// <summary>The connection is another client's from now on: a proxy said so that may.</summary>
    public void Convey(IPAddress client, int? port) => (Client, ConveyedPort) = (client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client, port);

    /// <summary>Reads what stands before all else and is no part of the session.</summary>
    /// <returns>How many bytes came: all, as a rule; fewer where the client ended; -1 where its time was over, or the server is stopping.</returns>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async ValueTask<int> ReadFirstAsync(Memory<byte> bytes, long deadline)
    {
        Volatile.Write(ref _deadline, deadline);
        try
        {
            var count = 0;
            while (count < bytes.Length && await _transport.ReadAsync(bytes[count..], _wake.Token).ConfigureAwait(false) is > 0 and var more) count += more;
            return count;
        }
        catch (OperationCanceledException) when (!_aborted.IsCancellationRequested)
        {
            return -1;
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new ConnectionLostException(e);
        }
        finally
        {
            Volatile.Write(ref _deadline, long.MaxValue);
        }
    }

    /// <summary>Marks bytes of <see cref="Buffered"/> as done with.</summary>
    public void Consume(int count) => _input.Consume(count);

    /// <summary>Sends what was written, then waits until more bytes are there than now.</summary>
    /// <param name="deadline">When the client's time is over.</param>
    /// <param name="content">Whether a message's content is coming, which is worth a larger buffer.</param>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async ValueTask<Input> FillAsync(long deadline, bool content = false)
    {
        if (_written > 0) await FlushAsync().ConfigureAwait(false);
        var wake = _wake;
        Volatile.Write(ref _deadline, deadline);
        try
        {
            // TLS keeps its own buffers while it reads; asked for nothing, it waits without them.
            if (Tls is not null) await _stream.ReadAsync(Memory<byte>.Empty, wake.Token).ConfigureAwait(false);
            var count = await _stream.ReadAsync(_input.Room(content), wake.Token).ConfigureAwait(false);
            _input.Took(count);
            return count > 0 ? Input.More : Input.End;
        }
        catch (OperationCanceledException) when (wake.IsCancellationRequested && !_aborted.IsCancellationRequested)
        {
            _wake = new CancellationTokenSource();
            return clock.GetTimestamp() >= deadline ? Input.TimedOut : Input.Interrupted;
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new ConnectionLostException(e);
        }
        finally
        {
            Volatile.Write(ref _deadline, long.MaxValue);
        }
    }

    /// <summary>Puts bytes into the next write.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_output.Length - _written < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstOutput, _written + bytes.Length));
            _output.AsSpan(0, _written).CopyTo(larger);
            ReturnOutput();
            _output = larger;
        }
        bytes.CopyTo(_output.AsSpan(_written));
        _written += bytes.Length;
    }

    /// <summary>Sends what was written, in one write.</summary>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async ValueTask FlushAsync()
    {
        if (_written == 0) return;
        Volatile.Write(ref _deadline, Deadline());
        try
        {
            await _stream.WriteAsync(_output.AsMemory(0, _written), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new ConnectionLostException(e);
        }
        finally
        {
            Volatile.Write(ref _deadline, long.MaxValue);
            ReturnOutput();
            _written = 0;
        }
    }

    /// <summary>Begins TLS. RFC 3207 section 4.2: what the plain-text side had read is thrown away.</summary>
    /// <param name="choose">Chooses the certificate by what the client says first.</param>
    /// <exception cref="ConnectionLostException">The handshake failed.</exception>
    public async ValueTask StartTlsAsync(ServerOptionsSelectionCallback choose)
    {
        _input.Dispose();
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        Volatile.Write(ref _deadline, Deadline());
        try
        {
            await tls.AuthenticateAsServerAsync(choose, null, Aborted).ConfigureAwait(false);
            Tls = $"{TlsVersions.Name(tls.SslProtocol)} with cipher {tls.NegotiatedCipherSuite}";
        }
        catch (Exception e) when (IsLoss(e) || e is NotSupportedException)   // which .NET says where the first record is no handshake: it then asks for no certificate
        {
            throw new ConnectionLostException(e);
        }
        finally
        {
            Volatile.Write(ref _deadline, long.MaxValue);
        }
    }

    /// <summary>
    /// Sends what was written, ends this side, and throws away what the client still sends until it ends its own. Closing over unread bytes would reset the
    /// connection, and the client might lose the last reply.
    /// </summary>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async ValueTask DrainAsync()
    {
        await FlushAsync().ConfigureAwait(false);
        var deadline = clock.GetTimestamp() + (long)(Farewell.TotalSeconds * clock.TimestampFrequency);
        try
        {
            await EndOutputAsync().ConfigureAwait(false);
            if (_transport is NetworkStream network) network.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw new ConnectionLostException(e);
        }
        while (await FillAsync(deadline).ConfigureAwait(false) == Input.More) Consume(Buffered.Length);
    }

    /// <summary>Wakes a session that waits for input, now or at its next wait.</summary>
    public void Interrupt() => _wake.Cancel();

    /// <summary>Looks at the deadline: past it, the session is woken; long past it, the connection is cut.</summary>
    /// <param name="now">The clock's timestamp.</param>
    public void Expire(long now)
    {
        var deadline = Volatile.Read(ref _deadline);
        if (now < deadline) return;
        if (now - deadline < Farewell.TotalSeconds * clock.TimestampFrequency) Interrupt();
        else Abort();
    }

    /// <summary>Cuts the connection, whatever it is doing.</summary>
    /// <exception cref="AggregateException">Who waited for it did not take it well; it is cut all the same.</exception>
    public void Abort()
    {
        try
        {
            _aborted.Cancel();
        }
        catch (ObjectDisposedException)
        {
            return;   // the session ended by itself in this moment
        }
        finally
        {
            _transport.Dispose();
        }
    }

    /// <summary>Says goodbye where there is someone to say it to, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _deadline, Deadline());
        try
        {
            await EndOutputAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsLoss(e))
        {
            // The peer went first: there is nobody left to tell.
        }
        finally
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
            _input.Dispose();
            ReturnOutput();
            _aborted.Dispose();
        }
    }

    // RFC 8446 section 6.1: TLS says that it ends, once.
    private async ValueTask EndOutputAsync()
    {
        if (_outputEnded || _aborted.IsCancellationRequested) return;
        _outputEnded = true;
        if (Tls is null) return;
        try
        {
            await ((SslStream)_stream).ShutdownAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (!IsLoss(e))
        {
            throw new IOException("TLS could not be ended: the client broke it before.", e);   // what OpenSSL says of that has types of its own, some not public
        }
    }

    private void ReturnOutput()
    {
        if (_output.Length > 0) ArrayPool<byte>.Shared.Return(_output);
        _output = [];
    }

    private static long Ticks(TimeSpan time, TimeProvider clock) => (long)(time.TotalSeconds * clock.TimestampFrequency);

    private static bool IsLoss(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException;
}
