"""DuckDB, Arrow and odfpy read the exported files; every figure is the JSON's, exactly."""

import datetime
import decimal
import json
import sys
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet as pq
from odf import opendocument, table, text
from odf.namespaces import OFFICENS, TABLENS

folder = Path(sys.argv[1])
expected = json.loads((folder / "figures.json").read_text())
names = sorted({name for row in expected for name in row})


def told(value):
    if isinstance(value, decimal.Decimal):
        value = format(value.normalize(), "f")
    return "" if value is None else str(value)


def same(rows, who):
    bare = [{name: told(row[name]) for name in names if told(row[name])} for row in rows]
    assert bare == expected, f"{who}: {bare}\n{expected}"


# Arrow: types and the file's own words.
read = pq.read_table(folder / "figures.parquet")
kinds = {field.name: str(field.type) for field in read.schema}
assert kinds["gia_tri"] == kinds["da_duyet"] == "decimal128(25, 6)", kinds
assert kinds["ky_tu"] == kinds["ky_den"] == "date32[day]", kinds
assert kinds["tinh_den"].startswith("timestamp[ms"), kinds
rows = read.to_pylist()
same(rows, "pyarrow")
assert {(row["ky_tu"], row["ky_den"]) for row in rows} == {(datetime.date(2026, 9, 15), datetime.date(2026, 12, 14))}
assert all(row["phien_ban"] == 1 for row in rows), rows
meta = pq.read_metadata(folder / "figures.parquet").metadata
assert meta[b"nhipcau.dataset"] == b"diem-ho-tro", meta
assert json.loads(meta[b"nhipcau.column.phan_to"])["gt"]["options"]["nu"] == "Nữ", meta

# DuckDB: sums are exact.
base = duckdb.connect()
file = str(folder / "figures.parquet")
cursor = base.execute(f"select * exclude (tinh_den) from read_parquet('{file}')")
columns = [one[0] for one in cursor.description]
same([dict(zip(columns, row)) for row in cursor.fetchall()], "duckdb")
kind = dict(base.execute(f"select column_name, column_type from (describe select * from read_parquet('{file}'))").fetchall())
assert (kind["gia_tri"], kind["ky_tu"]) == ("DECIMAL(25,6)", "DATE"), kind
total = base.execute(f"select sum(gia_tri) from read_parquet('{file}')").fetchone()[0]
assert total == sum(decimal.Decimal(row["gia_tri"]) for row in expected if "gia_tri" in row), total

# OpenDocument: typed cells, with all their digits.
book = opendocument.load(str(folder / "figures.ods"))
sheet = book.spreadsheet.getElementsByType(table.Table)[0]
assert sheet.getAttrNS(TABLENS, "name") == "Số liệu"
lines = []
for row in sheet.getElementsByType(table.TableRow):
    line = []
    for cell in row.getElementsByType(table.TableCell):
        kind = cell.getAttrNS(OFFICENS, "value-type")
        if kind == "float":
            line.append(decimal.Decimal(cell.getAttrNS(OFFICENS, "value")))
        else:
            line.append("\n".join(str(one) for one in cell.getElementsByType(text.P)))
    lines.append(line)
same([dict(zip(lines[0], line)) for line in lines[1:]], "odfpy")
assert any(isinstance(cell, decimal.Decimal) for cell in lines[1]), lines[1]
print("readers: done", pyarrow.__version__, duckdb.__version__)
