"""Reads a PRF file as the INI file that it is, checks that each key of each account is mapped, and prints the accounts: an oracle that is not ours."""
import configparser
import sys

with open(sys.argv[1], "rb") as file:
    content = file.read()
assert not content.startswith((b"\xef\xbb\xbf", b"\xff\xfe")), "a mark"
assert content.replace(b"\r\n", b"").count(b"\n") == 0 and content.replace(b"\r\n", b"").count(b"\r") == 0, "not CRLF"
prf = configparser.RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=(";",), empty_lines_in_values=False)
prf.optionxform = str
prf.read_string(content.decode("cp1252"))
assert prf.sections()[:3] == ["General", "Service List", "Internet Account List"], prf.sections()
for account, mapping in prf["Internet Account List"].items():
    for key, value in prf[account].items():
        if key == "UniqueService":
            continue
        kind, tag = prf[mapping][key].split(",")
        assert kind in ("PT_UNICODE", "PT_LONG"), kind
        if kind == "PT_LONG":
            int(value, 0)
        print(account, prf[mapping]["AccountType"], f"{int(tag, 16):04X}", ascii(value))
print("profile", ascii(prf["General"]["ProfileName"]), prf["General"]["OverwriteProfile"], prf["General"]["BackupProfile"])
