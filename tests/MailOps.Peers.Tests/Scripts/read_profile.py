"""Reads an Apple configuration profile and prints its keys, one a line, with their types: an oracle that is not ours."""
import plistlib
import sys


def show(value, path):
    if isinstance(value, dict):
        for key in sorted(value):
            show(value[key], f"{path}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            show(item, f"{path}/{index}")
    else:
        print(f"{path} {type(value).__name__} {ascii(value)}")


with open(sys.argv[1], "rb") as file:
    show(plistlib.load(file, fmt=plistlib.FMT_XML), "")
