using System.Collections;
using System.Reflection;

namespace MailOps.Filtering;

/// <summary>A property that objects can be filtered and sorted by: its value is text, a number, a time, or several texts of which any may match.</summary>
internal sealed class FilterProperty
{
    private readonly PropertyInfo _property;

    private FilterProperty(PropertyInfo property)
    {
        _property = property;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        IsNumber = type == typeof(int) || type == typeof(long);
        IsTime = type == typeof(DateTimeOffset);
    }

    public string Name => _property.Name;

    public bool IsNumber { get; }

    public bool IsTime { get; }

    /// <summary>The properties of a type, by name; capitals and small letters are alike.</summary>
    public static IReadOnlyDictionary<string, FilterProperty> Of(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.GetIndexParameters().Length == 0)
            .ToDictionary(property => property.Name, property => new FilterProperty(property), StringComparer.OrdinalIgnoreCase);

    /// <summary>The values to compare with: none where it is null.</summary>
    public IEnumerable<IComparable> Values(object item) => _property.GetValue(item) switch
    {
        null => [],
        int number => [(decimal)number],
        long number => [(decimal)number],
        DateTimeOffset time => [time],
        string text => [text],
        IEnumerable several => several.Cast<object>().Select(Text),
        var other => [Text(other)],
    };

    private static string Text(object value) => value is SmtpRelayRecipient recipient ? recipient.Address : value.ToString() ?? "";
}
