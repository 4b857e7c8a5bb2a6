#!/usr/bin/env python3
"""Makes frequent_passwords.txt from src/frequency_lists.rs of the crate zxcvbn, named as the argument. See README.md."""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1]).read_text("utf-8")
text = re.search(r'const PASSWORDS: &str = "((?:[^"\\]|\\.)*)"', source).group(1)
text = re.sub(r"\\(.)", r"\1", text)


def matters(word):
    return sum(c.isalpha() for c in word) >= 3 or len(word) >= 12


words = sorted(word for word in set(text.split(",")) if matters(word))
pathlib.Path(__file__).with_name("frequent_passwords.txt").write_text("\n".join(words) + "\n", "utf-8")
