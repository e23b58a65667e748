using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using MailOps.Messages;

namespace MailOps.Providers;

/// <summary>Reads XML of strangers, and makes their words fit to be shown.</summary>
internal static class SettingsText
{
    private const int MaxLength = 500;

    // The text of an element is gathered by a call within a call for each level; a stack that runs over ends the process.
    private const int MaxDepth = 64;

    /// <summary>The root element; null, and a fault in words, where the content is not XML or declares a document type.</summary>
    public static XElement? Root(byte[] content, out string? fault)
    {
        // A document type could name files and grow without bound; nothing that is read here has one.
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = SettingsFetcher.MaxSize };
        try
        {
            using var glance = XmlReader.Create(new MemoryStream(content, writable: false), settings);
            while (glance.Read())
            {
                if (glance.Depth <= MaxDepth) continue;
                fault = "what came is XML within XML without end";
                return null;
            }
            using var reader = XmlReader.Create(new MemoryStream(content, writable: false), settings);
            fault = null;
            return XDocument.Load(reader).Root;
        }
        catch (XmlException e)
        {
            fault = $"what came is not XML: {Shown(e.Message)}";
            return null;
        }
    }

    /// <summary>The elements of a name below another, whatever their namespace: those in use differ.</summary>
    public static IEnumerable<XElement> All(XElement parent, string name) => parent.Elements().Where(element => element.Name.LocalName == name);

    /// <summary>The trimmed text of the first such element; null where there is none, or nothing in it.</summary>
    public static string? Text(XElement parent, string name) => All(parent, name).FirstOrDefault()?.Value.Trim() is { Length: > 0 } text ? Shown(text) : null;

    /// <summary>A port; null where the text is none.</summary>
    public static int? Port(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535 ? port : null;

    /// <summary>A text of at most 500 characters, in which those that could move the cursor or turn the line around are written out.</summary>
    public static string Shown(string text) => WireText.Show(text, MaxLength);
}
