//! Pages as files: the figures of the page as numbers, its words as words, to whom the page answers.

use std::io::Cursor;

use calamine::{Data, Ods, Reader, Xlsx};
use testkit::{KitBuilder, TestEngine};

use super::{COMMUNE_OFFICER, MINISTRY, PROVINCE_OFFICER, QUARTER, approved, reported};
use crate::cast::{started, which};

/// The cells of each row of the tables of a page, as people read them: the figure, then what stands below it.
fn shown(html: &str) -> Vec<Vec<(String, String)>> {
    let plain = |html: &str| {
        let text = html.split('<').map(|one| one.split_once('>').map_or("", |(_, text)| text));
        testkit::html::unescape(&text.collect::<String>()).trim().to_owned()
    };
    let rows = html.split("<th scope=\"row\">").skip(1).map(|row| {
        let row = row.split("</tr>").next().unwrap_or_default();
        let (title, cells) = row.split_once("</th>").expect("a row");
        let title = (plain(&format!("<b>{title}")), String::new());
        let cells = cells.split("<td").skip(1).map(|cell| {
            let (text, note) = cell.split_once("<br>").unwrap_or((cell, ""));
            (plain(&format!("<td{text}")), plain(note))
        });
        std::iter::once(title).chain(cells).collect()
    });
    rows.collect()
}

fn book(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).expect("a workbook")
}

/// The rows of the first sheet.
fn first(bytes: Vec<u8>) -> Vec<Vec<Data>> {
    let mut book = book(bytes);
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).expect("its sheet");
    range.rows().map(<[Data]>::to_vec).collect()
}

/// As the page writes it: a number with Vietnamese marks.
fn said(cell: &Data, like: &str) -> String {
    match cell {
        Data::Float(number) => {
            let decimals = like.split_once(',').map_or(0, |(_, part)| part.len());
            let plain = format!("{number:.decimals$}");
            let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
            let whole = kernel::text::thousands(whole.parse().expect("whole"));
            if part.is_empty() { whole } else { format!("{whole},{part}") }
        }
        other => other.to_string(),
    }
}

fn words(rows: &[Vec<Data>]) -> String {
    let lines = rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>());
    lines.map(|line| line.join(" | ")).collect::<Vec<_>>().join("\n")
}

