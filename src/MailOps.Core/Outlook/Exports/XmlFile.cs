using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace MailOps.Outlook.Exports;

/// <summary>XML as files have it: UTF-8 without a mark, an element a line.</summary>
internal static class XmlFile
{
    public static byte[] Bytes(XDocument document)
    {
        using var bytes = new MemoryStream();
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, NewLineChars = "\n" };
        using (var writer = XmlWriter.Create(bytes, settings)) document.Save(writer);
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
