namespace MailOps.Filtering;

/// <summary>
/// Reads a filter: comparisons joined by <c>-or</c>, then by <c>-and</c>, which binds closer, with <c>-not</c> before a comparison and parentheses around any part.
/// </summary>
internal sealed class FilterParser(IReadOnlyList<FilterToken> tokens, IReadOnlyDictionary<string, FilterProperty> properties)
{
    private const int MaxDepth = 100;   // of parentheses: a script's mistake must not end the process by its stack
    private int _next;
    private int _depth;

    private FilterToken Current => tokens[_next];

    public Func<object, bool> Parse()
    {
        var filter = Alternatives();
        return Current.Kind == FilterTokenKind.End ? filter : throw FilterFault.At(Current.Position, $"'{Current.Text}' is too much, or -and or -or is missing before it");
    }

    private Func<object, bool> Alternatives()
    {
        var left = Conditions();
        while (Skip("-or"))
        {
            var (one, other) = (left, Conditions());
            left = item => one(item) || other(item);
        }
        return left;
    }

    private Func<object, bool> Conditions()
    {
        var left = Condition();
        while (Skip("-and"))
        {
            var (one, other) = (left, Condition());
            left = item => one(item) && other(item);
        }
        return left;
    }

    private Func<object, bool> Condition()
    {
        if (++_depth > MaxDepth) throw FilterFault.At(Current.Position, "it is nested too deeply");
        try
        {
            if (Skip("-not"))
            {
                var negated = Condition();
                return item => !negated(item);
            }
            if (Current.Kind != FilterTokenKind.Open) return Compared();
            var opened = Take();
            var inner = Alternatives();
            if (Take().Kind != FilterTokenKind.Close) throw FilterFault.At(opened.Position, "the parenthesis is not closed");
            return inner;
        }
        finally
        {
            _depth--;
        }
    }

    private Func<object, bool> Compared()
    {
        var name = Take();
        if (name.Kind != FilterTokenKind.Word) throw FilterFault.At(name.Position, $"a property is expected, not '{name.Text}'");
        if (!properties.TryGetValue(name.Text, out var property)) throw FilterFault.UnknownProperty(name.Text, [.. properties.Values.Select(known => known.Name)]);
        var comparison = Take();
        var written = comparison.Text.ToLowerInvariant();
        if (comparison.Kind != FilterTokenKind.Operator || !Comparison.Operators.Contains(written))
            throw FilterFault.At(comparison.Position, $"'{comparison.Text}' is not one of {string.Join(" ", Comparison.Operators)}");
        var value = Take();
        if (value.Kind is not (FilterTokenKind.Word or FilterTokenKind.Text)) throw FilterFault.At(value.Position, "a value is expected; text goes in quotes");
        return Comparison.Of(property, written, value);
    }

    private FilterToken Take()
    {
        var token = tokens[_next];
        if (token.Kind != FilterTokenKind.End) _next++;
        return token;
    }

    private bool Skip(string word)
    {
        if (Current.Kind != FilterTokenKind.Operator || !Current.Text.Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
        _next++;
        return true;
    }
}
