using System.Management.Automation;

namespace MailOps.PowerShell.Parameters;

/// <summary>A time-out that can be waited for: more than nothing, at most a day.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeoutRangeAttribute : ValidateArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is not TimeSpan { Ticks: > 0 and <= TimeSpan.TicksPerDay })
            throw new ValidationMetadataException($"'{arguments}' is not a time-out: it must be more than 0 seconds and at most a day.");
    }
}
