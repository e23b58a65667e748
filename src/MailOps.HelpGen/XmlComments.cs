using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MailOps.HelpGen;

/// <summary>The compiler's XML comments of the cmdlets and of the types they write, as plain paragraphs; remembers what it looked for in vain.</summary>
internal sealed partial class XmlComments
{
    private readonly Dictionary<string, XElement> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _cmdlets;
    private readonly List<string> _gaps = [];

    public XmlComments(IEnumerable<string> files, IEnumerable<CmdletInfo> commands)
    {
        foreach (var member in files.SelectMany(file => XDocument.Load(file, LoadOptions.PreserveWhitespace).Descendants("member")))
            _members[(string)member.Attribute("name")!] = member;
        _cmdlets = commands.ToDictionary(c => c.ImplementingType.FullName!, c => c.Name, StringComparer.Ordinal);
    }

    /// <summary>What is missing, a sentence each.</summary>
    public IReadOnlyList<string> Gaps => _gaps;

    public static string TypeId(Type type) => "T:" + type.FullName;

    /// <summary>The id of a cmdlet's property, declared there or on one of its base types.</summary>
    public static string? PropertyId(Type cmdlet, string name) =>
        cmdlet.GetProperty(name)?.DeclaringType is { } declaring ? $"P:{(declaring.IsGenericType ? declaring.GetGenericTypeDefinition() : declaring).FullName}.{name}" : null;

    /// <summary>The paragraphs of a tag; where there are none, a gap if <paramref name="gap"/> says what is missing.</summary>
    public IReadOnlyList<string> Paragraphs(string id, string tag, string? gap = null)
    {
        var found = _members.TryGetValue(id, out var member) && Element(member, tag) is { } element ? Paragraphs(element) : [];
        if (found.Count == 0 && gap is not null) _gaps.Add(gap);
        return found;
    }

    // Each file of a partial class has a summary, and the compiler keeps all: that of the class stands before its remarks.
    private static XElement? Element(XElement member, string tag) =>
        tag == "summary" && member.Element("remarks") is { } remarks ? remarks.ElementsBeforeSelf(tag).LastOrDefault() ?? member.Element(tag) : member.Element(tag);

    /// <summary>The examples: the first para is the title, code the script, the other paras the remarks.</summary>
    public IReadOnlyList<(string Title, string Code, IReadOnlyList<string> Remarks)> Examples(string id, string command)
    {
        if (!_members.TryGetValue(id, out var member) || !member.Elements("example").Any())
        {
            _gaps.Add($"{command} has no example.");
            return [];
        }
        return [.. member.Elements("example").Select(example => Example(example, command))];
    }

    public IEnumerable<(string Text, string Uri)> Links(string id) =>
        _members.TryGetValue(id, out var member) ? member.Elements("seealso").Select(Link) : [];

    private (string Title, string Code, IReadOnlyList<string> Remarks) Example(XElement example, string command)
    {
        var code = example.Element("code") is { } element ? Unindent(element) : "";
        var paragraphs = Paragraphs(new XElement("x", example.Elements("para")));
        if (code.Length == 0 || paragraphs.Count == 0) _gaps.Add($"{command} has an example without a title (its first para) or without code.");
        return (paragraphs.Count > 0 ? paragraphs[0] : "", code, [.. paragraphs.Skip(1)]);
    }

    private (string Text, string Uri) Link(XElement link)
    {
        var uri = (string?)link.Attribute("href") ?? "";
        var text = Plain(link.Nodes());
        return (text.Length > 0 ? text : link.Attribute("cref") is { } cref ? Name(cref.Value) : uri, uri);
    }

    private List<string> Paragraphs(XElement element)
    {
        var paragraphs = new List<string>();
        var loose = new List<XNode>();
        foreach (var node in element.Nodes().Append(new XElement("para")))
        {
            if (node is not XElement { Name.LocalName: "para" or "list" } block)
            {
                loose.Add(node);
                continue;
            }
            paragraphs.Add(Plain(loose));
            loose.Clear();
            paragraphs.AddRange(block.Name.LocalName == "list" ? block.Elements("item").Select(i => "- " + Plain(i.Nodes())) : [Plain(block.Nodes())]);
        }
        paragraphs.RemoveAll(p => p.Length == 0);
        return paragraphs;
    }

    private string Plain(IEnumerable<XNode> nodes)
    {
        var text = new StringBuilder();
        foreach (var node in nodes) text.Append(Plain(node));
        return Spaces().Replace(text.ToString(), " ").Trim();
    }

    private string Plain(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "seealso" or "paramref" } see when !see.Nodes().Any() =>
            see.Attribute("cref") is { } cref ? Name(cref.Value) : (string?)see.Attribute("langword") ?? (string?)see.Attribute("href") ?? (string?)see.Attribute("name") ?? "",
        XElement element => Plain(element.Nodes()),
        _ => "",
    };

    /// <summary>What a user of the shell calls a member: a cmdlet's name, -Parameter, or the last part.</summary>
    private string Name(string cref)
    {
        var id = cref.Substring(2).Split('(')[0];
        if (_cmdlets.TryGetValue(id, out var cmdlet)) return cmdlet;
        var dot = id.LastIndexOf('.');
        var name = id.Substring(dot + 1);
        return cref[0] == 'P' && _cmdlets.ContainsKey(id.Substring(0, dot)) ? "-" + name : name;
    }

    // What stands before the tag on its line is the comment's own margin, and before each further line of the code too; the first begins behind the tag.
    private static string Unindent(XElement code)
    {
        var margin = code.PreviousNode is XText before ? before.Value.Substring(before.Value.LastIndexOf('\n') + 1).Length : 0;
        var lines = code.Value.Replace("\r", "", StringComparison.Ordinal).Split('\n').Select(l => l.Substring(Math.Min(margin, l.Length - l.TrimStart().Length)).TrimEnd());
        return string.Join('\n', lines).Trim('\n');
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
