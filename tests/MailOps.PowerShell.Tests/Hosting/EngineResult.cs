using System.Collections.ObjectModel;
using System.Management.Automation;

namespace MailOps.PowerShell.Tests.Hosting;

/// <summary>Everything a script gave.</summary>
/// <remarks>
/// Terminated is true where the last of the errors ended the script: a throw, or <c>-ErrorAction Stop</c>. A cmdlet's terminating error ends its
/// statement only, as in a console; a test that must tell it from a written one puts it in <c>try { … } catch { … }</c>.
/// </remarks>
public sealed record EngineResult(
    IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors, IReadOnlyList<string> Warnings, IReadOnlyList<string> Verbose, bool Terminated)
{
    /// <summary>The one object that was written, without an error beside it; as <c>dynamic</c> its members are what PowerShell sees.</summary>
    public PSObject Only => Assert.Single(AssertNoErrors().Output);

    /// <summary>The one object, converted as PowerShell would.</summary>
    public T Value<T>() => LanguagePrimitives.ConvertTo<T>(Only);

    /// <summary>The one error that was reported.</summary>
    public ErrorRecord Error => Assert.Single(Errors);

    public EngineResult AssertNoErrors()
    {
        Assert.True(Errors.Count == 0, string.Join('\n', Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e} {e.ErrorDetails?.RecommendedAction}\n{e.ScriptStackTrace}\n{e.Exception}")));
        return this;
    }

    internal static EngineResult Of(System.Management.Automation.PowerShell shell, Func<Collection<PSObject>> invoke)
    {
        Collection<PSObject> output = [];
        ErrorRecord? last = null;
        try
        {
            output = invoke();
        }
        catch (RuntimeException e)
        {
            last = e.ErrorRecord;
        }
        ErrorRecord[] errors = last is null ? [.. shell.Streams.Error] : [.. shell.Streams.Error, last];
        return new EngineResult(output, errors, [.. shell.Streams.Warning.Select(w => w.Message)], [.. shell.Streams.Verbose.Select(v => v.Message)], last is not null);
    }
}
