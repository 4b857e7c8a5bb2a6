#!/usr/bin/env python3
"""Totals of a combined log, computed without any code of ours, for the tests of the import to compare with.

usage: weblog_totals.py LOG[.gz] BOT_TOKENS SPAM_HOSTS OWN_HOST...

Prints JSON. Robots and spammers are told by the same lists as in the product, read by plain loops.
"""
import collections
import datetime
import gzip
import json
import re
import sys
import urllib.parse

LINE = re.compile(r'(\S+) \S+ .*?\[([^\]]{26})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"')
PARTS = set(
    "js mjs css map json xml txt csv rss atom rdf yml yaml webmanifest wasm png jpg jpeg jpe gif webp avif svg svgz ico "
    "cur bmp tif tiff heic woff woff2 ttf otf eot mp3 mp4 m4a m4v ogg oga ogv opus webm wav flac avi mov mpg mpeg mkv "
    "flv swf wmv m3u8 ts vtt srt pdf zip gz tgz bz2 xz 7z rar tar iso dmg exe msi deb rpm apk jar bin img doc docx xls "
    "xlsx ppt pptx odt ods rtf epub fb2 djvu ps patch diff torrent sig asc sha256 md5 c h py rb pl sh sql bak log conf "
    "env".split()
)
BROWSERS = ("mozilla/", "opera", "midori/", "lynx/", "links", "elinks", "samsung", "lava", "micromax", "docomo")
MACHINES = {"feed", "xmlrpc.php", "wp-cron.php", "wp-login.php", "admin-ajax.php", "wp-trackback.php"}


def is_page(method, target, status):
    path = re.split("[?#]", target)[0]
    if method != "GET" or status not in (200, 201, 202, 203, 304):
        return False
    if "/.well-known/" in path or path.startswith("/wp-json/"):
        return False
    last = (path[:-1] if path.endswith("/") else path).split("/")[-1]
    return last not in MACHINES and not ("." in last and last.split(".")[-1].lower() in PARTS)


def main(log, token_file, spam_file, *own):
    tokens = [t for t in open(token_file).read().split("\n") if t and not t.startswith("# ")]
    robots = [t for t in tokens if not t.startswith("!")]
    people = [t[1:] for t in tokens if t.startswith("!")]
    spam = {line.strip() for line in open(spam_file) if line.strip() and not line.startswith("#")}
    known = {}

    def is_bot(agent):
        if agent not in known:
            text = agent.lower()
            for token in people:
                text = text.replace(token, "\n")
            # The beginnings of browsers that occur in this log.
            known[agent] = not text.startswith(BROWSERS) or len(agent) < 16 or any(t in text for t in robots)
        return known[agent]

    def is_spam(referrer):
        host = (urllib.parse.urlsplit(referrer).hostname or "").removeprefix("www.")
        if any(host == o or host.endswith("." + o) for o in own):
            return False
        return any(host == s or host.endswith("." + s) for s in spam)

    totals = collections.Counter()
    unreadable, pages, days, visitors = [], collections.Counter(), collections.Counter(), set()
    opened = gzip.open(log, "rt", encoding="utf-8", errors="replace") if log.endswith(".gz") else open(log)
    for number, line in enumerate(opened, 1):
        totals["lines"] += 1
        found = LINE.match(line)
        if not found:
            unreadable.append(number)
            continue
        remote, time, request, status, _, referrer, agent = found.groups()
        words = request.split(" ")
        method, target = words[0], " ".join(words[1:-1])
        if not is_page(method, target, int(status)):
            totals["not_a_page"] += 1
        elif is_bot(agent):
            totals["bot"] += 1
        elif is_spam(referrer):
            totals["referrer_spam"] += 1
        else:
            totals["accepted"] += 1
            moment = datetime.datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z").astimezone(datetime.timezone.utc)
            day = moment.strftime("%Y-%m-%d")
            days[day] += 1
            pages[urllib.parse.unquote(re.split("[?#]", target)[0])] += 1
            visitors.add((remote, agent, day))
    print(json.dumps({
        "totals": totals, "unreadable": unreadable, "visitors": len(visitors), "days": days,
        "pages": dict(pages.most_common(20)),
    }))


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
