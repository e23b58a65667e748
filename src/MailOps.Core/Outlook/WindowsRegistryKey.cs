using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Security;
using Microsoft.Win32;
using Microsoft.Win32.SafeHandles;

namespace MailOps.Outlook;

/// <summary>A key of the registry of Windows. Values are read and written as bytes: the classes of .NET mend texts without a NUL on the way, and what is put back must be what was there.</summary>
#if NET
[System.Runtime.Versioning.SupportedOSPlatform("windows")]
#endif
internal sealed class WindowsRegistryKey(RegistryKey key) : IRegistryKey
{
    private const int MoreData = 234;
    private const int FileNotFound = 2;
    private const int AccessDenied = 5;

    public string Path => key.Name;

    public IReadOnlyList<string> SubKeyNames() => Try(key.GetSubKeyNames);

    public IReadOnlyList<string> ValueNames() => Try(key.GetValueNames);

    public RegistryData? Read(string name)
    {
        var buffer = new byte[512];
        while (true)
        {
            var size = buffer.Length;
            var result = NativeMethods.RegQueryValueExW(key.Handle, name, IntPtr.Zero, out var kind, buffer, ref size);
            if (result == FileNotFound) return null;
            if (result == 0)
            {
                Array.Resize(ref buffer, size);
                return new RegistryData((RegistryDataKind)kind, buffer);
            }
            if (result != MoreData) throw Failure(result, $"The value '{name}' cannot be read");
            buffer = new byte[Math.Max(size, buffer.Length * 2)];   // it may grow between two questions
        }
    }

    public void Write(string name, RegistryData data)
    {
        var result = NativeMethods.RegSetValueExW(key.Handle, name, 0, (int)data.Kind, data.ToArray(), data.Length);
        if (result != 0) throw Failure(result, $"The value '{name}' cannot be written");
    }

    public void Delete(string name)
    {
        var result = NativeMethods.RegDeleteValueW(key.Handle, name);
        if (result is not (0 or FileNotFound)) throw Failure(result, $"The value '{name}' cannot be removed");
    }

    // RegistryKey.Flush does nothing on a key to which it has not written itself.
    public void Flush()
    {
        var result = NativeMethods.RegFlushKey(key.Handle);
        if (result != 0) throw Failure(result, "What was written cannot be brought to the disk");
    }

    public IRegistryKey? Open(string path, bool writable = false) => Try(() => key.OpenSubKey(path, writable)) is { } opened ? new WindowsRegistryKey(opened) : null;

    // CreateSubKey opens a key that is there, with all it has; it demands a parent that was opened to be written to, which this one is once more for that.
    public IRegistryKey Create(string path)
    {
        using (var parent = Try(() => key.OpenSubKey("", writable: true)) ?? throw new IOException($"{key.Name} is gone."))
        using (Try(() => parent.CreateSubKey(path, writable: true)))
        {
            // It is there now.
        }
        return Open(path, writable: true) ?? throw new IOException($@"{key.Name}\{path} is gone.");
    }

    public void Dispose() => key.Dispose();

    private static T Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is SecurityException or ArgumentException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);   // IOException and UnauthorizedAccessException pass
        }
    }

    private Exception Failure(int error, string what)
    {
        var message = $"{what} in {key.Name}: {new Win32Exception(error).Message}";
        return error == AccessDenied ? new UnauthorizedAccessException(message) : new IOException(message);
    }

    private static class NativeMethods
    {
        [DllImport("advapi32.dll", CharSet = CharSet.Unicode), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int RegQueryValueExW(SafeRegistryHandle key, string name, IntPtr reserved, out int kind, byte[] data, ref int size);

        [DllImport("advapi32.dll", CharSet = CharSet.Unicode), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int RegSetValueExW(SafeRegistryHandle key, string name, int reserved, int kind, byte[] data, int size);

        [DllImport("advapi32.dll", CharSet = CharSet.Unicode), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int RegDeleteValueW(SafeRegistryHandle key, string name);

        [DllImport("advapi32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int RegFlushKey(SafeRegistryHandle key);
    }
}
