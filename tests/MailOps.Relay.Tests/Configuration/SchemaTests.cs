using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Xml.Linq;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

/// <summary>The published schema is made from the options and their documentation; MAILOPS_RENEW=1 writes it anew.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void The_published_schema_says_what_the_options_say()
    {
        var made = Generate();
        var path = Path.Combine(Repository.Root, "src", "MailOps.Relay", "Configuration", "relay.schema.json");
        if (Environment.GetEnvironmentVariable("MAILOPS_RENEW") == "1") File.WriteAllText(path, made);
        Assert.Equal(File.ReadAllText(path), made);
    }

    [Fact]
    public void The_schema_describes_every_key_and_refuses_others()
    {
        var schema = JsonNode.Parse(Generate())!;
        var listener = schema["properties"]!["listeners"]!["items"]!;
        Assert.Equal("false", listener["additionalProperties"]!.ToJsonString());
        Assert.Contains("127.0.0.1:2525", (string?)listener["properties"]!["endpoint"]!["description"], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["Auto", "None", "StartTls", "Implicit"], listener["properties"]!["tls"]!["enum"]!.AsArray().Select(n => (string?)n));
        Assert.EndsWith("Exactly one of this and mailboxPath.", (string?)schema["properties"]!["localDomains"]!["items"]!["properties"]!["lmtp"]!["description"], StringComparison.Ordinal);
        Assert.Equal(["queuePath"], schema["required"]!.AsArray().Select(n => (string?)n));
    }

    private static string Generate()
    {
        var documentation = XDocument.Load(Path.ChangeExtension(typeof(SmtpRelayOptions).Assembly.Location, ".xml"));
        var schema = RelayConfiguration.Json.GetJsonSchemaAsNode(typeof(SmtpRelayOptions), new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Describe(context, node, documentation),
        }).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "MailOps relay");
        schema["properties"]!.AsObject()["$schema"] = new JsonObject { ["type"] = "string" };
        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }) + "\n";
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode node, XDocument documentation)
    {
        if (node is not JsonObject schema) return node;
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object) schema["additionalProperties"] = false;
        if (context.PropertyInfo is { } property && SummaryOf(property, documentation) is { } summary) schema.Insert(0, "description", summary);
        return schema;
    }

    // Of a property the key that the document takes; values and types as they are.
    private static string NameIn(string cref) => cref.Split('.')[^1] is var name && cref.StartsWith("P:", StringComparison.Ordinal) ? JsonNamingPolicy.CamelCase.ConvertName(name) : name;

    private static string? SummaryOf(JsonPropertyInfo property, XDocument documentation)
    {
        var type = property.DeclaringType;
        var member = type.GetProperties().First(p => string.Equals(p.Name, property.Name, StringComparison.OrdinalIgnoreCase));
        var summary = documentation.Descendants("member").FirstOrDefault(m => (string?)m.Attribute("name") == $"P:{type.FullName}.{member.Name}")?.Element("summary");
        foreach (var see in summary?.Descendants("see").ToList() ?? []) see.ReplaceWith(NameIn((string)see.Attribute("cref")!));
        return summary is null ? null : string.Join(' ', summary.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
