using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace MailOps.PowerShell.Parameters;

/// <summary>Lets an Encoding parameter take the names that Send-MailMessage takes, a code page number, or any name that .NET knows.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EncodingNameAttribute : ArgumentTransformationAttribute
{
#if NET
    // Windows PowerShell has the code pages, .NET hands them out only when asked.
    static EncodingNameAttribute() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
#endif

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            return (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
            {
                null or "" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
                string name when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var page) => Encoding.GetEncoding(page),
                string name => Named(name),
                int page => Encoding.GetEncoding(page),
                _ => inputData,
            };
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ArgumentTransformationMetadataException($"'{inputData}' is not an encoding. Use utf8, ascii, a code page number or a name such as iso-8859-1.", e);
        }
    }

    private static Encoding Named(string name) => name.ToUpperInvariant() switch
    {
        // UTF-7 is refused by .NET for its dangers; a message in UTF-8 says the same to every reader.
        "UTF8" or "UTF8NOBOM" or "UTF8BOM" or "UTF7" or "DEFAULT" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        "ASCII" => Encoding.ASCII,
        "UNICODE" => Encoding.Unicode,
        "BIGENDIANUNICODE" => Encoding.BigEndianUnicode,
        "UTF32" => Encoding.UTF32,
        "BIGENDIANUTF32" => new UTF32Encoding(bigEndian: true, byteOrderMark: false),
        "ANSI" => Encoding.GetEncoding(CultureInfo.CurrentCulture.TextInfo.ANSICodePage),
        "OEM" => Encoding.GetEncoding(CultureInfo.CurrentCulture.TextInfo.OEMCodePage),
        _ => Encoding.GetEncoding(name),
    };
}

/// <summary>Completes the names of encodings.</summary>
public sealed class EncodingNameCompleter : IArgumentCompleter
{
    private static readonly string[] Names =
        ["utf8", "ascii", "iso-8859-1", "ansi", "bigendianunicode", "bigendianutf32", "oem", "unicode", "utf32", "utf7", "utf8BOM", "utf8NoBOM"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Names.Where(name => name.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult(name, name, CompletionResultType.ParameterValue, name));
}
