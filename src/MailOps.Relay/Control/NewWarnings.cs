namespace MailOps.Relay.Control;

/// <summary>
/// Which of a relay's warnings are new to one who looks at them again and again. One that differs only in its numbers from one that has gone meanwhile is that one, counted on, and not new.
/// </summary>
public sealed class NewWarnings
{
    private HashSet<string> _seen = [];

    /// <summary>Those of the warnings there are now that are to be told: each once, until it is gone and comes again.</summary>
    /// <param name="warnings">All that there are now.</param>
    public IReadOnlyList<string> Of(IReadOnlyList<string> warnings)
    {
        var gone = _seen.Except(warnings).Select(WithoutNumbers).ToList();
        List<string> unseen = [.. warnings.Except(_seen).Where(warning => !gone.Remove(WithoutNumbers(warning)))];
        _seen = [.. warnings];
        return unseen;
    }

    private static string WithoutNumbers(string text) => string.Concat(text.Where(c => !char.IsAsciiDigit(c)));
}
