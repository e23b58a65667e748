using System.Text.Json;

namespace MailOps.Relay.Configuration;

/// <summary>In which line of a document each value stands, and which keys are there twice: what is lost where a document is read as a tree.</summary>
internal sealed class JsonPlaces
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly List<(string Path, int First, int Second)> _twice = [];

    /// <summary>Reads them.</summary>
    /// <param name="utf8">A document that is JSON.</param>
    public JsonPlaces(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var counter = new LineCounter(utf8);
        List<Level> levels = [];
        var key = "";
        while (reader.Read())
        {
            var line = counter.At(reader.TokenStartIndex);
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    key = levels[^1].Below(reader.GetString()!);
                    Key(key, line, levels[^1]);
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    levels.RemoveAt(levels.Count - 1);
                    continue;
            }
            var path = levels is [.., { IsList: true } list] ? list.Next() : key;
            _lines[path] = line;
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) levels.Add(new Level(path, reader.TokenType == JsonTokenType.StartArray));
        }
    }

    /// <summary>The keys that are in one object more than once, with the lines of the first and of another.</summary>
    public IReadOnlyList<(string Path, int First, int Second)> Twice => _twice;

    /// <summary>The line of a value, from 1, in parentheses behind a blank.</summary>
    public string Of(string path) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $" (line {_lines[path]})");

    private void Key(string path, int line, Level level)
    {
        if (!level.Keys.TryAdd(path, line)) _twice.Add((path, level.Keys[path], line));
    }

    private sealed record Level(string Path, bool IsList)
    {
        private int _next;

        public Dictionary<string, int> Keys { get; } = new(StringComparer.Ordinal);

        public string Below(string name) => Path == "" ? name : $"{Path}.{name}";

        public string Next() => $"{Path}[{_next++}]";
    }

    // Tokens come in order, so that each byte is looked at once.
    private ref struct LineCounter(ReadOnlySpan<byte> utf8)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;
        private int _position;
        private int _line = 1;

        public int At(long position)
        {
            _line += _utf8[_position..(int)position].Count((byte)'\n');
            _position = (int)position;
            return _line;
        }
    }
}
