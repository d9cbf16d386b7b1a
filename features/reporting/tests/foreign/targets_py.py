"""openpyxl opens the table of targets to be filled in, fills some rows as people do, and saves it."""

import sys

import openpyxl

source, filled = sys.argv[1:]
book = openpyxl.load_workbook(source)
assert book.sheetnames == ["Mục tiêu", "Hướng dẫn"], book.sheetnames
sheet = book["Mục tiêu"]
heads = [cell.value for cell in sheet[1]]
assert heads[:5] == ["Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Địa bàn", "Năm"], heads
column = {name: heads.index(name) + 1 for name in heads}
assert sheet.freeze_panes == "E2", sheet.freeze_panes
assert sheet.max_row == 93, sheet.max_row

# Every row is of the indicator, the year and a place of its own; a year is a number, as Excel expects it.
rows = list(sheet.iter_rows(min_row=2, values_only=True))
assert {row[0] for row in rows} == {"MT02"}
assert {row[4] for row in rows} == {2027}
places = {row[3] for row in rows}
assert len(places) == 92 and "Xã Phủ Thông, tỉnh Thái Nguyên" in places, sorted(places)[:5]

# The signs are chosen from a list, on every row and nowhere else.
(rule,) = sheet.data_validations.dataValidation
assert rule.type == "list" and rule.formula1 == '"≥,>,≤,<,=,khoảng"', (rule.type, rule.formula1)
assert str(rule.sqref) == "G2:G93" and rule.allow_blank, rule.sqref


def fill(row, **values):
    for name, value in values.items():
        sheet.cell(row, column[NAMES[name]]).value = value


NAMES = {
    "sign": "So sánh",
    "value": "Giá trị",
    "to": "Đến",
    "baseline": "Giá trị gốc",
    "basis": "Căn cứ",
}
fill(2, sign="≤", value=4.5, baseline=6.1, basis="Nghị quyết 12/NQ-HĐND")
# A percentage of Excel is a fraction with a format; words are written with a comma; a range has two ends.
fill(4, value=0.75)
sheet.cell(4, column["Giá trị"]).number_format = "0%"
fill(7, value=2, to=3.5)
fill(90, sign="<", value="3")
fill(93, value="2,25")
book.save(filled)
print("openpyxl", openpyxl.__version__)
