namespace MailOps;

/// <summary>A queued message with its content, as <c>Export-SmtpRelayMessage</c> writes it where no path is given.</summary>
public sealed class SmtpRelayMessageContent
{
    /// <summary>Relay and queue id.</summary>
    public required string Identity { get; init; }
    /// <summary>The queue id.</summary>
    public required string QueueId { get; init; }
    /// <summary>The envelope sender; <c>&lt;&gt;</c> for the null sender.</summary>
    public required string FromAddress { get; init; }
    /// <summary>The envelope recipients.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }
    /// <summary>Header and body, byte for byte.</summary>
    public required byte[] Content { get; init; }
    /// <summary>The same as text, read as UTF-8; what is not UTF-8 is replaced.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Content);
    /// <summary>The number of bytes.</summary>
    public long Size => Content.Length;
}
