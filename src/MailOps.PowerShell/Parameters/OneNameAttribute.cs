using System.Management.Automation;

namespace MailOps.PowerShell.Parameters;

/// <summary>For a parameter that takes one of some names: several, joined by commas, are not the name that their numbers happen to make together.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
    {
        string text when text.Contains(',') => throw Several(text),
        object[] { Length: > 1 } several => throw Several(string.Join(", ", several)),
        _ => inputData,
    };

    private static ArgumentTransformationMetadataException Several(string text) => new($"'{text}' is more than one name. Give one of them.");
}
