using System.Diagnostics.CodeAnalysis;

namespace MailOps.Relay.Queue;

/// <summary>
/// The name of a queued message, in the 250 reply, the trace header and everywhere a person meets it: 13 characters of Crockford's base 32
/// (digits and capitals without I, L, O, U), which are safe in headers, replies and file names and sort by the time of acceptance.
/// </summary>
/// <param name="Value">Microseconds since 1970 in the upper 52 bits (until 2112), a counter in the lower 12.</param>
public readonly record struct QueueId(ulong Value)
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Characters = 13;

    /// <summary>The 13 characters.</summary>
    public override string ToString() => string.Create(Characters, Value, static (text, value) =>
    {
        for (var i = text.Length - 1; i >= 0; i--, value >>= 5) text[i] = Alphabet[(int)(value & 31)];
    });

    /// <summary>Reads an id; small letters count as capitals, as people type them.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out QueueId id)
    {
        id = default;
        if (text is not { Length: Characters }) return false;
        ulong value = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var digit = Alphabet.IndexOf(char.ToUpperInvariant(text[i]), StringComparison.Ordinal);
            if (digit < 0 || (i == 0 && digit > 15)) return false;   // 13 characters hold 65 bits
            value = (value << 5) | (uint)digit;
        }
        id = new QueueId(value);
        return true;
    }
}

/// <summary>Gives out ids that only ever grow: by the clock, and by counting on where the clock stands still or went back.</summary>
internal sealed class QueueIdSequence(TimeProvider clock)
{
    private const int CounterBits = 12;
    private ulong _last;

    /// <summary>The highest id given out or seen.</summary>
    public QueueId Last => new(Volatile.Read(ref _last));

    /// <summary>An id higher than every one before.</summary>
    public QueueId Next()
    {
        var now = (ulong)((clock.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond) << CounterBits;
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(last + 1, now);
            if (Interlocked.CompareExchange(ref _last, next, last) == last) return new QueueId(next);
        }
    }

    /// <summary>An id that the log holds from an earlier run: nothing at or below it is given out again.</summary>
    public void Saw(QueueId id)
    {
        if (id.Value > _last) _last = id.Value;
    }
}
