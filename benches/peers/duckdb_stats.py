"""Dashboards by DuckDB on a table of the same contacts as columns: prints one JSON value.

Usage: duckdb_stats.py COLUMNS.csv QUESTIONS TIMES
"""

import json
import statistics
import sys
import time

import duckdb

COLUMNS = """
  millis BIGINT, lead BIGINT, channel VARCHAR, direction VARCHAR, state VARCHAR, owner VARCHAR, template VARCHAR,
  campaign VARCHAR, variant VARCHAR, country VARCHAR, time_zone VARCHAR, cost BIGINT, currency VARCHAR,
  seconds BIGINT, answered_after BIGINT, opted_out BOOLEAN
"""
# What leadkit tells of each group, in the same order.
FIGURES = """
  count(*),
  count(*) FILTER (ours AND state IN ('accepted', 'delivered', 'failed', 'unknown')),
  count(*) FILTER (ours AND state = 'delivered'),
  count(*) FILTER (ours AND state = 'failed'),
  count(*) FILTER (reached),
  count(*) FILTER (reached AND answered_after IS NOT NULL),
  count(*) FILTER (reached AND opted_out),
  count(*) FILTER (NOT ours),
  coalesce(sum(cost), 0)::BIGINT,
  quantile_cont(CASE WHEN reached THEN answered_after END, [0.5, 0.9])
"""


def main() -> None:
    path, questions, times = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    db.execute(f"CREATE TABLE raw ({COLUMNS})")
    db.execute(f"COPY raw FROM '{path}' (HEADER false, NULLSTR '')")
    # All that does not depend on the question is worked out beforehand, in columns of its own.
    db.execute("""
        CREATE TABLE contact AS SELECT *, epoch_ms(millis) AS began, direction = 'outbound' AS ours,
          direction = 'outbound' AND state IN ('accepted', 'delivered', 'unknown', 'logged') AS reached,
          timezone(time_zone, epoch_ms(millis)::TIMESTAMPTZ) AS local
        FROM raw ORDER BY millis
    """)
    answers = []
    for question in questions:
        sql = statement(question)
        seconds, rows = [], []
        for _ in range(times):
            began = time.perf_counter()
            rows = db.execute(sql).fetchall()
            seconds.append(time.perf_counter() - began)
        width = len(question["by"])
        groups = {
            "|".join(key or "" for key in row[:width]): [*row[width:-1], whole(row[-1])]
            for row in rows
        }
        answers.append({"seconds": statistics.median(seconds), "groups": groups})
    threads = db.execute("SELECT current_setting('threads')").fetchone()[0]
    print(json.dumps({"version": duckdb.__version__, "threads": threads, "answers": answers}))


def whole(quantiles: list[float | None] | None) -> list[int] | None:
    """Microseconds, as finely as leadkit tells them."""
    if quantiles is None or quantiles[0] is None:
        return None
    return [round(quantile * 1e3) for quantile in quantiles]


def statement(question: dict) -> str:
    zone = question["time_zone"]
    at = f"timezone('{zone}', began::TIMESTAMPTZ)" if zone else "began"
    # Times are grouped by as numbers, and named once they are groups.
    grouped = {"day": f"{at}::DATE", "month": f"date_trunc('month', {at})", "hour_of_day": "hour(local)",
               "weekday": "isodow(local)"}
    wheres = []
    if question["since"]:
        wheres.append(f"began >= '{question['since'].rstrip('Z')}'")
    if question["until"]:
        wheres.append(f"began < '{question['until'].rstrip('Z')}'")
    if question["channels"]:
        wheres.append("channel IN (" + ", ".join(f"'{name}'" for name in question["channels"]) + ")")
    inner = ", ".join(f"{grouped.get(by, by)} AS g{n}" for n, by in enumerate(question["by"]))
    figures = f"{inner}, {FIGURES}" if inner else FIGURES
    where = " WHERE " + " AND ".join(wheres) if wheres else ""
    group = " GROUP BY " + ", ".join(str(n + 1) for n in range(len(question["by"]))) if inner else ""
    sql = f"SELECT {figures} FROM contact{where}{group}"
    shown = {"day": "strftime({}, '%Y-%m-%d')", "month": "strftime({}, '%Y-%m')",
             "hour_of_day": "lpad({}::VARCHAR, 2, '0')",
             "weekday": "['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'][{}]"}
    if not inner:
        return sql
    outer = ", ".join(shown.get(by, "{}").format(f"g{n}") for n, by in enumerate(question["by"]))
    hidden = ", ".join(f"g{n}" for n in range(len(question["by"])))
    return f"SELECT {outer}, * EXCLUDE ({hidden}) FROM ({sql})"


if __name__ == "__main__":
    main()
