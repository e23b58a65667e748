namespace MailOps.Outlook;

/// <summary>An open key of the registry. There is no way in it to empty or remove a key.</summary>
/// <remarks>
/// Every member may throw <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>, and nothing else. Names are compared without case. Not for several threads at once.
/// </remarks>
public interface IRegistryKey : IDisposable
{
    /// <summary>Its whole path, as it is shown.</summary>
    string Path { get; }

    /// <summary>The names of the keys right below.</summary>
    IReadOnlyList<string> SubKeyNames();

    /// <summary>The names of its values; that of the default value is empty.</summary>
    IReadOnlyList<string> ValueNames();

    /// <summary>A value with its kind; null where there is none.</summary>
    RegistryData? Read(string name);

    /// <summary>Sets a value with its kind, and makes it where it is not there.</summary>
    void Write(string name, RegistryData data);

    /// <summary>Removes a value; nothing happens where there is none.</summary>
    void Delete(string name);

    /// <summary>Has what was changed in it written to the disk.</summary>
    void Flush();

    /// <summary>Opens a key below; null where there is none.</summary>
    /// <param name="path">The way to it, with a backslash between names.</param>
    /// <param name="writable">Whether values are going to be set or removed.</param>
    IRegistryKey? Open(string path, bool writable = false);

    /// <summary>Opens a key below to be written to, and makes it where it is not there; one that is there keeps all it has. This one may have been opened for reading.</summary>
    /// <param name="path">The way to it, with a backslash between names.</param>
    IRegistryKey Create(string path);
}