testkit::on_both_engines! {
    async fn the_file_of_a_table_has_the_figures_of_the_page_as_numbers_and_its_gaps_in_words(builder: KitBuilder) {
        let kit = started(builder).await;
        let areas = reported(&kit, &[(1_198, 90), (50, 20)]).await;
        approved(&kit, &which(&areas[0])).await;
        let page = kit.get(PROVINCE_OFFICER, "/so-lieu/bang?o=19.2025&dx=10.6&dx=~diem-ho-tro~nop&ky=nd09q-2026-4").await;
        let link = testkit::html::links(&page.text).into_iter().find(|link| link.contains("dang=xlsx")).expect("a link");
        let file = kit.get(PROVINCE_OFFICER, &link).await;
        assert_eq!(file.status, 200, "{}", file.text);
        let name = file.headers.get("content-disposition").and_then(|it| it.to_str().ok()).expect("a name").to_owned();
        assert!(name.contains("\"bang-tinh-thai-nguyen-nd09q-2026-4.xlsx\""), "{name}");
        assert_eq!(file.headers.get("cache-control").and_then(|it| it.to_str().ok()), Some("private, no-store"));
        let rows = first(file.bytes);
        let told = words(&rows);
        for line in ["Bảng số liệu", "Địa bàn: Tỉnh Thái Nguyên", "Kỳ: Quý IV/2026", "Số liệu chính thức", "theo địa giới ngày", "Tính đến", "Đã báo cáo 2/92 đơn vị."] {
            assert!(told.contains(line), "{line}: {told}");
        }
        let shown = shown(&page.text);
        assert_eq!(shown.len(), 92, "every commune");
        let below = &rows[rows.len() - shown.len()..];
        let mut numbers = 0;
        for (row, cells) in below.iter().zip(&shown) {
            for (at, (text, note)) in cells.iter().enumerate() {
                assert_eq!(note, "", "one commune is never in part: {cells:?}");
                assert_eq!(&said(&row[at], text), text, "{row:?}");
                let is_number = text.starts_with(|c: char| c.is_ascii_digit());
                assert_eq!(matches!(row[at], Data::Float(_)), is_number, "{row:?}");
                numbers += usize::from(is_number);
            }
        }
        assert!(numbers >= 4 && told.contains("Chưa báo cáo") && told.contains("| 1198 |"), "{numbers} {told}");
    }

    async fn flags_of_figures_stand_beside_them_and_counts_are_two_numbers(builder: KitBuilder) {
        let kit = started(builder).await;
        reported(&kit, &[(198, 90), (50, 20)]).await;
        let file = kit.get(PROVINCE_OFFICER, "/so-lieu/bang/tai?o=19.2025&dx=10.6&ky=nd09q-2026-4&cap=province&dang=xlsx").await;
        let rows = first(file.bytes);
        let last = rows.last().expect("a row");
        assert_eq!(last[..3], [Data::String("Tỉnh Thái Nguyên".into()), Data::Float(248.0), Data::String("2/92 đơn vị đã báo cáo".into())]);
        let head = &rows[rows.len() - 2];
        assert!(head[1].to_string().contains('(') && head[2] == Data::String(format!("{} – ghi chú", head[1])), "{head:?}");
        let file = kit.get(PROVINCE_OFFICER, "/so-lieu/day-du/tai?o=19.2025&ky=nd09q-2026-4&bo=diem-ho-tro&dang=xlsx").await;
        let mut book = book(file.bytes);
        let names = book.sheet_names();
        assert!(names.len() == 2 && names[0].starts_with("1. "), "one for each table: {names:?}");
        let range = book.worksheet_range(&names[1]).expect("its sheet");
        let last = range.rows().next_back().expect("a row");
        assert!(matches!(last[1..4], [Data::Float(_), Data::Float(_), Data::Float(_)]), "{last:?}");
        let told = words(&range.rows().map(<[Data]>::to_vec).collect::<Vec<_>>());
        assert!(told.contains("Đơn vị đã nộp | Đơn vị phải nộp | Đã nộp (%)"), "{told}");
        // A picture is no column of a file; the words about it are.
        let file = kit.get(PROVINCE_OFFICER, "/so-lieu/xep-hang/tai?o=19.2025&dx=10.6&ky=nd09q-2026-4").await;
        let rows = first(file.bytes);
        let told = words(&rows);
        assert!(told.contains("Cột gạch chéo") && !told.contains("Biểu đồ"), "{told}");
        let head = rows.iter().position(|row| row[1] == "Hạng").expect("the headings");
        assert_eq!(rows[head + 1][1..3], [Data::Float(1.0), Data::Float(198.0)]);
    }

    async fn text_for_excel_in_vietnam_has_its_mark_its_commas_and_no_formula(builder: KitBuilder) {
        let kit = started(builder).await;
        reported(&kit, &[(1_198, 90), (50, 20)]).await;
        let file = kit.get(PROVINCE_OFFICER, "/so-lieu/day-du/tai?o=19.2025&ky=nd09q-2026-4&dang=csv").await;
        let kind = file.headers.get("content-type").and_then(|it| it.to_str().ok()).expect("a kind");
        assert_eq!(kind, "text/csv; charset=utf-8");
        assert!(file.bytes.starts_with("\u{feff}Tình hình nộp báo cáo\r\nĐịa bàn: Tỉnh Thái Nguyên\r\n".as_bytes()), "{}", file.text);
        assert!(file.text.contains(";0;92;0,0;0,0;0,0\r\n"), "nothing that Excel takes for a day: {}", file.text);
        let file = kit.get(PROVINCE_OFFICER, "/so-lieu/bang/tai?o=19.2025&dx=10.6&ky=nd09q-2026-4&so=4&dang=csv").await;
        assert!(file.text.contains(";1198\r\n"), "{}", file.text);
        assert_eq!(file.text.matches("Địa bàn;").count(), 4, "all tables: {}", file.text);
        for line in file.text.trim_start_matches('\u{feff}').lines() {
            assert!(!line.starts_with(['=', '+', '@']), "{line}");
        }
    }

    async fn whoever_is_refused_the_page_is_refused_the_file(builder: KitBuilder) {
        let kit = started(builder).await;
        reported(&kit, &[(198, 90)]).await;
        for page in ["tong-quan", "bang", "dien-bien", "muc-tieu", "xep-hang", "ban-do", "day-du", "bat-thuong", "uoc-chinh-thuc", "chuoi"] {
            for who in [MINISTRY, PROVINCE_OFFICER, COMMUNE_OFFICER] {
                for kind in ["xlsx", "csv", "ods"] {
                    let file = kit.get(who, &format!("/so-lieu/{page}/tai?dang={kind}")).await;
                    assert_eq!(file.status, 200, "{who} {page} {kind}: {}", file.text);
                    match kind {
                        "xlsx" => assert!(!words(&first(file.bytes)).contains('⟦'), "{page}"),
                        "ods" => assert!(!Ods::new(Cursor::new(file.bytes)).expect("a spreadsheet").sheet_names().is_empty()),
                        _ => assert!(!file.text.contains('⟦'), "{}", file.text),
                    }
                }
            }
            let file = kit.get(COMMUNE_OFFICER, &format!("/so-lieu/{page}/tai?o=19.2025")).await;
            assert_eq!(file.status, 403, "{page}: one commune is not the province");
            let nobody = kit.get("", &format!("/so-lieu/{page}/tai?o=19.2025")).await;
            assert_eq!((nobody.status, nobody.location()), (303, "/so-lieu/cong-khai"));
        }
        for wrong in ["khong-co/tai", "bang/tai?dang=exe", "bang/tai?ky=nd09q-2026-9", "bang/tai?o=vn&cap=commune&so=40&cot=ky"] {
            let file = kit.get(MINISTRY, &format!("/so-lieu/{wrong}")).await;
            assert!((400..500).contains(&file.status), "{wrong}: {}", file.status);
        }
        // Where nothing is shown, no file is offered.
        let map = kit.get(COMMUNE_OFFICER, "/so-lieu/ban-do").await;
        assert!(!map.text.contains("dang=csv") && kit.get(MINISTRY, "/so-lieu/ban-do").await.text.contains("dang=csv"));
    }

    async fn a_file_is_asked_with_the_question_of_the_page_and_says_what_was_left_out(builder: KitBuilder) {
        let kit = started(builder).await;
        reported(&kit, &[(198, 90)]).await;
        let codes = ["10.6", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "2.1", "2.2", "3.1", "3.2"];
        let asked: Vec<String> = codes.iter().map(|code| format!("&dx={code}")).collect();
        let asked = format!("o=19.2025{}&so=2&ky={QUARTER}", asked.concat());
        let page = kit.get(PROVINCE_OFFICER, &format!("/so-lieu/dien-bien?{asked}")).await;
        let link = testkit::html::links(&page.text).into_iter().find(|link| link.contains("dang=csv")).expect("a link");
        let file = kit.get(PROVINCE_OFFICER, &link).await;
        assert!(file.text.contains("Đã chọn 13 mục, mỗi lần chỉ xem được 12 mục."), "{}", file.text);
        assert!(file.text.contains("Kỳ: từ Quý III/2026 (15/6 – 14/9/2026) đến Quý IV/2026"), "{}", file.text);
        // Years are what a page of targets chooses itself; the file has the same.
        let page = kit.get(PROVINCE_OFFICER, "/so-lieu/muc-tieu?o=19.2025").await;
        let link = testkit::html::links(&page.text).into_iter().find(|link| link.contains("dang=csv")).expect("a link");
        assert!(!link.contains("ky="), "{link}");
        let file = kit.get(PROVINCE_OFFICER, &link).await;
        assert!(file.text.contains("Kỳ: Năm 2026"), "{}", file.text);
        let count = shown(&page.text).len();
        assert!(count > 0 && file.text.lines().filter(|line| line.contains("mục tiêu")).count() > 0, "{}", file.text);
    }
}

