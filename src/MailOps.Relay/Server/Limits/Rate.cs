namespace MailOps.Relay.Server.Limits;

/// <summary>What is counted by the minute.</summary>
internal enum Rate
{
    /// <summary>Sessions begun.</summary>
    Sessions,
    /// <summary>MAIL commands.</summary>
    Messages,
    /// <summary>RCPT commands.</summary>
    Recipients,
}
