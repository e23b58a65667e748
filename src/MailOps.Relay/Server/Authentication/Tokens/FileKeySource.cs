namespace MailOps.Relay.Server.Authentication.Tokens;

/// <summary>A key set in a file.</summary>
internal sealed class FileKeySource(string path) : IKeySource
{
    public async Task<byte[]> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public void Dispose()
    {
    }
}
