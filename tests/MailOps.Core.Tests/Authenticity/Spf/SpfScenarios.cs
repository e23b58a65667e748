using System.Net;
using System.Net.Sockets;
using MailOps.Core.Tests.Dns;
using MailOps.Dns;

namespace MailOps.Core.Tests.Authenticity.Spf;

/// <summary>One question of a scenario and what is expected.</summary>
/// <param name="Name">The file, the scenario, and the number of the question in it.</param>
/// <param name="Zone">The DNS.</param>
/// <param name="Ip">The client.</param>
/// <param name="Sender">The sender; may be empty.</param>
/// <param name="Helo">The HELO name.</param>
/// <param name="Expect">The result, in lower case; behind it perhaps the explanation.</param>
internal sealed record SpfScenario(string Name, ZoneInspector Zone, string Ip, string Sender, string Helo, string Expect);

/// <summary>Reads the scenario files: of YAML they use documents, keys that may come again, and nothing deeper than a list of tests.</summary>
internal static class SpfScenarios
{
    public static IEnumerable<SpfScenario> Read(string file)
    {
        var scenario = new Scenario(Path.GetFileName(file));
        var found = new List<SpfScenario>();
        foreach (var raw in File.ReadLines(file))
        {
            var line = raw.TrimEnd();
            if (line.TrimStart() is "" or ['#', ..]) continue;
            if (line == "---")
            {
                scenario = new Scenario(scenario.File);
                continue;
            }
            var text = line.TrimStart();
            if (text.StartsWith("- ", StringComparison.Ordinal)) text = text[2..].TrimStart();
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            var (key, value) = (text[..colon], text[(colon + 1)..].Trim());
            if (line[0] != ' ') scenario.Top(key, value);
            else if (scenario.Take(key, value) is { } question) found.Add(question);
        }
        return found;
    }

    private sealed class Scenario(string file)
    {
        private readonly List<(string Type, string Name, string Value)> _records = [];
        private readonly Dictionary<string, string> _current = [];
        private string _name = "";
        private int _count;

        public string File => file;

        public void Top(string key, string value)
        {
            if (key == "name") _name = value;
        }

        public SpfScenario? Take(string key, string value)
        {
            switch (key)
            {
                case "a" or "aaaa" or "mx" or "ptr" or "spf" or "exp":
                    var space = value.IndexOf(' ', StringComparison.Ordinal);
                    var name = space < 0 ? value : value[..space];
                    if (key == "spf") _records.RemoveAll(record => record.Type == key && record.Name == name);   // a record of a later test takes the place of an earlier one
                    _records.Add((key, name, space < 0 ? "" : value[(space + 1)..]));
                    return null;
                case "expect":
                    return new SpfScenario($"{file}: {_name} #{++_count}", Zone(), _current["ip"], _current["sender"], _current["domain"], value);
                default:
                    _current[key] = value;
                    return null;
            }
        }

        private ZoneInspector Zone()
        {
            var zone = new ZoneInspector { Fails = name => name.Contains("_dns_error", StringComparison.Ordinal) };
            foreach (var (type, name, value) in _records)
            {
                if (type is "spf" or "exp") zone.Add("TXT", name, value);
                else Add(zone, type, name, value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
            return zone;
        }

        private static void Add(ZoneInspector zone, string type, string name, string[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                switch (type)
                {
                    case "mx":   // the files name addresses, each of which is an exchanger of its own
                        var host = $"mx{i}.exchangers.{name}";
                        zone.Add("MX", name, new MxRecord(i, host));
                        zone.Add(TypeOf(values[i]), host, IPAddress.Parse(values[i]));
                        break;
                    case "ptr":
                        zone.Add("PTR", IPAddress.Parse(name).ToString(), values[i]);
                        break;
                    default:
                        zone.Add(TypeOf(values[i]), name, IPAddress.Parse(values[i]));
                        break;
                }
            }
        }

        private static string TypeOf(string address) => IPAddress.Parse(address).AddressFamily == AddressFamily.InterNetwork ? "A" : "AAAA";
    }
}
