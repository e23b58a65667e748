namespace MailOps.Web;

/// <summary>Reads what a web server sends, to a limit.</summary>
internal static class BoundedContent
{
    /// <summary>The whole content; null where it has more than the bytes given.</summary>
    /// <param name="content">The content, of which no more than the header has been read.</param>
    /// <param name="maxSize">The most bytes that are taken.</param>
    /// <param name="cancellationToken">Gives up at once, also where the platform's stream would not.</param>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int maxSize, CancellationToken cancellationToken)
    {
#if NET
        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
#else
        using var stream = await content.ReadAsStreamAsync().ConfigureAwait(false);
#endif
        // .NET Framework's stream does not heed the token while it reads.
        using var closing = cancellationToken.Register(stream.Dispose);
        var buffer = new byte[maxSize + 1];
        var length = 0;
        try
        {
            for (int read; length < buffer.Length && (read = await stream.ReadAsync(buffer, length, buffer.Length - length, cancellationToken).ConfigureAwait(false)) > 0;) length += read;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        if (length == buffer.Length) return null;
        Array.Resize(ref buffer, length);
        return buffer;
    }

    /// <summary>An exception and what caused it, the first cause last.</summary>
    public static IEnumerable<Exception> Causes(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException) yield return cause;
    }
}
