using System.Net;
using MailOps.Dns;
using MailOps.Messages;
using MailOps.Relay.Configuration;
using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <content>What administrators do with mail on its way.</content>
public sealed partial class DeliveryAgent
{
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(5);   // an administrator waits

    /// <summary>Where mail for a recipient goes next, by an administrator's redirect where there is one, and by what MAIL said and where the message came from.</summary>
    public NextHop NextHopOf(EmailAddress recipient, string? redirect, MailSender? sender) => _routes.Of(recipient, redirect, sender);

    /// <summary>What a route of kind Refuse says of a recipient; null where none is for it.</summary>
    public SmtpReply? RefusalOf(EmailAddress recipient, MailSender sender) =>
        _routes.Of(recipient, sender) is { Kind: RouteKind.Refuse, Way: { } way } ? RouteRefusal.Of(way.Options) : null;

    /// <summary>How a redirect to a target is written: the name of a configured route, or a server; null where it is neither.</summary>
    public string? RedirectTo(string target) => _routes.RedirectTo(target);

    /// <summary>Why no mail comes to a queue of this name by the configuration, as a sentence; null where it may.</summary>
    public string? WhyNothingComes(string nextHop) => _routes.WhyNothingComes(nextHop);

    /// <summary>
    /// What a target was taken for that may be a slip, as a sentence: a server that no route names and that has no address. Null as a rule. It is no error, for the DNS may be wrong
    /// now, and mail waits until the server is found. It takes five seconds at most; a DNS that takes longer, or cannot be asked, gives no answer.
    /// </summary>
    public async ValueTask<string?> DoubtOfAsync(string target, CancellationToken cancellationToken)
    {
        if (_routes.UnknownServer(target) is not { } server || IPAddress.TryParse(server.Host, out _)) return null;
        var status = await AddressStatusAsync(DomainName.ToAscii(server.Host), cancellationToken).ConfigureAwait(false);
        if (status == DnsStatus.Found) return null;
        var names = RouteNames.Count > 0 ? $" (those with a name are: {string.Join(", ", RouteNames)})" : "";
        return $"'{target}' is no route of this relay{names} and was taken for the server {server}, for which the DNS {(status == DnsStatus.Failed ? "gives no answer now" : "has no address")}: mail waits until there is one.";
    }

    private async Task<DnsStatus> AddressStatusAsync(string host, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(AskLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return (await dns.ResolveAddressesAsync(host, either.Token).ConfigureAwait(false)).Status;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return DnsStatus.Failed;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            trace.Fault($"asking the DNS for {host}, to which mail is moved", e);
            return DnsStatus.Failed;
        }
    }

    /// <summary>The names of the routes that have one.</summary>
    public IReadOnlyList<string> RouteNames => _routes.Names;

    /// <summary>
    /// After next hops were suspended or resumed, or messages changed that were claimed: what has not begun and should not any more goes back to the queue. What is under
    /// way ends.
    /// </summary>
    public void Recall()
    {
        foreach (var (destination, _) in Destinations()) destination.Recall();
    }

    /// <summary>
    /// Forgets that next hops could not be reached, and what their replies have changed, of this name or of all. Whether there was one, and what of the latter was forgotten, for people.
    /// </summary>
    public (bool Found, string? Forgotten) Retry(string? nextHop)
    {
        var wanted = Destinations().FindAll(d => nextHop is null || string.Equals(d.Destination.Hop.QueueName, nextHop, StringComparison.OrdinalIgnoreCase));
        var forgotten = new List<string>();
        foreach (var (destination, _) in wanted)
        {
            if (destination.Hop.Credential is { } credential) _credentials.Forget(credential);
            if (destination.Retry() is { } what) forgotten.Add(what);
        }
        return (wanted.Count > 0, forgotten.FirstOrDefault());
    }

    /// <summary>The pace of a next hop; null where nothing has gone there lately, and for folders.</summary>
    internal PaceState? PaceOf(NextHop hop)
    {
        lock (_gate) return _destinations.TryGetValue(hop, out var found) ? found.Destination.Pace : null;
    }

    /// <summary>Takes a message that is claimed out of the queue, undelivered; false where its sender has to be told and the queue takes no report: then it is still claimed.</summary>
    public Task<bool> RemoveAsync(QueuedMessage message, bool withReport, string? by, CancellationToken cancellationToken) =>
        _settler.RemoveAsync(message, withReport, by, cancellationToken);

    // An administrator has said so while an attempt was under way, or before the relay was last stopped.
    private async Task RemoveAsync(QueuedMessage message)
    {
        try
        {
            if (!await _settler.RemoveAsync(message, message.Hold == MessageHold.RemoveWithReport, null, _abort.Token).ConfigureAwait(false))
                await _settler.PostponeRemovalAsync(message, _abort.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            // The disk has not answered in time; the queue writes what it was given when it is closed.
        }
        catch (Exception e)
        {
            trace.Fault($"removing {message.Id}", e);
        }
        finally
        {
            _room.Release(PlacesOf(message));
        }
    }
}
