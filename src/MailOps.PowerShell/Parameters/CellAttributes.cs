using System.Management.Automation;

namespace MailOps.PowerShell.Parameters;

/// <summary>Reads an empty cell of a record as if the column were absent: the binder would fail on it and lose the record.</summary>
/// <param name="value">What the parameter has when nothing is given.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EmptyCellAttribute(object value) : ArgumentTransformationAttribute
{
    /// <summary>What the parameter has when nothing is given.</summary>
    public object Value => value;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is null or "" ? Value : inputData;
}

/// <summary>Lets the cell of a record switch a switch: true or false, yes or no, 1 or 0; empty is false.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SwitchCellAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            null => false,
            string text => text.Trim().ToUpperInvariant() switch
            {
                "TRUE" or "$TRUE" or "YES" or "1" => true,
                "FALSE" or "$FALSE" or "NO" or "0" or "" => false,
                _ => inputData,
            },
            _ => inputData,
        };
}
