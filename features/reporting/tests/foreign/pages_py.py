"""openpyxl reads the workbook of a page: one sheet a table, figures as numbers with their formats, gaps as words."""

import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
assert len(book.sheetnames) == 2, book.sheetnames
sheet = book.worksheets[1]
lines = [row[0].value for row in sheet.iter_rows() if row[0].value]
assert lines[:2] == ["Bảng số liệu", "Địa bàn: Tỉnh Thái Nguyên"], lines
assert lines[2].startswith("Kỳ: từ Quý III/2026 (15/6 – 14/9/2026) đến Quý IV/2026"), lines
(head,) = [row for row in sheet.iter_rows() if row[0].value == "Địa bàn"]
rows = list(sheet.iter_rows(min_row=head[0].row + 1))
assert len(rows) == 92, len(rows)
assert sheet.auto_filter.ref == f"A{head[0].row}:C{rows[-1][0].row}", sheet.auto_filter.ref
(first,) = [row for row in rows if row[1].value == 1198]
assert first[1].data_type == "n" and first[1].number_format == "#,##0", first[1].number_format
shares = [row[2] for row in rows if row[2].data_type == "n"]
assert shares and all(one.number_format == "#,##0.0" for one in shares), shares
assert sum(row[1].value == "Chưa báo cáo" for row in rows) == 90
assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
print("openpyxl", openpyxl.__version__)
