using System.Collections;
using System.Management.Automation;
using MailOps.Messages;

namespace MailOps.PowerShell.Commands;

/// <summary>Subject and bodies given as arguments are templates for the records of the pipeline.</summary>
public sealed partial class SendSmtpMessageCommand
{
    private bool _isRecord;

    /// <summary>The text, filled in where it is a template: an argument, while records come. What a record itself brings is its text as it is.</summary>
    private string? Filled(string parameter, string? text, bool html = false) =>
        text is null || !_isRecord || !_named.Contains(parameter) ? text : MessageTemplate.Fill(text, html, Column, Columns);

    private string? Column(string name)
    {
        if (InputObject!.BaseObject is IDictionary table) return table.Contains(name) ? Shown(table[name]) : null;
        return InputObject.Properties[name] is { } property ? Shown(property.Value) : null;
    }

    private IEnumerable<string> Columns() => InputObject!.BaseObject is IDictionary table
        ? table.Keys.Cast<object>().Select(Shown)
        : InputObject.Properties.Select(property => property.Name);

    private static string Shown(object? value) => LanguagePrimitives.ConvertTo<string>(value) ?? "";

    private static string? NotEmpty(string? text) => text is "" ? null : text;
}
