#if NET
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Net;

namespace MailOps.PowerShell.Relays;

/// <summary>
/// Asks the administrator's script whether a name and a password belong together: in runspaces of its own, a few at a time, away from the relay's threads and from the
/// session that started it. Only one $true, and nothing else, is a yes.
/// </summary>
internal sealed class ScriptCheck : IDisposable
{
    /// <summary>As many logins are asked about at a time; the others wait, until their time is over.</summary>
    private const int MaxRunspaces = 4;

    private readonly string _script;
    private readonly RunspacePool _pool;

    /// <param name="script">The script; of its surroundings it sees nothing.</param>
    /// <param name="mode">The language mode of the session that gave it, which it must not leave by coming here.</param>
    public ScriptCheck(ScriptBlock script, PSLanguageMode mode)
    {
        _script = script.ToString();
        var state = InitialSessionState.CreateDefault2();
        state.LanguageMode = mode;
        _pool = RunspaceFactory.CreateRunspacePool(state);
        _pool.SetMaxRunspaces(MaxRunspaces);
        _pool.Open();
    }

    /// <summary>Asks it.</summary>
    /// <exception cref="InvalidOperationException">It failed, or gave something else than one Boolean.</exception>
    public async Task<bool> VerifyAsync(string userName, string password, IPAddress clientAddress, CancellationToken cancellationToken)
    {
        using var shell = System.Management.Automation.PowerShell.Create();
        shell.RunspacePool = _pool;
        shell.AddScript(_script).AddArgument(userName).AddArgument(password).AddArgument(clientAddress);
        await using var stop = cancellationToken.Register(() => shell.BeginStop(null, null));
        try
        {
            var output = await Task.Factory.FromAsync(shell.BeginInvoke(), shell.EndInvoke).ConfigureAwait(false);
            if (shell.Streams.Error.Count > 0) throw Failed(shell.Streams.Error[0].ToString(), shell.Streams.Error[0].InvocationInfo, password);
            return output.Count == 1 && output[0]?.BaseObject is bool yes ? yes : throw new InvalidOperationException($"The script of -Authenticate gave {output.Count} objects; it must give $true or $false and nothing else.");
        }
        catch (RuntimeException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(e.Message, e.ErrorRecord?.InvocationInfo, password);
        }
    }

    public void Dispose() => _pool.Dispose();

    // The exception itself could hold the password, as an error in binding a parameter does: only its words go on, and not that one.
    private static InvalidOperationException Failed(string message, InvocationInfo? where, string password) =>
        new($"The script of -Authenticate failed{(where is null ? "" : $" in line {where.ScriptLineNumber}")}: {(password.Length > 0 ? message.Replace(password, "********", StringComparison.OrdinalIgnoreCase) : message)}");
}
#endif
