using System.Text.RegularExpressions;

namespace MailOps.Relay.Delivery.Pace;

/// <summary>
/// Whether a reply says that too much comes from us, or too fast: what servers of whom nothing more is known say when they want a sender to slow down. It goes by words and not by codes, for
/// 4.7.0 and 4.3.2 say it as often as they say something else. What is too much for one mailbox, one message or a disk is none of it.
/// </summary>
internal static partial class RateLimitReply
{
    public static bool Is(string reply) => Too().IsMatch(reply) && !Else().IsMatch(reply);

    [GeneratedRegex(
        """
        too\ (many|much)\ .{0,40}(connection|session|message|mail\b|mails\b|command|transaction|request|login|attempt)
        | (connection|session|message|sender|sending|mail|ip|domain|relay|submission|smtp|thread|volume|frequency|hourly|daily|rate)\w*[\ -](rate\ |sending\ |relay\ |frequency\ |per\ \w+\ )?(limit|quota|throttl)\w*\ ?.{0,20}(exceed|reach|hit|over)
        | rate[\ -]?limit | throttl | frequency\ limited | slow(ing)?\ (it\ )?down
        | exceed\w*\ .{0,40}(limit|rate|threshold|maximum|max\ ).{0,60}
        | (max|maximum)\w*\ (number\ of\ )?(concurrent\ |simultaneous\ |parallel\ )?(connection|session|message)s?.{0,30}(exceed|reach)
        | (unusual|excessive|unexpected|high|abnormal|suspicious)\ (rate|volume|traffic|number\ of)
        | temporarily\ (deferred|blocked|throttled|limited|restricted)\ .{0,40}(volume|rate|complaint|reputation|traffic|activity)
        | (too|so)\ (fast|quickly|often|frequent)
        | concurren\w+\ (connection|session|limit)
        | trop\ de\ connexions
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Too();

    [GeneratedRegex(
        """
        over\ ?quota | quota\ .{0,20}(full|mailbox|user|recipient|storage) | (mailbox|user|recipient|account|storage|disk)\w*('s)?\ .{0,40}(quota|full|size|limit|quickly|receiving|rate) | too\ many\ (recipients|hops|errors|invalid|bad|unknown|failed)
        | (message|size|header|content|line|attachment)\w*\ (size|length|too|exceeds\ (the\ )?(size|maximum\ (message\ )?size)) | maximum\ (message\ |allowed\ )?(size|length) | hop\ count
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Else();
}
