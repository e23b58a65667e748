using System.Globalization;
using System.Management.Automation;

namespace MailOps.HelpGen;

/// <summary>The parameters of a cmdlet that its help shows: its own, WhatIf and Confirm; not those that every cmdlet has, nor hidden ones.</summary>
internal sealed class ShownParameters(CmdletInfo cmdlet)
{
    /// <summary>Each once, as the first set that has it declares it; by position, then by name.</summary>
    public IEnumerable<CommandParameterInfo> All => cmdlet.ParameterSets.SelectMany(Of).DistinctBy(p => p.Name)
        .OrderBy(p => p.Position < 0 ? int.MaxValue : p.Position).ThenBy(p => p.Name, StringComparer.Ordinal);

    /// <summary>What the pipeline may hold.</summary>
    public IEnumerable<Type> InputTypes => cmdlet.ParameterSets.SelectMany(Of).Where(p => p.ValueFromPipeline).Select(p => p.ParameterType).Distinct();

    public static IEnumerable<CommandParameterInfo> Of(CommandParameterSetInfo set) =>
        set.Parameters.Where(p => !Cmdlet.CommonParameters.Contains(p.Name) && !p.Attributes.OfType<ParameterAttribute>().Any(a => a.DontShow));

    /// <summary>The value that a new cmdlet object has; "None" where it has none or none that fits a word.</summary>
    public static string Default(CmdletInfo cmdlet, CommandParameterInfo parameter)
    {
        if (parameter.ParameterType == typeof(SwitchParameter)) return "False";
        // What is not allowed to be given is no default, but what stands for "not given".
        if (parameter.Attributes.OfType<ValidateSetAttribute>().FirstOrDefault() is { } set && !set.ValidValues.Contains(Initial(cmdlet, parameter)?.ToString() ?? "", StringComparer.OrdinalIgnoreCase)) return "None";
        var value = Initial(cmdlet, parameter);
        return value is string { Length: > 0 } or Enum or TimeSpan or IFormattable && !parameter.IsMandatory
            ? Convert.ToString(value, CultureInfo.InvariantCulture)!
            : "None";
    }

    private static object? Initial(CmdletInfo cmdlet, CommandParameterInfo parameter)
    {
        var instance = Activator.CreateInstance(cmdlet.ImplementingType);
        var value = cmdlet.ImplementingType.GetProperty(parameter.Name)?.GetValue(instance);
        (instance as IDisposable)?.Dispose();
        return value;
    }
}
