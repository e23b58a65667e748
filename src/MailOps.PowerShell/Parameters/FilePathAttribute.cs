using System.Collections;
using System.Management.Automation;

namespace MailOps.PowerShell.Parameters;

/// <summary>Takes paths, and objects that have one (files); of a record its column Attachments.</summary>
/// <remarks>
/// Attachments takes its value from the pipeline, so the binder would turn any record into a string and never look at its properties (PowerShell/PowerShell#7591). An exception would make it go
/// on by property name, but two of them for each record cost more than all the rest of the binding.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FilePathAttribute : ArgumentTransformationAttribute
{
    /// <summary>What becomes of an object that is no path, no file and no record with attachments: told apart from an empty list by its identity, since as an argument it is a mistake.</summary>
    internal static readonly string[] None = [];

    private static readonly string[] OtherSets = [nameof(Commands.SendSmtpMessageCommand.Path), nameof(Commands.SendSmtpMessageCommand.LiteralPath)];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var (wrapped, value) = (inputData as PSObject, inputData is PSObject { BaseObject: var inner } ? inner : inputData);
        var paths = new List<string>();
        if (value is null or string or (IEnumerable and not IDictionary)) Add(inputData, paths);
        else if (FilePaths.PathOf(wrapped ??= new PSObject(value)) is { } path) paths.Add(path);
        else if (wrapped.Properties[nameof(Commands.SendSmtpMessageCommand.Attachments)] is { } column) Add(column.Value, paths);
        else if (Array.Exists(OtherSets, name => wrapped.Properties[name] is not null)) throw NoFile(value);   // to bind anything here would decide against those sets
        else return None;
        return paths.ToArray();
    }

    /// <summary>The error about an object that is neither, where one was given as an argument or in a list.</summary>
    internal static PSInvalidCastException NoFile(object value) => new($"An object of type {new PSObject(value).TypeNames.FirstOrDefault()} is not a file and not a path.");

    private static void Add(object? value, List<string> paths)
    {
        switch (value is PSObject { BaseObject: var inner } ? inner : value)
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
                paths.Add(FilePaths.PathOf(value as PSObject ?? new PSObject(value)) ?? throw NoFile(value!));
                return;
        }
    }
}
