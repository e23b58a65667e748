using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

/// <summary>A registry in memory that counts what is changed, and refuses, falsifies or crashes at the change that a test names. Passwords in it may not be read.</summary>
internal sealed class MemoryRegistry
{
    private readonly Node _root = new("HKEY_TEST");

    /// <summary>Changes so far: values written or removed, keys made.</summary>
    public int Changes { get; private set; }

    /// <summary>The change, counted from 1, that is refused; 0 for none.</summary>
    public int RefusedChange { get; set; }

    /// <summary>The value of which every change is refused.</summary>
    public string? RefusedName { get; set; }

    /// <summary>The key that may be read and not written to.</summary>
    public string? ReadOnlyKey { get; set; }

    /// <summary>The key that may not even be read.</summary>
    public string? HiddenKey { get; set; }

    /// <summary>Whether every change after the refused one is refused too.</summary>
    public bool StaysRefused { get; set; }

    /// <summary>The change, counted from 1, that stores something else without a word; 0 for none.</summary>
    public int FalsifiedChange { get; set; }

    /// <summary>The change, counted from 1, before which the process dies: from then on everything throws; 0 for none.</summary>
    public int CrashedChange { get; set; }

    /// <summary>Whether what was changed last has been flushed.</summary>
    public bool IsOnDisk { get; private set; } = true;

    /// <summary>Called when something was flushed.</summary>
    public Action? Flushed { get; set; }

    /// <summary>Whether nothing can be flushed.</summary>
    public bool RefusesFlush { get; set; }

    /// <summary>Whether it has died.</summary>
    public bool IsDead { get; private set; }

    /// <summary>A key by its path, made where it is not there.</summary>
    public IRegistryKey Key(string path = "") => new OpenKey(this, path.Length == 0 ? _root : _root.At(path, makes: true)!, writable: true);

    /// <summary>The next process begins: nothing fails, and counting starts anew.</summary>
    public void Revive()
    {
        (IsDead, Changes, RefusedChange, FalsifiedChange, CrashedChange, StaysRefused, RefusesFlush, RefusedName) = (false, 0, 0, 0, 0, false, false, null);
    }

    /// <summary>Removes a key with all below.</summary>
    public void Remove(string path)
    {
        var parent = _root.At(path[..path.LastIndexOf('\\')], makes: false)!;
        parent.Keys.Remove(path[(path.LastIndexOf('\\') + 1)..]);
    }

    /// <summary>Every value with kind and bytes, a line each: what must not change is compared by it.</summary>
    public string Dump()
    {
        var lines = new List<string>();
        Add(_root, "");
        return string.Join('\n', lines);

        void Add(Node node, string path)
        {
            lines.Add(path);
            foreach (var (name, data) in node.Values.OrderBy(value => value.Key, StringComparer.OrdinalIgnoreCase)) lines.Add($"{path} [{name}] {(int)data.Kind} {Convert.ToHexString(data.ToArray())}");
            foreach (var (name, below) in node.Keys.OrderBy(key => key.Key, StringComparer.OrdinalIgnoreCase)) Add(below, path + "\\" + name);
        }
    }

    private RegistryData? Change(RegistryData? data, string name)
    {
        if (++Changes == CrashedChange) IsDead = true;
        CheckAlive();
        IsOnDisk = false;
        if (name == RefusedName || Changes == RefusedChange || (StaysRefused && RefusedChange > 0 && Changes > RefusedChange)) throw new UnauthorizedAccessException($"'{name}' is refused.");
        return Changes == FalsifiedChange ? RegistryData.OfText("something else") : data;
    }

    private void CheckAlive()
    {
        if (IsDead) throw new ProcessDiedException();
    }

    /// <summary>What no product code catches.</summary>
    internal sealed class ProcessDiedException : Exception;

    private sealed class Node(string name)
    {
        public string Name => name;

        public Dictionary<string, RegistryData> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

        public Dictionary<string, Node> Keys { get; } = new(StringComparer.OrdinalIgnoreCase);

        public Node? At(string path, bool makes)
        {
            var node = this;
            foreach (var part in path.Split('\\'))
            {
                if (!node.Keys.TryGetValue(part, out var below))
                {
                    if (!makes) return null;
                    node.Keys[part] = below = new Node(node.Name + "\\" + part);
                }
                node = below;
            }
            return node;
        }
    }

    private sealed class OpenKey(MemoryRegistry registry, Node node, bool writable) : IRegistryKey
    {
        public string Path => node.Name;

        public IReadOnlyList<string> SubKeyNames()
        {
            registry.CheckAlive();
            return [.. node.Keys.Keys];
        }

        public IReadOnlyList<string> ValueNames()
        {
            registry.CheckAlive();
            return [.. node.Values.Keys];
        }

        public RegistryData? Read(string name)
        {
            registry.CheckAlive();
            Assert.DoesNotContain("password", name, StringComparison.OrdinalIgnoreCase);
            return node.Values.GetValueOrDefault(name);
        }

        public void Write(string name, RegistryData data)
        {
            CheckWritable();
            node.Values[name] = registry.Change(data, name)!;
        }

        public void Delete(string name)
        {
            CheckWritable();
            if (registry.Change(null, name) is { } other) node.Values[name] = other;
            else node.Values.Remove(name);
        }

        public void Flush()
        {
            registry.CheckAlive();
            if (registry.RefusesFlush) throw new IOException("The disk does not take it.");
            registry.IsOnDisk = true;
            registry.Flushed?.Invoke();
        }

        public IRegistryKey? Open(string path, bool writable = false)
        {
            registry.CheckAlive();
            if (node.At(path, makes: false) is not { } found) return null;
            if (found.Name.EndsWith("\\" + registry.HiddenKey, StringComparison.Ordinal) || (writable && found.Name.EndsWith("\\" + registry.ReadOnlyKey, StringComparison.Ordinal)))
                throw new UnauthorizedAccessException($"'{found.Name}' is not for you.");
            return new OpenKey(registry, found, writable);
        }

        public IRegistryKey Create(string path)
        {
            if (node.At(path, makes: false) is null) registry.Change(null, path);
            return new OpenKey(registry, node.At(path, makes: true)!, writable: true);
        }

        public void Dispose()
        {
            // Nothing is held.
        }

        private void CheckWritable()
        {
            if (!writable) throw new UnauthorizedAccessException($"{Path} was opened for reading.");
        }
    }
}
