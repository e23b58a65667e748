using System.Net;
using System.Net.Sockets;
using MailOps.Submission;

namespace MailOps.Diagnosis;

/// <summary>The steps of one test up to EHLO; what follows is in the other parts.</summary>
internal sealed partial class ProbeSession(SmtpServerTestOptions options, TestRecord record, Redaction redaction, CancellationToken deadline) : IDisposable
{
    private ProbeConnection? _connection;
    private IPAddress? _address;

    private ProbeConnection Connection => _connection!;

    /// <summary>How long a step may take that is expected to fail in silence: the rest of the time is for finding out why.</summary>
    private TimeSpan Half => TimeSpan.FromTicks(options.Timeout.Ticks / 2);

    public async Task RunAsync()
    {
        await ConnectAsync(await ResolveAsync().ConfigureAwait(false)).ConfigureAwait(false);
        if (options.IsImplicit) await StartImplicitTlsAsync().ConfigureAwait(false);
        await GreetAsync().ConfigureAwait(false);
        await HelloAsync().ConfigureAwait(false);
        if (!options.IsImplicit && options.Tls != TlsMode.None) await StartTlsAsync().ConfigureAwait(false);
        if (await AuthenticateAsync().ConfigureAwait(false)) await AskAsync().ConfigureAwait(false);
        await QuitAsync().ConfigureAwait(false);
        await ListTlsAsync().ConfigureAwait(false);
        await TryRelayingAsync().ConfigureAwait(false);
    }

    public void Dispose() => _connection?.Dispose();

    private async Task<IPAddress[]> ResolveAsync()
    {
        record.Begin("Resolve");
        if (IPAddress.TryParse(options.Server, out var literal)) return [literal];
        try
        {
            // .NET Framework cannot cancel a look-up: it is left behind.
            var asked = options.Resolve(options.Server);
            if (await Task.WhenAny(asked, Task.Delay(Half, deadline)).ConfigureAwait(false) != asked)
            {
                deadline.ThrowIfCancellationRequested();
                throw Fault(Faults.NameNotResolved(options.Server, "the DNS does not answer"), "(no answer)");
            }
            var found = await asked.ConfigureAwait(false);
            if (found.Length == 0) throw Fault(Faults.NameNotResolved(options.Server, "it has none"), "(no address)");
            record.End(string.Join(", ", found.Select(address => address.ToString())));
            return found;
        }
        catch (SocketException e)
        {
            throw Fault(Faults.NameNotResolved(options.Server, e.Message.TrimEnd('.')), e.SocketErrorCode.ToString(), e);
        }
    }

    private async Task ConnectAsync(IPAddress[] addresses)
    {
        record.Begin("Connect");
        Func<Task<ProbeFaultException>>? failed = null;   // made for the last address only: to look at other ports takes its time
        var waits = TimeSpan.FromTicks(Half.Ticks / addresses.Length);
        foreach (var address in addresses)
        {
            record.EndPoint = new IPEndPoint(address, options.EffectivePort).ToString();
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(deadline);
            limit.CancelAfter(waits);
            try
            {
                _connection = await ProbeConnection.OpenAsync(address, options.EffectivePort, redaction, limit.Token).ConfigureAwait(false);
                _address = address;
                record.End(record.EndPoint);
                return;
            }
            catch (SocketException e)
            {
                failed = () => UnreachableAsync(address, e);
            }
            catch (OperationCanceledException e) when (!deadline.IsCancellationRequested)
            {
                failed = async () => Fault(Faults.PortFiltered(record.EndPoint, waits, await OthersAsync(address).ConfigureAwait(false)), "(no answer)", e);
            }
        }
        throw await failed!().ConfigureAwait(false);
    }

    private async Task<ProbeFaultException> UnreachableAsync(IPAddress address, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => Fault(Faults.PortClosed(record.EndPoint!, await OthersAsync(address).ConfigureAwait(false)), "refused", e),
        SocketError.TimedOut => Fault(Faults.PortFiltered(record.EndPoint!, record.Elapsed, await OthersAsync(address).ConfigureAwait(false)), "(no answer)", e),
        _ => Fault(Faults.Unreachable(record.EndPoint!, e.Message.TrimEnd('.')), e.SocketErrorCode.ToString(), e),
    };

    private async Task GreetAsync()
    {
        record.Begin("Greeting");
        var reply = await GreetingAsync().ConfigureAwait(false);
        record.Banner = reply.ToString();
        // RFC 5321 section 3.1: 220, or 554 from who serves nobody.
        if (reply.Code != 220) throw Fault(Faults.ServiceRefused(reply), reply.ToString());
        record.End(reply.ToString());
    }

