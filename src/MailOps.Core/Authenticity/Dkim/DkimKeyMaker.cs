using System.Text;
using MailOps.Messages;

namespace MailOps.Authenticity.Dkim;

/// <summary>Makes keys for DKIM signatures.</summary>
public static class DkimKeyMaker
{
    private const string KeyExists = "Give another -Path, or -Force to replace it; a key that is replaced is lost, and what it has signed can still be verified only while its record is published.";

    /// <summary>Makes a key, writes its private half to a file for its owner alone, and tells what to publish.</summary>
    /// <param name="domain">The domain that signs.</param>
    /// <param name="selector">The name of the key within the domain.</param>
    /// <param name="type">The kind of key.</param>
    /// <param name="size">The bits of an RSA key.</param>
    /// <param name="isTest">Whether receivers are to take signatures for a test.</param>
    /// <param name="path">The file, with its whole path.</param>
    /// <param name="overwrites">Whether a file that is there is replaced.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidDomain"/>, <see cref="ErrorCode.FileExists"/> or <see cref="ErrorCode.FileUnwritable"/>.</exception>
    public static DkimKey Make(string domain, string selector, DkimKeyType type, int size, bool isTest, string path, bool overwrites)
    {
        var (ascii, label, name) = DkimKeyPublication.NameOf(domain, selector);
        if (!overwrites) WholeFile.CheckAbsent(path, KeyExists);   // before the key is made, which takes time
        var pair = DkimKeyPair.Generate(type, size);
        PrivateFile.Write(path, Encoding.ASCII.GetBytes(pair.PrivateKey), overwrites, KeyExists);
        var record = DkimKeyPublication.RecordOf(type, pair.PublicKey, isTest);
        var strings = DkimKeyPublication.StringsOf(record);
        return new DkimKey
        {
            Domain = ascii,
            Selector = label,
            KeyType = type,
            KeySize = type == DkimKeyType.Rsa ? size : 256,
            PrivateKeyPath = path,
            RecordName = name,
            Record = record,
            RecordStrings = strings,
            ZoneLine = DkimKeyPublication.ZoneLineOf(name, strings),
        };
    }
}
