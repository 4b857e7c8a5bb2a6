"""Reads segments and exports with DuckDB and Polars and prints their totals as one JSON object.

Usage: open_formats.py SEGMENTS_DIR EXPORTS_DIR SITE_FOLDER
"""

import glob
import json
import os
import sys

import duckdb
import polars


def segment_totals_duckdb(files):
    db = duckdb.connect()
    for table, names in files.items():
        db.sql(f"CREATE VIEW {table} AS SELECT * FROM read_parquet({names!r}, filename = true, file_row_number = true)")
        db.sql(
            f"CREATE VIEW {table}_of AS SELECT *, "
            f"regexp_replace(filename, '[.](visitors|visits|events)[.]parquet$', '') AS segment FROM {table}"
        )
    # Times are told as gaps since the event before in the visit.
    db.sql(
        "CREATE VIEW timed AS SELECT *, "
        "sum(gap_ms) OVER (PARTITION BY segment, visit ORDER BY file_row_number) AS offset_ms FROM events_of"
    )
    # Row numbers lead from an event to its visit, and from there to its visitor.
    row = db.sql(
        """
        SELECT count(*),
               count(*) FILTER (e.kind = 'page_view'),
               count(DISTINCT p.visitor),
               CAST(coalesce(sum(e.revenue), 0) AS BIGINT),
               CAST(sum(epoch_ms(v.start) + e.offset_ms) AS HUGEINT) % 1000000007,
               count(e.page), count(v.source)
        FROM timed e
        JOIN visits_of v ON v.segment = e.segment AND v.file_row_number = e.visit
        JOIN visitors_of p ON p.segment = v.segment AND p.file_row_number = v.visitor
        """
    ).fetchall()[0]
    visits = db.sql("SELECT count(*), CAST(sum(events) AS BIGINT) FROM visits").fetchall()[0]
    durations = db.sql("SELECT CAST(sum(gap_ms) AS BIGINT) FROM events").fetchall()[0]
    return [int(n) for n in row + visits + durations]


def segment_totals_polars(files):
    events = page_views = revenue = times = pages = sources = visits = counted = durations = 0
    keys = set()
    for name in files["events"]:
        base = name.removesuffix(".events.parquet")
        visitors = polars.read_parquet(base + ".visitors.parquet")["visitor"]
        visit = polars.read_parquet(base + ".visits.parquet").with_row_index("row")
        event = polars.read_parquet(name).join(visit, left_on="visit", right_on="row", suffix="_of_visit")
        events += event.height
        page_views += event.filter(polars.col("kind").cast(polars.String) == "page_view").height
        revenue += event["revenue"].sum()
        offset = polars.col("gap_ms").cast(polars.Int64).cum_sum().over("visit")
        times += event.select(polars.col("start").dt.epoch("ms") + offset).to_series().sum()
        pages += event["page"].count()
        sources += event["source"].count()
        keys.update(visitors.gather(visit["visitor"]).to_list())
        visits += visit.height
        counted += visit["events"].sum()
        durations += event["gap_ms"].sum()
    return [events, page_views, len(keys), revenue, times % 1_000_000_007, pages, sources, visits, counted, durations]


def export_totals_duckdb(path, kind):
    read = {"parquet": "read_parquet", "csv": "read_csv", "ndjson": "read_ndjson"}[kind]
    options = ", sample_size = -1" if kind != "parquet" else ""
    row = duckdb.sql(
        f"""
        SELECT count(*), count(*) FILTER (kind = 'page_view'), count(DISTINCT CAST(visitor AS VARCHAR)),
               CAST(round(coalesce(sum(revenue), 0) * 100) AS BIGINT),
               CAST(sum(epoch_ms(CAST(time AS TIMESTAMPTZ))) AS HUGEINT) % 1000000007, count(page), count(source)
        FROM {read}('{path}'{options})
        """
    ).fetchall()[0]
    return [int(n) for n in row]


def export_totals_polars(path, kind):
    read = {
        "parquet": polars.read_parquet,
        "csv": lambda p: polars.read_csv(p, infer_schema_length=None),
        "ndjson": lambda p: polars.read_ndjson(p, infer_schema_length=None),
    }[kind]
    table = read(path)
    time = table["time"]
    if time.dtype == polars.String:
        time = time.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ")
    return [
        table.height,
        table.filter(polars.col("kind").cast(polars.String) == "page_view").height,
        table["visitor"].n_unique(),
        round(table["revenue"].sum() * 100),
        time.dt.epoch("ms").sum() % 1_000_000_007,
        table["page"].count(),
        table["source"].count(),
    ]


def main():
    segments, exports, site = sys.argv[1:]
    files = {
        table: sorted(glob.glob(f"{segments}/site={site}/*/*.{table}.parquet"))
        for table in ("visitors", "visits", "events")
    }
    found = {"segments/duckdb": segment_totals_duckdb(files), "segments/polars": segment_totals_polars(files)}
    for kind in ("parquet", "csv", "ndjson"):
        path = os.path.join(exports, f"{site}-events.{kind}")
        found[f"{kind}/duckdb"] = export_totals_duckdb(path, kind)
        found[f"{kind}/polars"] = export_totals_polars(path, kind)
        rows = duckdb.sql(f"SELECT count(*), CAST(sum(events) AS BIGINT) FROM '{exports}/{site}-visits.{kind}'").fetchall()[0]
        found[f"{kind}/visits"] = [int(n) for n in rows]
    print(json.dumps(found))


main()
