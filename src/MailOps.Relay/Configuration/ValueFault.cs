using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MailOps.Messages;

namespace MailOps.Relay.Configuration;

/// <summary>Says of a value that is not what its key takes what was found and what is expected. What may be a secret is not repeated.</summary>
internal static class ValueFault
{
    private const int Shown = 64;

    /// <summary>One sentence.</summary>
    /// <param name="element">The value.</param>
    /// <param name="type">What its key takes.</param>
    /// <param name="path">Keys and indexes from the root, as in <c>listeners[0].tls</c>.</param>
    /// <param name="place">Where it stands, or nothing.</param>
    public static string Describe(JsonElement element, JsonTypeInfo type, string path, string place)
    {
        var wanted = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        return $"{path}{place} is {Found(element, wanted)}, and must be {Expected(wanted, type.Kind, path[(path.LastIndexOf('.') + 1)..])}.";
    }

    private static string Found(JsonElement element, Type wanted)
    {
        // A text or an object is wanted for secrets too, and somebody may have written one in its place.
        var harmless = wanted.IsValueType;
        return element.ValueKind switch
        {
            JsonValueKind.Null => "null",
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            _ when harmless => Printable.Shorten(element.GetRawText(), Shown),
            JsonValueKind.String => "a text",
            JsonValueKind.Number => "a number",
            _ => "true or false",
        };
    }

    private static string Expected(Type wanted, JsonTypeInfoKind kind, string key)
    {
        if (wanted.IsEnum) return "one of " + string.Join(", ", Enum.GetNames(wanted).Select(name => $"\"{name}\""));
        if (wanted == typeof(TimeSpan)) return "a time as hours, minutes and seconds: \"00:05:00\" for five minutes, \"2.00:00:00\" for two days";
        if (wanted == typeof(bool)) return "true or false";
        if (wanted == typeof(SecretReference)) return "where the secret is: { \"file\": \"/path\" } or { \"environmentVariable\": \"NAME\" }";
        if (wanted == typeof(string)) return "a text in quotes";
        if (kind == JsonTypeInfoKind.Enumerable) return "a list in brackets";
        if (kind == JsonTypeInfoKind.Object) return "an object in braces";
        var bytes = key.EndsWith("Size", StringComparison.Ordinal) || key.EndsWith("Space", StringComparison.Ordinal);
        return bytes ? "a number of bytes, without quotes (36 MiB is 37748736)" : "a whole number without quotes" + (wanted == typeof(int) ? ", 2147483647 at most" : "");
    }
}
