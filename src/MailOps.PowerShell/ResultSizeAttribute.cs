using System.Management.Automation;

namespace MailOps.PowerShell;

/// <summary>Lets a ResultSize parameter take the word <c>Unlimited</c>, as Exchange's cmdlets do.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ResultSizeAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is string text && text.Equals("Unlimited", StringComparison.OrdinalIgnoreCase) ? int.MaxValue : inputData;
    }
}
