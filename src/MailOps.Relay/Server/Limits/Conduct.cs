namespace MailOps.Relay.Server.Limits;

/// <summary>How a client behaves: what it got wrong, and what it asked for beside mail since its last accepted message.</summary>
internal struct Conduct
{
    private int _errors;
    private int _junk;

    /// <summary>A message was accepted: the client is a useful one, whatever it got wrong on the way.</summary>
    public void Forgive() => (_errors, _junk) = (0, 0);

    /// <summary>Counts a command.</summary>
    /// <param name="refused">Whether it will never work.</param>
    /// <param name="junk">Whether it brings no mail nearer; too many of these are errors too.</param>
    /// <param name="limits">The limits.</param>
    public void Count(bool refused, bool junk, LimitOptions limits)
    {
        if (junk) _junk++;
        if (refused || (junk && _junk > limits.MaxJunkCommands)) _errors++;
    }

    /// <summary>Whether the session should end.</summary>
    public readonly bool IsBad(LimitOptions limits) => _errors > limits.MaxErrors;

    /// <summary>Whether replies should wait.</summary>
    public readonly bool IsPoor(LimitOptions limits) => _errors > limits.SlowErrors && limits.ErrorDelay > TimeSpan.Zero;
}
