using System.Text;
using MimeKit;

namespace MailOps.Messages;

/// <summary>The whole of a message, headers and body, as the bytes of a file: what MimeKit writes in the place of a part that it composed.</summary>
/// <remarks>
/// MimeKit writes a message as its headers, a blank line and its body. To get the file's bytes and nothing else, the message must have no visible
/// header and no blank line; the parser makes such a one from a header block that ends without one. The only headers are this part's own, which
/// <see cref="HideOwnHeaders"/> hides.
/// </remarks>
public sealed class RawContent : MimePart
{
    private const string Type = "application/x-mailops-raw";

    private static readonly byte[] LineFeed = [(byte)'\n'];

    private FileStream? _file;

    /// <summary>For the parser, which makes one where it meets the content type.</summary>
    public RawContent(MimeEntityConstructorArgs args)
        : base(args)
    {
    }

    /// <summary>A message whose content is that file, of which it becomes the owner.</summary>
    internal static MimeMessage Wrap(FileStream file, bool eightBit)
    {
        var options = new ParserOptions();
        options.RegisterMimeType(Type, typeof(RawContent));
        var headers = $"Content-Type: {Type}\r\nContent-Transfer-Encoding: {(eightBit ? "8bit" : "7bit")}";   // and no line break: hence no blank line
        using var source = new MemoryStream(Encoding.ASCII.GetBytes(headers));
        var message = new ExperimentalMimeParser(options, source, MimeFormat.Entity).ParseMessage();
        ((RawContent)message.Body!)._file = file;
        return message;
    }

    /// <summary>Keeps the two headers that carry the type out of what is written.</summary>
    internal static void HideOwnHeaders(FormatOptions options)
    {
        options.HiddenHeaders.Add(HeaderId.ContentType);
        options.HiddenHeaders.Add(HeaderId.ContentTransferEncoding);
    }

    /// <inheritdoc/>
    public override void Prepare(EncodingConstraint constraint, int maxLineLength = 78)
    {
        // Nothing is chosen here: the file is what it is.
    }

    /// <inheritdoc/>
    public override void WriteTo(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default) =>
        WriteToAsync(options, stream, contentOnly, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Writes the file; a bare LF or CR becomes CRLF, the only line end of SMTP (RFC 5321 section 2.3.8).</summary>
    public override async Task WriteToAsync(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
    {
        var input = new byte[32 * 1024];
        var output = new byte[2 * input.Length];
        var previous = (byte)0;
        _file!.Position = 0;
        while (await _file.ReadAsync(input, 0, input.Length, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            var written = 0;
            for (var i = 0; i < read; i++)
            {
                if (input[i] == '\n' && previous != '\r') output[written++] = (byte)'\r';
                else if (input[i] != '\n' && previous == '\r') output[written++] = (byte)'\n';
                output[written++] = previous = input[i];
            }
            await stream.WriteAsync(output, 0, written, cancellationToken).ConfigureAwait(false);
        }
        if (previous == '\r') await stream.WriteAsync(LineFeed, 0, 1, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _file?.Dispose();
        base.Dispose(disposing);
    }
}
