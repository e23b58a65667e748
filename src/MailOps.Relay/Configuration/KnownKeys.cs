using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MailOps.Filtering;

namespace MailOps.Relay.Configuration;

/// <summary>Refuses keys that the configuration does not know, each with its path and the nearest known key.</summary>
internal static class KnownKeys
{
    /// <summary>Walks the document beside the types it is for.</summary>
    public static void Check(JsonElement root, JsonTypeInfo type, string source)
    {
        var faults = new List<string>();
        Walk(root, type, "", faults);
        if (faults.Count > 0)
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"{source}: {string.Join(" ", faults)}", "Correct or remove the key; relay.schema.json lists them all.");
    }

    private static void Walk(JsonElement element, JsonTypeInfo type, string path, List<string> faults)
    {
        if (element.ValueKind == JsonValueKind.Array && type.ElementType is { } itemType)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
            {
                var here = $"{path}[{index++}]";
                if (item.ValueKind == JsonValueKind.Null) faults.Add($"{here} is null.");
                Walk(item, type.Options.GetTypeInfo(itemType), here, faults);
            }
        }
        if (element.ValueKind != JsonValueKind.Object || type.Kind != JsonTypeInfoKind.Object) return;
        foreach (var member in element.EnumerateObject())
        {
            if (path == "" && member.NameEquals("$schema")) continue;   // tells editors where the schema is
            var here = path == "" ? member.Name : path + "." + member.Name;
            if (type.Properties.FirstOrDefault(p => p.Name == member.Name) is { } known) Walk(member.Value, type.Options.GetTypeInfo(known.PropertyType), here, faults);
            else faults.Add($"Unknown key '{here}'{NearestName.Hint(member.Name, type.Properties.Select(p => p.Name))}.");
        }
    }
}
