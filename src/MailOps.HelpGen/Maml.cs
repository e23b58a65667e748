using System.Globalization;
using System.Management.Automation;
using System.Xml.Linq;

namespace MailOps.HelpGen;

/// <summary>The help file that Get-Help reads: the cmdlets' real parameters, with the words of their XML comments.</summary>
internal sealed class Maml(XmlComments comments)
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Words = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly XNamespace Msh = "http://msh";

    /// <summary>Those that the engine declares: of ShouldProcess and of paging.</summary>
    private static readonly Dictionary<string, string> Common = new(StringComparer.Ordinal)
    {
        ["WhatIf"] = "Says what would be done, and does none of it: no file is written and no connection made.",
        ["Confirm"] = "Asks before it is done. In unattended scripts, -Confirm:$false never asks.",
        ["First"] = "Gets this many objects at most.",
        ["Skip"] = "Leaves out this many objects first.",
        ["IncludeTotalCount"] = "Writes the number of all objects first.",
    };

    public XDocument Document(IEnumerable<CmdletInfo> commands) => new(
        new XElement(Msh + "helpItems", new XAttribute("schema", "maml"), commands.Select(Cmdlet)));

    private XElement Cmdlet(CmdletInfo cmdlet)
    {
        var id = XmlComments.TypeId(cmdlet.ImplementingType);
        var shown = new ShownParameters(cmdlet);
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Words), new XAttribute(XNamespace.Xmlns + "command", Command), new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", cmdlet.Name), new XElement(Command + "verb", cmdlet.Verb), new XElement(Command + "noun", cmdlet.Noun),
                Text("description", comments.Paragraphs(id, "summary", $"{cmdlet.Name} has no summary."))),
            Text("description", comments.Paragraphs(id, "remarks")),
            new XElement(Command + "syntax", cmdlet.ParameterSets.OrderByDescending(s => s.IsDefault).Select(s => Syntax(cmdlet, s))),
            new XElement(Command + "parameters", shown.All.Select(p => Parameter(cmdlet, p, inSyntax: false))),
            new XElement(Command + "inputTypes", shown.InputTypes.Select(t => TypeOf("inputType", t))),
            new XElement(Command + "returnValues", cmdlet.OutputType.Select(o => TypeOf("returnValue", o.Type))),
            new XElement(Command + "examples", comments.Examples(id, cmdlet.Name).Select(Example)),
            new XElement(Command + "relatedLinks", comments.Links(id).Select(Link)));
    }

    private XElement Syntax(CmdletInfo cmdlet, CommandParameterSetInfo set) => new(
        Command + "syntaxItem", new XElement(Words + "name", cmdlet.Name), ShownParameters.Of(set).Select(p => Parameter(cmdlet, p, inSyntax: true)));

    private XElement Parameter(CmdletInfo cmdlet, CommandParameterInfo parameter, bool inSyntax)
    {
        var type = parameter.ParameterType;
        var values = type.IsEnum && inSyntax
            ? new XElement(Command + "parameterValueGroup", Enum.GetNames(type).Select(n => new XElement(Command + "parameterValue", n)))
            : null;
        return new XElement(
            Command + "parameter",
            new XAttribute("required", Lower(parameter.IsMandatory)),
            new XAttribute("variableLength", Lower(type.IsArray)),
            new XAttribute("globbing", "false"),
            new XAttribute("pipelineInput", PipelineInput(parameter)),
            new XAttribute("position", parameter.Position < 0 ? "named" : parameter.Position.ToString(CultureInfo.InvariantCulture)),
            new XAttribute("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
            new XElement(Words + "name", parameter.Name),
            Text("description", Description(cmdlet, parameter, gap: !inSyntax)),
            values,
            type == typeof(SwitchParameter) ? null : new XElement(Command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", Lower(type.IsArray)), TypeName(type)),
            new XElement(Dev + "type", new XElement(Words + "name", TypeName(type)), new XElement(Words + "uri")),
            new XElement(Dev + "defaultValue", ShownParameters.Default(cmdlet, parameter)));
    }

    private IReadOnlyList<string> Description(CmdletInfo cmdlet, CommandParameterInfo parameter, bool gap) =>
        XmlComments.PropertyId(cmdlet.ImplementingType, parameter.Name) is { } id
            ? comments.Paragraphs(id, "summary", gap ? $"{cmdlet.Name} -{parameter.Name} has no summary." : null)
            : [Common[parameter.Name]];

    private XElement TypeOf(string element, Type type) => new(
        Command + element,
        new XElement(Dev + "type", new XElement(Words + "name", type.FullName), new XElement(Words + "uri")),
        Text("description", comments.Paragraphs(XmlComments.TypeId(type), "summary")));

    private static XElement Example((string Title, string Code, IReadOnlyList<string> Remarks) example, int index) => new(
        Command + "example",
        new XElement(Words + "title", $"Example {index + 1}: {example.Title}"),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", example.Remarks.Select(r => new XElement(Words + "para", r))));

    private static XElement Link((string Text, string Uri) link) =>
        new(Words + "navigationLink", new XElement(Words + "linkText", link.Text), new XElement(Words + "uri", link.Uri));

    private static XElement Text(string element, IEnumerable<string> paragraphs) => new(Words + element, paragraphs.Select(p => new XElement(Words + "para", p)));

    private static string PipelineInput(CommandParameterInfo parameter) => (parameter.ValueFromPipeline, parameter.ValueFromPipelineByPropertyName) switch
    {
        (true, true) => "true (ByValue, ByPropertyName)",
        (true, false) => "true (ByValue)",
        (false, true) => "true (ByPropertyName)",
        _ => "false",
    };

    private static string TypeName(Type type) => (Nullable.GetUnderlyingType(type) ?? type).Name;

    private static string Lower(bool value) => value ? "true" : "false";
}
