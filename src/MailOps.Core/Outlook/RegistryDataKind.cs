namespace MailOps.Outlook;

/// <summary>The kinds of registry values that Outlook uses, by their numbers in Windows; a value may have any other number too.</summary>
public enum RegistryDataKind
{
    /// <summary>REG_NONE.</summary>
    None = 0,
    /// <summary>REG_SZ: UTF-16 with a terminating NUL.</summary>
    Text = 1,
    /// <summary>REG_EXPAND_SZ: as <see cref="Text"/>, with names of environment variables between percent signs.</summary>
    ExpandText = 2,
    /// <summary>REG_BINARY.</summary>
    Binary = 3,
    /// <summary>REG_DWORD: 32 bits, the least significant byte first.</summary>
    Number = 4,
}
