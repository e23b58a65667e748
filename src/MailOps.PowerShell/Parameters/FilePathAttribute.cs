using System.Collections;
using System.Management.Automation;

namespace MailOps.PowerShell.Parameters;

/// <summary>Takes paths, and objects that have one (files), and refuses everything else in the way that makes the binder look further.</summary>
/// <remarks>
/// Attachments takes its value from the pipeline, so the binder would turn any record into a string and never look at its properties
/// (PowerShell/PowerShell#7591). PSInvalidCastException is the one exception after which it goes on by property name.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FilePathAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var paths = new List<string>();
        Add(inputData, paths);
        return paths.ToArray();
    }

    private static void Add(object? value, List<string> paths)
    {
        var wrapped = value as PSObject;
        switch (wrapped?.BaseObject ?? value)
        {
            case null or "":
                return;   // an empty cell is no attachment
            case string path:
                paths.Add(path);
                return;
            case IEnumerable list and not IDictionary:
                foreach (var item in list) Add(item, paths);
                return;
            default:
                paths.Add(PathOf(wrapped ?? new PSObject(value)));
                return;
        }
    }

    private static string PathOf(PSObject value) =>
        FilePaths.PathOf(value) ?? throw new PSInvalidCastException($"An object of type {value.TypeNames.FirstOrDefault()} is not a file and not a path.");
}
