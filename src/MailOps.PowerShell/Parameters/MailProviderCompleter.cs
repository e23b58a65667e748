using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using MailOps.Providers;

namespace MailOps.PowerShell.Parameters;

/// <summary>Completes the names of providers, by any part of the name that they are known by.</summary>
public sealed class MailProviderCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = wordToComplete.Trim('\'', '"');
        return MailProviders.All
            .Where(provider => Contains(provider.Name, word) || Contains(provider.DisplayName, word))
            .OrderByDescending(provider => provider.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(provider => new CompletionResult(provider.Name, provider.Name, CompletionResultType.ParameterValue, provider.DisplayName));
    }

    private static bool Contains(string text, string word) => CultureInfo.InvariantCulture.CompareInfo.IndexOf(text, word, CompareOptions.OrdinalIgnoreCase) >= 0;
}
