using System.Text.RegularExpressions;

namespace MailOps.Relay.Delivery.Pace;

/// <summary>A reply that changes limits, ready to be asked. The pattern takes time in proportion to the reply, whatever both are: a server chooses the one, an administrator the other.</summary>
internal sealed class ReplyRule(PaceReplyOptions options)
{
    private Regex? _pattern;   // made when a failure first asks, for a start asks none

    public PaceReplyOptions Options => options;

    /// <summary>Whether it is this reply, on one line.</summary>
    public bool Matches(string reply) => (_pattern ??= Compile(options.Pattern)).IsMatch(reply);

    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    /// <exception cref="NotSupportedException">It is one that looks around or back.</exception>
    public static Regex Compile(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>What it changes, for people.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (options.Suspend) parts.Add("nothing is sent");
        if (options.MessagesPerMinute is { } messages) parts.Add(FormattableString.Invariant($"{messages} messages a minute"));
        if (options.MaxConnections is { } connections) parts.Add(FormattableString.Invariant($"{connections} connections"));
        if (options.MaxMessagesPerConnection is { } each) parts.Add(FormattableString.Invariant($"{each} messages a connection"));
        if (options.Profile is { } profile) parts.Add($"the profile {profile}");
        return string.Join(", ", parts);
    }
}
