using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace MailOps.Relay.Configuration;

/// <summary>
/// Reads a document beside the types it is for, and goes on past what is wrong: a value that its key does not take is left out, and one that is missing has something in its place, so that all else can be
/// checked too. Nothing of such a document is ever used.
/// </summary>
internal sealed class DocumentReader(JsonPlaces places)
{
    private readonly List<string> _faults = [];
    private readonly HashSet<string> _doubtful = new(StringComparer.Ordinal);
    private readonly HashSet<string> _above = new(StringComparer.Ordinal);   // all that has something doubtful in it

    /// <summary>What is wrong with keys and values, a sentence each.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Whether a fault of what has been read may come of one of these.</summary>
    public bool MayComeOf(Fault fault) => fault.Others.Append(fault.Key).Any(key => _above.Contains(key) || WithAbove(key).Any(_doubtful.Contains));

    /// <summary>The document without what is wrong.</summary>
    public JsonObject Read(JsonElement root, JsonTypeInfo type)
    {
        foreach (var (path, first, second) in places.Twice)
        {
            _faults.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path} is there twice, in line {first} and in line {second}; take one of them out."));
            Distrust(path);
        }
        return Object(root, type, "");
    }

    private JsonNode? Value(JsonElement element, JsonTypeInfo type, string path)
    {
        if (type.Kind == JsonTypeInfoKind.Object && element.ValueKind == JsonValueKind.Object) return Object(element, type, path);
        if (type.ElementType is { } item && element.ValueKind == JsonValueKind.Array) return List(element, type.Options.GetTypeInfo(item), path);
        if (HasNul(element))   // no name, address, path or secret has one, and the C library ends a text there
        {
            Add($"{path} contains a NUL character{places.Of(path)}; take it out.", path);
            return null;
        }
        if (type.Kind == JsonTypeInfoKind.None && IsValue(element, type)) return JsonNode.Parse(element.GetRawText());
        Add(ValueFault.Describe(element, type, path, places.Of(path)), path);
        return null;
    }

    private JsonArray List(JsonElement element, JsonTypeInfo item, string path)
    {
        var list = new JsonArray();
        foreach (var value in element.EnumerateArray())
        {
            var here = $"{path}[{list.Count}]";
            if (value.ValueKind == JsonValueKind.Null) Add($"{here} is null.", here);
            list.Add((value.ValueKind == JsonValueKind.Null ? null : Value(value, item, here)) ?? InPlace(item));
        }
        return list;
    }

    private JsonObject Object(JsonElement element, JsonTypeInfo type, string path)
    {
        var known = new JsonObject();
        foreach (var member in element.EnumerateObject())
        {
            if (path == "" && member.NameEquals("$schema")) continue;   // tells editors where the schema is
            var here = Below(path, member.Name);
            if (type.Properties.FirstOrDefault(p => p.Name == member.Name) is not { } property) Unknown(member.Name, type, path);
            else if (member.Value.ValueKind == JsonValueKind.Null && property.IsSetNullable) known.Remove(member.Name);
            else if (Value(member.Value, type.Options.GetTypeInfo(property.PropertyType), here) is { } value) known[member.Name] = value;
        }
        foreach (var property in type.Properties.Where(p => p.IsRequired && !known.ContainsKey(p.Name)))
        {
            if (!element.TryGetProperty(property.Name, out _)) Add($"required but missing: {Below(path, property.Name)}{(path == "" ? "" : places.Of(path))}.", Below(path, property.Name));
            known[property.Name] = InPlace(type.Options.GetTypeInfo(property.PropertyType));
        }
        return known;
    }

    private void Unknown(string name, JsonTypeInfo type, string path)
    {
        var names = type.Properties.Select(p => p.Name).ToList();
        _faults.Add($"Unknown key '{Below(path, name)}'{ForeignKeys.Hint(name, names)}.");
        // Whatever it was to say is not said.
        if (InItem(path)) Distrust(path);
        else foreach (var near in ForeignKeys.Near(name, names)) Distrust(Below(path, near));
    }

    private void Add(string fault, string path)
    {
        _faults.Add(fault);
        Doubt(path);
    }

    // What one route, listener or the like says beside it may be wrong only because this is missing.
    private void Doubt(string path) => Distrust(InItem(path) && !path.EndsWith(']') ? path[..path.LastIndexOf('.')] : path);

    private void Distrust(string path)
    {
        _doubtful.Add(path);
        _above.UnionWith(WithAbove(path));
    }

    private static bool InItem(string path) => path.Contains('[', StringComparison.Ordinal);

    private static bool HasNul(JsonElement element) => element.ValueKind == JsonValueKind.String && element.GetString()!.Contains('\0', StringComparison.Ordinal);

    private static bool IsValue(JsonElement element, JsonTypeInfo type)
    {
        // Names that are joined by commas would be taken for flags.
        if ((Nullable.GetUnderlyingType(type.Type) ?? type.Type) is { IsEnum: true } names)
            return element.ValueKind == JsonValueKind.String && Enum.GetNames(names).Contains(element.GetString(), StringComparer.OrdinalIgnoreCase);
        try
        {
            return element.Deserialize(type) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonNode InPlace(JsonTypeInfo type)
    {
        if (type.ElementType is not null) return new JsonArray();
        if (type.Kind != JsonTypeInfoKind.Object) return type.Type == typeof(string) ? JsonValue.Create("x") : JsonSerializer.SerializeToNode(Activator.CreateInstance(type.Type), type)!;
        var made = new JsonObject();
        foreach (var property in type.Properties.Where(p => p.IsRequired)) made[property.Name] = InPlace(type.Options.GetTypeInfo(property.PropertyType));
        return made;
    }

    private static string Below(string path, string name) => path == "" ? name : $"{path}.{name}";

    private static IEnumerable<string> WithAbove(string path)
    {
        yield return path;
        for (var i = path.Length - 1; i > 0; i--)
        {
            if (path[i] is '.' or '[') yield return path[..i];
        }
    }
}