    private async Task<SmtpReply> GreetingAsync()
    {
        var greeting = Connection.ReadReplyAsync(deadline);
        try
        {
            // Silence is what a server gives that waits for TLS, but also one that delays its greeting: both are waited for.
            var patience = TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(3).Ticks, options.Timeout.Ticks / 6));
            if (await IsSilentAsync(greeting, patience).ConfigureAwait(false))
            {
                if (Connection.Tls is null && await Elsewhere.TlsSpeakerAsync(_address!, options.EffectivePort, options.Server, TimeSpan.FromTicks(patience.Ticks * 2), deadline).ConfigureAwait(false) is { } speaker
                    && !greeting.IsCompleted)
                    throw Fault(Faults.ImplicitTlsPort(record.EndPoint!, speaker), $"silent until TLS, then {speaker}");
                var left = Half - patience;
                if (await IsSilentAsync(greeting, left).ConfigureAwait(false)) await SpeakFirstAsync(greeting).ConfigureAwait(false);
            }
            return await greeting.ConfigureAwait(false);
        }
        catch (NotSmtpException e)
        {
            var shown = redaction.Show(e.Text);
            if (OtherProtocol.IsTls(e.Seen)) throw Fault(Faults.ImplicitTlsPort(record.EndPoint!, "SMTP"), shown, e);
            throw Fault(Faults.NotSmtp(record.EndPoint!, OtherProtocol.Name(e.Seen), await OthersAsync(_address!).ConfigureAwait(false)), shown, e);
        }
        finally
        {
            _ = greeting.ContinueWith(static left => left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    private async Task<bool> IsSilentAsync(Task reading, TimeSpan patience)
    {
        var silent = await Task.WhenAny(reading, Task.Delay(patience, deadline)).ConfigureAwait(false) != reading;
        deadline.ThrowIfCancellationRequested();
        return silent;
    }

    /// <summary>A web server speaks only when it is spoken to; what it says then is no reply, which the reader of the greeting finds.</summary>
    private async Task SpeakFirstAsync(Task<SmtpReply> greeting)
    {
        await Connection.SendAsync(System.Text.Encoding.ASCII.GetBytes("EHLO localhost\r\n\r\n"), deadline).ConfigureAwait(false);
        var seen = await IsSilentAsync(greeting, Elsewhere.Share(options)).ConfigureAwait(false) ? "(nothing)" : (await greeting.ConfigureAwait(false)).ToString();
        throw Fault(Faults.NoGreeting(record.EndPoint!, Half, await OthersAsync(_address!).ConfigureAwait(false)), seen);
    }

    private async Task HelloAsync()
    {
        record.Begin("Hello");
        var name = options.LocalDomain ?? ServerName.Own(Connection.LocalAddress);
        var reply = await AskAsync("EHLO " + name).ConfigureAwait(false);
        if (reply.IsPositive)
        {
            record.Capabilities = Capabilities.Read(reply);
            record.End(reply.ToString());
            return;
        }
        // RFC 5321 section 4.1.4: whoever does not know EHLO is greeted with HELO.
        var old = await AskAsync("HELO " + name).ConfigureAwait(false);
        record.Capabilities = Capabilities.None;
        if (!old.IsPositive) throw await NoHelloAsync(name, old).ConfigureAwait(false);
        record.End($"{reply} / {old}", Faults.HelloOnly(reply));
    }

    /// <summary>FTP and LMTP (RFC 2033 section 4.1) greet as SMTP does.</summary>
    private async Task<ProbeFaultException> NoHelloAsync(string name, SmtpReply refusal)
    {
        var other = OtherProtocol.IsFtp(record.Banner) ? "FTP" : (await AskAsync("LHLO " + name).ConfigureAwait(false)).IsPositive ? "LMTP" : null;
        return Fault(other is null ? Faults.HelloRefused(refusal) : Faults.NotSmtp(record.EndPoint!, other, ""), refusal.ToString());
    }

    /// <summary>One command and its reply; what came unasked is the end.</summary>
    private async Task<SmtpReply> AskAsync(string command)
    {
        if (Connection.HasUnread)
        {
            var seen = await Connection.ShowUnreadAsync(deadline).ConfigureAwait(false);
            throw seen.Length == 0 || seen.StartsWith("421", StringComparison.Ordinal)
                ? Fault(Faults.ConnectionLost(record.Step, seen.Length == 0 ? "it said nothing more" : seen), seen)
                : Fault(Faults.UnexpectedReplies(record.Step, seen), seen);
        }
        return await Connection.AskAsync(command, deadline).ConfigureAwait(false);
    }

    private Task<string> OthersAsync(IPAddress address) => Elsewhere.UsualPortsAsync(address, options, deadline);

    private static ProbeFaultException Fault(SmtpServerFinding finding, string seen, Exception? cause = null) => new(finding, seen, cause);

}
