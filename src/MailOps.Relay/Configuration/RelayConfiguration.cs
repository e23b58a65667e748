using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace MailOps.Relay.Configuration;

/// <summary>Reads the JSON document that configures a relay. Keys are checked before values, so that a misspelt key is named with the nearest known one.</summary>
public static class RelayConfiguration
{
    private static readonly Type[] ObjectsOfTheSession = [typeof(X509Certificate2), typeof(X509Certificate2Collection), typeof(SecureString), typeof(PasswordCheck)];

    /// <summary>How the document maps to <see cref="SmtpRelayOptions"/>: camelCase keys, enum names, durations as <c>hh:mm:ss</c>; comments are allowed.</summary>
    public static JsonSerializerOptions Json { get; } = CreateJson();

    /// <summary>Reads a configuration file; relative paths in it are relative to its folder.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/>.</exception>
    public static SmtpRelayOptions ReadFile(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The configuration {path} cannot be read: {e.Message}", "Check the path and its permissions.", e);
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return RelativePaths.Resolve(Read(text, path, folder), folder);
    }

    /// <summary>Reads a configuration document and validates it.</summary>
    /// <param name="text">The JSON text.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/>.</exception>
    public static SmtpRelayOptions Read(string text, string source) => Read(text, source, Environment.CurrentDirectory);

    private static SmtpRelayOptions Read(string text, string source, string folder)
    {
        if (string.IsNullOrWhiteSpace(text)) throw NotAnObject(source, "the file is empty");
        using var document = Parse(text, source);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw NotAnObject(source, "the document must be a JSON object");
        KnownKeys.Check(document.RootElement, Json.GetTypeInfo(typeof(SmtpRelayOptions)), source);
        SmtpRelayOptions options;
        try
        {
            options = document.RootElement.Deserialize<SmtpRelayOptions>(Json)!;
        }
        catch (JsonException e)
        {
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"{source}: {Describe(e, document.RootElement)}", "Correct the value; relay.schema.json says what each key takes.", e);
        }
        var faults = OptionsValidator.Check(options, folder).All;
        return faults.Count == 0 ? options : throw Faults.Error(faults.Select(fault => fault.Text), source, OptionsValidator.Hint);
    }

    private static JsonDocument Parse(string text, string source)
    {
        try
        {
            return StrictJson.Parse(Encoding.UTF8.GetBytes(text), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw new MailOpsException(
                ErrorCode.RelayConfigurationInvalid, $"{source}: not JSON{Place(e, text)}: {WithoutPosition(e.Message)}", "Correct the syntax there; comments, and a comma after the last item, are allowed.", e);
        }
    }

    private static MailOpsException NotAnObject(string source, string fault) =>
        new(ErrorCode.RelayConfigurationInvalid, $"{source}: {fault}.", "Write { \"queuePath\": \"queue\" } and add what you need.");

    // The exception's own text names CLR types; the path and the line are what helps.
    private static string Describe(JsonException e, JsonElement root)
    {
        var line = e.LineNumber is { } number ? $" (line {number + 1})" : "";
        if (e.Message.Contains("required", StringComparison.Ordinal) && e.Message.LastIndexOf(':') is > 0 and var colon)
            return $"required but missing:{e.Message[(colon + 1)..].Replace("'", "", StringComparison.Ordinal)}{line}";
        return ValueFault.Describe(root, Json.GetTypeInfo(typeof(SmtpRelayOptions)), e.Path!.TrimStart('$', '.'), line);
    }

    // As editors count: from 1, and characters, where the exception counts bytes from 0.
    private static string Place(JsonException e, string text)
    {
        if (e is not { LineNumber: { } number, BytePositionInLine: { } position }) return "";
        var line = Encoding.UTF8.GetBytes(text.Split('\n')[(int)number]);
        return $" (line {number + 1}, column {Encoding.UTF8.GetCharCount(line, 0, (int)Math.Min(position, line.Length)) + 1})";
    }

    private static string WithoutPosition(string message) => message.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var tail ? message[..tail] : message;

    private static JsonSerializerOptions CreateJson()
    {
        var json = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            ReadCommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            WriteIndented = true,
            RespectNullableAnnotations = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { DropObjectsOfTheSession } },
        };
        json.MakeReadOnly();
        return json;
    }

    // Certificates and secrets given to a cmdlet as objects have no place in a document.
    private static void DropObjectsOfTheSession(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
            if (ObjectsOfTheSession.Contains(type.Properties[i].PropertyType)) type.Properties.RemoveAt(i);
    }
}