/// A program of others (PyPI: `openpyxl`) reads the workbook: numbers with their formats, words, one sheet a table.
/// Skipped unless `TEST_FOREIGN_READERS` names a Python that has it.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where the packages are"
)]
fn a_foreign_program_reads_the_file_of_a_page() {
    let Some(python) = std::env::var("TEST_FOREIGN_READERS").ok().filter(|one| !one.is_empty())
    else {
        eprintln!("skipped: TEST_FOREIGN_READERS names no Python with openpyxl");
        return;
    };
    testkit::run(async move {
        let kit = started(KitBuilder::on(TestEngine::Sqlite)).await;
        reported(&kit, &[(1_198, 90), (50, 20)]).await;
        let address = "/so-lieu/bang/tai?o=19.2025&dx=10.6&dx=~diem-ho-tro~nop&ky=nd09q-2026-4&so=2&dang=xlsx";
        let path = kit.folder.join("bang.xlsx");
        std::fs::write(&path, kit.get(PROVINCE_OFFICER, address).await.bytes).expect("written");
        let script = format!("{}/tests/foreign/pages_py.py", env!("CARGO_MANIFEST_DIR"));
        let output = std::process::Command::new(python).arg(script).arg(&path).output();
        let output = output.expect("the program runs");
        let words = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .join("\n");
        assert!(output.status.success(), "{words}");
    });
}
