namespace MailOps.Filtering;

/// <summary>
/// A filter as Exchange's shell writes them (OPATH): <c>Status -eq 'Retry' -and Size -gt 25MB</c>. Text is compared without regard to capitals; of a property with several
/// values, such as Recipients, any may match.
/// </summary>
/// <typeparam name="T">What is filtered; its public properties are the filter's.</typeparam>
public sealed class ObjectFilter<T> where T : class
{
    private readonly Func<object, bool> _matches;

    /// <summary>Reads a filter.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FilterInvalid"/>, with the place and, for an unknown property, the nearest known one.</exception>
    public ObjectFilter(string filter) => _matches = new FilterParser(FilterTokens.Of(filter), FilterProperty.Of(typeof(T))).Parse();

    /// <summary>Whether an object passes.</summary>
    public bool Matches(T item) => _matches(item);
}
