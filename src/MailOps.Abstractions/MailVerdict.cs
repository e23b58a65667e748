namespace MailOps;

/// <summary>What one server found about who sent a message (RFC 8601).</summary>
public sealed class MailVerdict
{
    /// <summary>The server that says so.</summary>
    public string? Server { get; init; }
    /// <summary>What was checked: spf, dkim, dmarc, arc, iprev and others.</summary>
    public string Method { get; init; } = "";
    /// <summary>What came of it: pass, fail, softfail, none and others.</summary>
    public string Result { get; init; } = "";
    /// <summary>Of whom or what, as in <c>smtp.mailfrom=example.com</c>.</summary>
    public IReadOnlyList<string> Properties { get; init; } = [];
    /// <summary>Why, in the server's words.</summary>
    public string? Reason { get; init; }
    /// <summary>The field that has it: Authentication-Results, ARC-Authentication-Results, Received-SPF.</summary>
    public string Field { get; init; } = "";
}
