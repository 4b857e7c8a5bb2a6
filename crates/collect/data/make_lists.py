#!/usr/bin/env python3
"""Makes listed_sources.tsv and client_rules.tsv. What they are and when to run this: README.md beside it.

usage: make_lists.py sources DIR   DIR holds the three .yml lists of searchengine-and-social-list
       make_lists.py rules FILE    FILE is matchers.py of the Python package ua-parser-builtins
"""
import ast
import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).parent

# Listed there as social networks, but a link from them is an ordinary referral.
NOT_SOCIAL = {"GitHub", "StackOverflow", "Sourceforge", "Workplace", "Ozone"}
VIDEO = {"YouTube", "Vimeo", "bilibili", "Niconico", "Twitcast", "Huya", "Douyu"}
MESSENGERS = {"Telegram", "WeChat", "Discord"}
NAMES = {
    "Vkontakte": "VK", "reddit": "Reddit", "tumblr": "Tumblr", "Google%2B": "Google+", "Twitter": "X",
    "my.mail.ru": "Moy Mir", "Deepseek": "DeepSeek", "gree": "GREE", "bilibili": "Bilibili",
}
FOLD = ("Google", "Yandex", "Bing", "Yahoo!", "Baidu", "Ask", "DuckDuckGo")


def named(name):
    name = NAMES.get(name, name)
    for engine in FOLD:  # Google Images, Yandex Images… are the engine itself
        if name.startswith(engine + " ") and name not in ("Google Scholar", "Google News"):
            name = engine
    return "Yahoo" if name == "Yahoo!" else name


def host_of(url):
    url = url.strip().lower().rstrip("/")
    host, _, path = url.partition("/")
    host = host.removeprefix("www.")
    return host + ("/" + path if path else "")


def sources(folder):
    rows = {}
    read = lambda what: yaml.safe_load(next(pathlib.Path(folder).glob(f"*{what}.yml")).read_text("utf-8"))
    for name, groups in read("SearchEngines").items():
        # A host of the engine's own is search by itself; a partner's page only if words searched for are in the address.
        for group in groups:
            params = [p for p in map(str, group.get("params") or []) if re.fullmatch(r"[A-Za-z_]\w*", p)]
            charset = next((c for c in group.get("charsets") or [] if c == "windows-1251"), "")
            for url in group["urls"]:
                if not url.startswith("android-app"):
                    host = host_of(url)
                    own = "hiddenkeyword" in group or re.sub(r"\W", "", str(name).lower()) in host
                    kind = "search" if own else "partner"
                    rows.setdefault(host, [kind, named(str(name)), ",".join(params), charset])
    for host in list(rows):  # google.{}/cse says no more than google.{}
        bare = host.split("/")[0]
        if bare != host and rows.get(bare, [0, 0])[1] == rows[host][1]:
            del rows[host]
    for name, hosts in read("Socials").items():
        kind = "video" if name in VIDEO else "messenger" if name in MESSENGERS else "social"
        for host in hosts if name not in NOT_SOCIAL else []:
            rows.setdefault(host_of(host), [kind, named(str(name)), "", ""])
    for name, hosts in read("AIAssistants").items():
        for host in hosts:
            rows[host_of(host)] = ["ai", named(str(name)), "", ""]
    lines = ["\t".join([host, *row]).rstrip("\t") for host, row in sorted(rows.items())]
    (HERE / "listed_sources.tsv").write_text("\n".join(lines) + "\n", "utf-8")


def rules(file):
    kinds = {"UserAgentMatcher": "browser", "OSMatcher": "os"}
    names = {  # positional, then by keyword
        "UserAgentMatcher": ("regex", "family", "major", "minor"),
        "OSMatcher": ("regex", "family", "major", "minor"),
    }
    lines = []
    for call in ast.walk(ast.parse(pathlib.Path(file).read_text("utf-8"))):
        if not (isinstance(call, ast.Call) and call.func.id in kinds):
            continue
        given = dict(zip(names[call.func.id], (arg.value for arg in call.args)))
        given |= {keyword.arg: keyword.value.value for keyword in call.keywords}
        fields = [kinds[call.func.id], *(given.get(name) or "" for name in names[call.func.id])]
        if any("\t" in field or "\n" in field for field in fields):
            sys.exit(f"a rule with a tab or a line break: {fields}")
        lines.append("\t".join(fields).rstrip("\t"))
    (HERE / "client_rules.tsv").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("sources", "rules"):
        sys.exit(__doc__)
    {"sources": sources, "rules": rules}[sys.argv[1]](sys.argv[2])
