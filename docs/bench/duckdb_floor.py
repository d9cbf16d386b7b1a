"""The floor beside our live counts: DuckDB over the same figures.

    nhipcau bench reporting --figures 1000000 --quick --export /tmp/floor --json > /dev/null
    python3 -m venv /tmp/floor/venv && /tmp/floor/venv/bin/pip install duckdb
    /tmp/floor/venv/bin/python docs/bench/duckdb_floor.py /tmp/floor 36000000

The figures are made by the law in server/src/bench/reporting/country.rs; places.csv says which commune lies in
which province. DuckDB is no part of the program: it is an engine made for such questions, and shows what they cost
where everything is read anew each time and nothing has to be kept while people write.
"""

import json
import os
import sys
import time

import duckdb

FOLDER, FIGURES = sys.argv[1], int(sys.argv[2])
WIDE, LONG, FULL, MONTHS = 660, 60, 12, 60
ROUNDS = 20

file = os.path.join(FOLDER, "floor.duckdb")
if os.path.exists(file):
    os.remove(file)
db = duckdb.connect(file, config={"threads": "2"})
places = os.path.join(FOLDER, "places.csv")
db.execute(f"create table places as select * from read_csv('{places}', all_varchar=true)")
db.execute("alter table places alter place type integer")

begun = time.time()
db.execute(
    f"""
    create table figures as
    with mixed as (
        select m.range::utinyint as month, p.place::usmallint as place, c.range::usmallint as cell,
               c.range * 7919 + p.place * 104729 + m.range * 1299709 as mixed
        from range({MONTHS}) m, places p, range({WIDE}) c
        where c.range < {LONG} or m.range < {FULL}
    )
    select month, place, cell,
           case when mixed % 97 = 0 then 1 when mixed % 193 = 0 then 2 else 0 end::utinyint as state,
           case when mixed % 97 = 0 or mixed % 193 = 0 then null else mixed % 1000 end::bigint as amount
    from mixed order by month, place, cell limit {FIGURES}
    """
)
db.execute("checkpoint")
fill = time.time() - begun
count = db.execute("select count(*) from figures").fetchone()[0]


def spread(millis):
    millis = sorted(millis)
    at = lambda part: round(millis[round((len(millis) - 1) * part)], 2)
    return {"p50_ms": at(0.5), "p95_ms": at(0.95), "worst_ms": at(1.0)}


def asked(text, cells):
    millis = []
    for round_ in range(ROUNDS):
        wanted = ",".join(str((round_ * 7 + at * 3) % LONG) for at in range(cells))
        begun = time.perf_counter()
        db.execute(text.replace("CELLS", wanted)).fetchall()
        millis.append((time.perf_counter() - begun) * 1000)
    return spread(millis)


province = db.execute(
    "select province from places group by province order by count(*) desc, province limit 1"
).fetchone()[0]
by_province = (
    "select cell, month, province, sum(amount), count(*) filter (state < 2) from figures "
    "join places using (place) where cell in (CELLS) and {when} group by all"
)
questions = {
    "1 element x 12 months x provinces": (by_province.format(when="month < 12"), 1),
    "5 elements x 12 months x provinces": (by_province.format(when="month < 12"), 5),
    "7 elements x (12 months + 5 years) x one province": (
        "select cell, case when month < 12 then month end, month // 12, sum(amount) from figures "
        f"join places using (place) where cell in (CELLS) and province = '{province}' group by all",
        7,
    ),
    "2 elements x 5 years x country": (
        "select cell, month // 12, sum(amount) from figures where cell in (CELLS) group by all",
        2,
    ),
    "1 element x 12 months x communes": (
        "select month, place, amount from figures where cell in (CELLS) and month < 12",
        1,
    ),
    "1 element x 5 years x communes": (
        "select month // 12, place, sum(amount) from figures where cell in (CELLS) group by all",
        1,
    ),
}
answers = {name: asked(text, cells) for name, (text, cells) in questions.items()}
begun = time.time()
db.execute(
    "create or replace table counts as select cell, month, province, sum(amount) as sum, "
    "count(*) filter (state < 2) as count, count(*) filter (state = 2) as no_data "
    "from figures join places using (place) group by all"
)
rebuild = time.time() - begun
begun = time.time()
db.execute("insert into figures select 60, 0, range, 0, 1 from range(200)")
db.execute("checkpoint")
insert = time.time() - begun
print(
    json.dumps(
        {
            "duckdb": duckdb.__version__,
            "threads": 2,
            "load": os.getloadavg(),
            "figures": count,
            "made_s": round(fill, 1),
            "file_bytes": os.path.getsize(file),
            "questions": answers,
            "all_counts_anew_s": round(rebuild, 2),
            "200_cells_inserted_and_made_to_last_s": round(insert, 3),
        },
        indent=2,
    )
)
