using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace MailOps.Relay.Configuration;

/// <summary>Reads the JSON document that configures a relay. All that is wrong with it is told at once: keys, values, and what they mean together.</summary>
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
        var options = Read(text, path, folder);
        try
        {
            return RelativePaths.Resolve(options, folder);
        }
        catch (MailOpsException e)
        {
            throw Faults.Error([e.Message], path, e.Hint, e);
        }
    }

    /// <summary>Reads a configuration document and validates it.</summary>
    /// <param name="text">The JSON text.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/>.</exception>
    public static SmtpRelayOptions Read(string text, string source) => Read(text, source, Environment.CurrentDirectory);

    private static SmtpRelayOptions Read(string text, string source, string folder)
    {
        if (string.IsNullOrWhiteSpace(text)) throw NotAnObject(source, "the file is empty");
        var utf8 = Encoding.UTF8.GetBytes(text);
        using var document = Parse(utf8, text, source);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw NotAnObject(source, "the document must be a JSON object");
        var reader = new DocumentReader(new JsonPlaces(utf8));
        var options = reader.Read(document.RootElement, Json.GetTypeInfo(typeof(SmtpRelayOptions))).Deserialize<SmtpRelayOptions>(Json)!;
        string[] faults = [.. reader.Faults.Distinct(), .. OptionsValidator.Check(options, folder).All.Where(fault => !reader.MayComeOf(fault)).Select(fault => fault.Text)];
        if (faults.Length == 0) return options;
        throw Faults.Error(faults, source, reader.Faults.Count == 0 ? OptionsValidator.Hint : "Correct what is named; relay.schema.json lists the keys, and says what each takes.");
    }

    private static JsonDocument Parse(byte[] utf8, string text, string source)
    {
        try
        {
            return StrictJson.Parse(utf8, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException e)
        {
            throw new MailOpsException(
                ErrorCode.RelayConfigurationInvalid, $"{source}: not JSON{Place(e, text)}: {WithoutPosition(e.Message)}", "Correct the syntax there; comments, and a comma after the last item, are allowed.", e);
        }
    }

    private static MailOpsException NotAnObject(string source, string fault) =>
        new(ErrorCode.RelayConfigurationInvalid, $"{source}: {fault}.", "Write { \"queuePath\": \"queue\" } and add what you need.");

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
