#!/usr/bin/env python3
"""The twelve questions of `anturazh bench questions`, asked of DuckDB over the exported Parquet.

Usage: duckdb_dashboard.py EVENTS.parquet VISITS.parquet
Prints one JSON object: for each range and filter the median time of five runs in milliseconds, two threads, visitors
exact; once over the exported Parquet (files in the page cache), once over DuckDB's own tables in memory with the
visitor as a number.
"""
import json
import statistics
import sys
import time

import duckdb

events, visits = sys.argv[1:3]
db = duckdb.connect()
db.execute("SET threads = 2; SET TimeZone = 'UTC'")
PARQUET = {"e": f"SELECT * FROM read_parquet('{events}') WHERE kind <> 'engagement'", "v": f"SELECT * FROM read_parquet('{visits}')"}
last = db.execute(f"SELECT max(time) FROM ({PARQUET['e']})").fetchone()[0]

RANGES = {"12_months": "INTERVAL 365 DAY", "30_days": "INTERVAL 30 DAY"}
FILTERS = {"": "TRUE", "_country_mobile": "country = 'RU' AND device = 'mobile'"}
TOPS = ["page", "source", "channel", "utm_campaign", "country", "city", "browser", "os", "device", "language"]


def dashboard(width, where):
    since = f"> TIMESTAMPTZ '{last}' - {width} AND {where}"
    yield f"SELECT count(DISTINCT visitor), count(*) FILTER (kind = 'page_view') FROM e WHERE time {since}"
    yield f"SELECT count(*), avg(bounce::INT), avg(duration_s) FROM v WHERE start {since}"
    yield f"SELECT date_trunc('day', time), count(DISTINCT visitor), count(*) FROM e WHERE time {since} GROUP BY 1 ORDER BY 1"
    for column in TOPS:
        yield f"SELECT {column}, count(DISTINCT visitor) n FROM e WHERE time {since} GROUP BY 1 ORDER BY n DESC LIMIT 10"


figures = {"duckdb": duckdb.__version__}
for source in ["parquet", "tables"]:
    for name, sql in PARQUET.items():
        if source == "parquet":
            db.execute(f"CREATE VIEW {name} AS {sql}")
        else:
            db.execute(f"DROP VIEW {name}")
            db.execute(f"CREATE TABLE {name} AS SELECT * REPLACE (('0x' || visitor)::UBIGINT AS visitor) FROM ({sql})")
    for name, width in RANGES.items():
        for suffix, where in FILTERS.items():
            times = []
            for _ in range(5):
                begun = time.perf_counter()
                for sql in dashboard(width, where):
                    db.execute(sql).fetchall()
                times.append((time.perf_counter() - begun) * 1000)
            figures[f"{source}_{name}{suffix}_ms"] = round(statistics.median(times), 1)
print(json.dumps(figures, indent=2))
