using System.Management.Automation;

namespace MailOps.PowerShell.Parameters;

/// <summary>A time-out that can be waited for: more than nothing (or nothing, where that is allowed), at most a day.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeoutRangeAttribute : ValidateArgumentsAttribute
{
    /// <summary>Whether 0 is a time-out too: at once.</summary>
    public bool AllowZero { get; set; }

    /// <inheritdoc/>
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is TimeSpan { Ticks: >= 0 and <= TimeSpan.TicksPerDay } time && (AllowZero || time > TimeSpan.Zero)) return;
        throw new ValidationMetadataException($"'{arguments}' is not a time-out: it must be {(AllowZero ? "at least" : "more than")} 0 seconds and at most a day.");
    }
}
