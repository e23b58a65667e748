using System.Net;
using System.Net.Sockets;

namespace MailOps.Dns;

/// <summary>Passes questions on, so many at a time: a resolver that gets thousands at once drops some of them.</summary>
/// <param name="inner">Who is asked.</param>
/// <param name="atOnce">Questions at a time. Default: 64, few enough for a home router's resolver.</param>
public sealed class GatedInspector(IDnsInspector inner, int atOnce = 64) : IDnsInspector, IDisposable
{
    private readonly SemaphoreSlim _gate = new(atOnce);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken) => AskAsync(() => inner.ResolveMxAsync(domain, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken) => AskAsync(() => inner.ResolveAddressesAsync(host, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, AddressFamily family, CancellationToken cancellationToken) =>
        AskAsync(() => inner.ResolveAddressesAsync(host, family, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<TlsaRecord>> ResolveTlsaAsync(string name, CancellationToken cancellationToken) => AskAsync(() => inner.ResolveTlsaAsync(name, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> ResolveTxtAsync(string name, CancellationToken cancellationToken) => AskAsync(() => inner.ResolveTxtAsync(name, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> ResolveAliasAsync(string name, CancellationToken cancellationToken) => AskAsync(() => inner.ResolveAliasAsync(name, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> ResolveNamesAsync(IPAddress address, CancellationToken cancellationToken) => AskAsync(() => inner.ResolveNamesAsync(address, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<SrvRecord>> ResolveSrvAsync(string name, CancellationToken cancellationToken) => AskAsync(() => inner.ResolveSrvAsync(name, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async ValueTask<DnsAnswer<T>> AskAsync<T>(Func<ValueTask<DnsAnswer<T>>> ask, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ask().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }
}
