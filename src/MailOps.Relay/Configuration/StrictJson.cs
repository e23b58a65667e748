using System.Text.Json;

namespace MailOps.Relay.Configuration;

/// <summary>
/// Parses JSON of which every text is Unicode text. <see cref="JsonDocument"/> takes an escaped half of a surrogate pair and only fails, as if the caller
/// had erred, where a text is asked for.
/// </summary>
internal static class StrictJson
{
    /// <param name="utf8">The document.</param>
    /// <param name="options">What it may hold.</param>
    /// <exception cref="JsonException">It is not JSON, or some text in it is none (RFC 8259 section 8.2 leaves those to chance).</exception>
    public static JsonDocument Parse(byte[] utf8, JsonDocumentOptions options = default)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = options.MaxDepth, CommentHandling = options.CommentHandling, AllowTrailingCommas = options.AllowTrailingCommas });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) reader.GetString();
            }
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text in it is not Unicode text.", e);
        }
        return JsonDocument.Parse(utf8, options);
    }
}
