using System.Globalization;
using System.Management.Automation;

namespace MailOps.PowerShell;

/// <summary>Lets a TimeSpan parameter take a plain number as seconds.</summary>
/// <remarks>
/// Without it the binder reads <c>-Timeout 30</c> as 30 ticks, and the string <c>'30'</c>, which is what a CSV cell is, as 30 days.
/// Whatever is not a number is passed on, so <c>00:01:30</c> and TimeSpan objects work as ever.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecondsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return Number(value) is { } seconds ? Span(seconds) : inputData;
    }

    private static double? Number(object? value) => value switch
    {
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) => parsed,
        _ => null,
    };

    private static TimeSpan Span(double seconds)
    {
        try
        {
            return TimeSpan.FromTicks(checked((long)Math.Round(seconds * TimeSpan.TicksPerSecond)));
        }
        catch (OverflowException e)
        {
            throw new ArgumentTransformationMetadataException(
                FormattableString.Invariant($"{seconds} seconds is not a time span."), e);
        }
    }
}
