namespace MailOps.Filtering;

/// <summary>An order as in <c>+Size,-DateReceived</c>: a plus, or nothing, for the smallest first, a minus for the largest. What is null comes before everything.</summary>
/// <typeparam name="T">What is sorted, by its public properties.</typeparam>
public sealed class SortOrder<T> where T : class
{
    private readonly List<(FilterProperty Property, bool Descending)> _keys = [];

    /// <summary>Reads an order.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FilterInvalid"/>: a property is unknown.</exception>
    public SortOrder(string order)
    {
        var properties = FilterProperty.Of(typeof(T));
        foreach (var part in order.Split(','))
        {
            var name = part.Trim();
            if (name == "") continue;
            var descending = name[0] == '-';
            if (name[0] is '-' or '+') name = name.Substring(1);
            if (!properties.TryGetValue(name, out var property)) throw FilterFault.UnknownProperty(name, [.. properties.Values.Select(known => known.Name)]);
            _keys.Add((property, descending));
        }
    }

    /// <summary>Sorts; equals stay in the order they had.</summary>
    public IEnumerable<T> Sort(IEnumerable<T> items)
    {
        IOrderedEnumerable<T>? sorted = null;
        foreach (var (property, descending) in _keys)
        {
            IComparable? Key(T item) => property.Values(item).FirstOrDefault();
            sorted = (sorted, descending) switch
            {
                (null, false) => items.OrderBy(Key, ByValue.Instance),
                (null, true) => items.OrderByDescending(Key, ByValue.Instance),
                (_, false) => sorted.ThenBy(Key, ByValue.Instance),
                _ => sorted.ThenByDescending(Key, ByValue.Instance),
            };
        }
        return sorted ?? items;
    }

    private sealed class ByValue : IComparer<IComparable?>
    {
        public static readonly ByValue Instance = new();

        public int Compare(IComparable? x, IComparable? y) => (x, y) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            _ => Comparison.Compare(x, y),
        };
    }
}
