namespace MailOps.Authentication.Tokens;

/// <summary>What a token server is asked: the fields of the form, and which of them nobody may read.</summary>
public sealed class TokenForm
{
    private readonly List<KeyValuePair<string, string>> _fields = [];
    private readonly List<string> _secrets = [];

    /// <summary>The fields.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => _fields;

    /// <summary>The values that are secret.</summary>
    public IReadOnlyList<string> Secrets => _secrets;

    /// <summary>Adds a field; nothing where there is no value.</summary>
    public TokenForm With(string name, string? value)
    {
        if (value is not null) _fields.Add(new(name, value));
        return this;
    }

    /// <summary>Adds a field that nobody may read.</summary>
    public TokenForm WithSecret(string name, string value)
    {
        _secrets.Add(value);
        return With(name, value);
    }
}
