namespace MailOps.Relay.Configuration;

/// <summary>Which folders cannot be one, since files would go round in them.</summary>
internal static class FolderRules
{
    private const int MostLinks = 40;   // as Linux follows; those that lead round in a ring have no end

    /// <summary>Adds a sentence for each fault.</summary>
    /// <param name="faults">The faults.</param>
    /// <param name="options">The options.</param>
    /// <param name="folder">What relative paths are relative to.</param>
    public static void Check(Faults faults, SmtpRelayOptions options, string folder)
    {
        var folders = Folders(options, folder).ToList();
        foreach (var (key, path) in folders.Where(one => Same(one.Path, Full(options.QueuePath, folder))))
            faults.Add(key, "and queuePath are one folder: what lies in a queue's folder is the relay's own. Give each a folder of its own", "queuePath");
        foreach (var (pickup, drop) in Pairs(folders).Where(pair => Same(pair.Pickup.Path, pair.Drop.Path)))
            faults.Add(pickup.Key, $"and {drop.Key} are one folder: what is dropped there would be sent again. Give each a folder of its own", drop.Key);
    }

    /// <summary>What may be meant: only the files of the folder itself are looked at.</summary>
    public static IEnumerable<string> Warnings(SmtpRelayOptions options)
    {
        foreach (var (pickup, drop) in Pairs(Folders(options, Environment.CurrentDirectory).ToList()))
        {
            if (Within(drop.Path, pickup.Path)) yield return Warning(drop.Key, pickup.Key);
            if (Within(pickup.Path, drop.Path)) yield return Warning(pickup.Key, drop.Key);
        }
    }

    private static string Warning(string inner, string outer) => $"{inner} is a folder within {outer}: who may write to that folder may put another in its place. Give each a folder beside the other.";

    private static IEnumerable<((string Key, string Path) Pickup, (string Key, string Path) Drop)> Pairs(List<(string Key, string Path)> folders) =>
        folders is [("pickup.path", _) pickup, .. var drops] ? drops.Select(drop => (pickup, drop)) : [];

    private static IEnumerable<(string Key, string Path)> Folders(SmtpRelayOptions options, string folder)
    {
        if (options.Pickup is { } pickup && Full(pickup.Path, folder) is { } path) yield return ("pickup.path", path);
        for (var i = 0; i < options.Routes.Count; i++)
            if (options.Routes[i].Kind == RouteKind.Drop && Full(options.Routes[i].DropPath, folder) is { } drop) yield return ($"routes[{i}].dropPath", drop);
    }

    // One that is no path is told elsewhere.
    private static string? Full(string? path, string folder) =>
        string.IsNullOrEmpty(path) || path.Contains('\0', StringComparison.Ordinal) ? null : Real(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, folder)));

    // Where symbolic links lead, as far as the path exists: two names of one folder are one folder.
    private static string Real(string path, int links = MostLinks)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var name in path[real.Length..].Split(Path.DirectorySeparatorChar))
        {
            real = Path.Join(real, name);
            try
            {
                if (links > 0 && Directory.ResolveLinkTarget(real, returnFinalTarget: true) is { } target) real = Real(Path.TrimEndingDirectorySeparator(target.FullName), links - 1);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is not there, or cannot be looked at: then the name is all that is known.
            }
        }
        return real;
    }

    private static StringComparison Comparison => OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private static bool Same(string? one, string? other) => one is not null && string.Equals(one, other, Comparison);

    private static bool Within(string inner, string outer) => inner.StartsWith(Path.TrimEndingDirectorySeparator(outer) + Path.DirectorySeparatorChar, Comparison);
}
