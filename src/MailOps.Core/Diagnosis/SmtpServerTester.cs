using System.Net;
using MailOps.Messages;
using MailOps.Submission;

namespace MailOps.Diagnosis;

/// <summary>Tests one server and port: connects, talks, and says what is wrong. No message is ever sent.</summary>
public static class SmtpServerTester
{
    /// <summary>Runs the test. What fails is a finding; only a cancellation and wrong options are thrown.</summary>
    /// <param name="options">What is tested.</param>
    /// <param name="cancellationToken">Ends the test at once.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidDomain"/> where the server's or this machine's name is not one; <see cref="ErrorCode.InvalidAddress"/> where sender or recipient is no address.
    /// </exception>
    public static async Task<SmtpServerTest> RunAsync(SmtpServerTestOptions options, CancellationToken cancellationToken)
    {
        options = Checked(options);
        var record = new TestRecord();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Timeout);
        var redaction = new Redaction(options.Credential);
        using var session = new ProbeSession(options, record, redaction, deadline.Token);
        try
        {
            await session.RunAsync().ConfigureAwait(false);
        }
        catch (ProbeFaultException e)
        {
            record.Fail(e);
        }
        catch (NotSmtpException e)
        {
            record.Fail(new ProbeFaultException(Faults.ProtocolBroken(record.Step, e.Message), redaction.Show(e.Text), e));
        }
        catch (IOException e)
        {
            record.Fail(new ProbeFaultException(Faults.ConnectionLost(record.Step, e is EndOfStreamException ? "it said nothing more" : WireText.Show(e.Message.TrimEnd('.'))), "(closed)", e));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            record.Fail(new ProbeFaultException(Faults.TimedOut(record.Step, options.Timeout), "(nothing more)", e));
        }
        return record.Result(options);
    }

    private static SmtpServerTestOptions Checked(SmtpServerTestOptions options)
    {
        var server = options.Server.Trim().Trim('[', ']');
        if (!IPAddress.TryParse(server, out _) && !DomainName.TryToAscii(server, out server))
            throw new MailOpsException(ErrorCode.InvalidDomain, $"'{WireText.Show(options.Server)}' is not the name of a server.", "Write a host name or an IP address, and the port with -Port.");
        // They go on the wire as they are: a line break in one would be a command.
        if (options.LocalDomain is { } name && !EmailAddress.TryParse("x@" + name, out _))
            throw new MailOpsException(ErrorCode.InvalidDomain, $"'{WireText.Show(name)}' is not a name that a client can give itself.", "Write a domain name, or an address literal as in [192.0.2.1].");
        foreach (var address in new[] { options.From, options.Recipient })
        {
            if (!string.IsNullOrEmpty(address) && !EmailAddress.TryParse(address, out _))
                throw new MailOpsException(ErrorCode.InvalidAddress, $"'{WireText.Show(address!)}' is not an e-mail address.", "Write it as local-part@domain, without a name.");
        }
        return options with { Server = server };
    }
}
