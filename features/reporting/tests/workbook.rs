//! Reports as files: the Excel round trip, what happens when two people fill one in, downloads, documents; and
//! the same workbook saved by other programs, where they are installed.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
    path::Path,
    process::Command,
};

use kernel::axum::{body::Body, http::Method};
use reporting::{
    actions::{
        entry::{Changes, open, save},
        exchange_xlsx::{Brought, look, template},
    },
    model::{
        CellState,
        submission::Step,
        workbook::{Limits, read},
    },
};
use testkit::{Kit, Page};

use crate::cast::{COMMUNE, cell, edit, leader, officer, started, step, typed, which};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const MEETINGS: &str = "/bao-cao/bm-08/nd09q-2026-4/01969.2025/chinh-thuc";
const REPORT: &str = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";

/// Where the cells of a workbook stand, as its hidden sheet says.
fn addresses(bytes: &[u8]) -> BTreeMap<String, String> {
    let book = read(bytes, Limits::REPORT).expect("a workbook");
    let hidden = book.grids.iter().find(|grid| grid.text(0, 0) == "nhipcau-workbook").expect("it");
    let rows: std::collections::BTreeSet<u32> = hidden.cells.keys().map(|at| at.0).collect();
    let cells = rows.into_iter().filter(|row| hidden.text(*row, 0) == "cell");
    cells.map(|row| (hidden.text(row, 5), hidden.text(row, 2))).collect()
}

/// The workbook with numbers or text typed into cells of its first sheet.
fn filled(bytes: &[u8], typed: &[(&str, &str)]) -> Vec<u8> {
    let at = addresses(bytes);
    typed_at(
        bytes,
        &typed.iter().map(|(cell, text)| (at[*cell].clone(), *text)).collect::<Vec<_>>(),
    )
}

/// The workbook with numbers or text typed into places of its first sheet.
fn typed_at(bytes: &[u8], typed: &[(String, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a file");
        let name = String::from_utf8(file.name_raw().to_vec()).expect("a name");
        let mut xml = String::new();
        file.read_to_string(&mut xml).expect("text");
        if name == "xl/worksheets/sheet1.xml" {
            for (address, text) in typed {
                let start = xml.find(&format!("<c r=\"{address}\"")).expect("the cell");
                let rest = &xml[start..];
                let whole = rest.find("</c>").map_or(usize::MAX, |at| at + 4);
                let blank = rest.find("/>").map_or(usize::MAX, |at| at + 2);
                let new = if let Some(formula) = text.strip_prefix('=') {
                    format!("<c r=\"{address}\"><f>{formula}</f><v></v></c>")
                } else if text.parse::<f64>().is_ok() {
                    format!("<c r=\"{address}\"><v>{text}</v></c>")
                } else {
                    format!("<c r=\"{address}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
                };
                xml.replace_range(start..start + whole.min(blank), &new);
            }
        }
        out.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("begun");
        out.write_all(xml.as_bytes()).expect("written");
    }
    out.finish().expect("finished").into_inner()
}

async fn bring(kit: &Kit, who: &str, bytes: &[u8]) -> Page {
    bring_to(kit, who, REPORT, bytes).await
}

async fn bring_to(kit: &Kit, who: &str, report: &str, bytes: &[u8]) -> Page {
    let mut body = Vec::new();
    let csrf = kit.csrf(who);
    write!(body, "--bien\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--bien\r\nContent-Disposition: form-data; name=\"file\"; filename=\"<i>quý 4.xlsx\"\r\nContent-Type: application/octet-stream\r\n\r\n").expect("written");
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--bien--\r\n");
    let kind = Some("multipart/form-data; boundary=bien");
    kit.send(who, Method::POST, &format!("{report}/nhap"), kind, Body::from(body)).await
}

/// What the page sends back with the word to record.
fn changes(page: &Page) -> String {
    let value =
        page.text.split("name=\"changes\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let value = value.expect("something to record");
    [
        ("&quot;", "\""),
        ("&#x2f;", "/"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(value.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

async fn stands(kit: &Kit, key: &str) -> Option<CellState> {
    let (_, sheet) = open(&kit.app, &officer(kit), &which(COMMUNE)).await.expect("it opens");
    sheet.held.get(&cell(key)).map(|held| held.state.clone())
}

testkit::on_both_engines! {
    async fn a_workbook_goes_out_is_filled_in_and_comes_back(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 198), edit("10.6kp", 0, 306_105_000), edit("10.5a", 0, 4)]).await;
        let emptied = Changes { edits: vec![reporting::actions::figures::Edit { key: cell("10.5a"), base: 1, state: None }], ..Changes::default() };
        save(&kit.app, &officer(&kit), &which(COMMUNE), emptied).await.expect("emptied");
        let file = kit.get(OFFICER, &format!("{REPORT}/mau.xlsx")).await;
        assert_eq!(file.status, 200);
        assert!(file.headers["content-disposition"].to_str().expect("text").contains("diem-ho-tro-nd09q-2026-4-01969-2025.xlsx"));
        let same = bring(&kit, OFFICER, &file.bytes).await;
        assert!(same.text.contains("không có gì khác") && !same.text.contains("<i>quý"), "{}", same.text);
        let new = filled(&file.bytes, &[("10.6", "210"), ("10.2", "KPS: quý này không tổ chức"), ("10.3a", "sáu"), ("10.5a", "5")]);
        let look = bring(&kit, OFFICER, &new).await;
        assert_eq!(look.status, 200);
        let problem = format!("Trang tính “Số liệu trong quý” ô {}", addresses(&new)["10.3a"]);
        assert!(look.text.contains(&problem) && look.text.contains("<strong>210</strong>"), "{}", look.text);
        assert_eq!(stands(&kit, "10.6").await, Some(CellState::Value(198)), "looking writes nothing");
        let done = kit.post(OFFICER, &format!("{REPORT}/nhap/ghi"), &[("changes", &changes(&look))]).await;
        assert_eq!((done.status, done.location()), (303, REPORT), "{}", done.text);
        assert_eq!(stands(&kit, "10.6").await, Some(CellState::Value(210)));
        assert_eq!(stands(&kit, "10.2").await, Some(CellState::Nil("quý này không tổ chức".to_owned())));
        assert_eq!(stands(&kit, "10.3a").await, None);
        assert_eq!(stands(&kit, "10.5a").await, Some(CellState::Value(5)), "a cell emptied before takes a figure again");
        assert_eq!(stands(&kit, "10.6kp").await, Some(CellState::Value(306_105_000)));
    }

    async fn nothing_that_somebody_changed_meanwhile_is_overwritten(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 198), edit("10.2", 0, 7)]).await;
        let file = kit.get(OFFICER, &format!("{REPORT}/mau.xlsx")).await;
        typed(&kit, &leader(&kit), &which(COMMUNE), vec![edit("10.6", 1, 200), edit("10.2", 1, 8)]).await;
        let look = bring(&kit, OFFICER, &filled(&file.bytes, &[("10.6", "210")])).await;
        assert!(look.text.contains("Có người vừa sửa"), "{}", look.text);
        let done = kit.post(OFFICER, &format!("{REPORT}/nhap/ghi"), &[("changes", &changes(&look))]).await;
        assert_eq!(done.status, 303);
        let (_, sheet) = open(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("it opens");
        assert_eq!(sheet.held[&cell("10.6")].state, CellState::Value(200));
        assert_eq!(sheet.held[&cell("10.2")].state, CellState::Value(8), "what was left alone is no change");
        assert_eq!(sheet.conflicts.len(), 1);
        assert_eq!(sheet.conflicts[0].state, Some(CellState::Value(210)));
    }

    async fn only_who_may_type_brings_a_workbook_and_only_while_the_report_is_open(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        let file = kit.get(OFFICER, &format!("{REPORT}/mau.xlsx")).await;
        let reader = "Lan|province_leader|/vn/19.2025/";
        assert_eq!(kit.get(reader, &format!("{REPORT}/mau.xlsx")).await.status, 200);
        assert!(kit.get(reader, &format!("{REPORT}/nhap")).await.text.contains("không nhập số liệu cho đơn vị này"));
        assert_eq!(bring(&kit, reader, &file.bytes).await.status, 403);
        let stranger = "Xa|commune_officer|/vn/19.2025/01942.2025/";
        for path in ["mau.xlsx", "nhap", "bao-cao.docx", "bao-cao.pdf"] {
            assert_eq!(kit.get(stranger, &format!("{REPORT}/{path}")).await.status, 403, "{path}");
            assert_eq!(kit.get("", &format!("{REPORT}/{path}")).await.status, 303, "{path}");
        }
        let look = bring(&kit, OFFICER, &filled(&file.bytes, &[("10.6", "210")])).await;
        let forged = changes(&look).replace("10.6", "99.9");
        assert_eq!(kit.post(OFFICER, &format!("{REPORT}/nhap/ghi"), &[("changes", &forged)]).await.status, 422);
        assert_eq!(kit.post(OFFICER, &format!("{REPORT}/nhap/ghi"), &[("changes", "{")]).await.status, 400);
        step(&kit, &leader(&kit), &which(COMMUNE).id(), Step::Certify, 1).await;
        assert_eq!(bring(&kit, OFFICER, &file.bytes).await.status, 409);
        assert_eq!(kit.post(OFFICER, &format!("{REPORT}/nhap/ghi"), &[("changes", &changes(&look))]).await.status, 409);
        assert_eq!(stands(&kit, "10.6").await, Some(CellState::Value(198)));
    }

    async fn rows_of_a_file_are_shown_by_names_and_nothing_of_them_vanishes(builder: KitBuilder) {
        let kit = started(builder).await;
        let file = kit.get(OFFICER, &format!("{MEETINGS}/mau.xlsx")).await;
        assert_eq!(file.status, 200, "{}", file.text);
        let book = read(&file.bytes, Limits::REPORT).expect("a workbook");
        let head = book.grids[0].cells.iter().find(|(at, seen)| at.1 == 0 && seen.text() == "#").expect("headings").0.0;
        // Rows are counted from 0 in the grid and from 1 in the file.
        let cell = |row: u32, letter: &str| format!("{letter}{}", head + 1 + row);
        let typed = typed_at(&file.bytes, &[
            (cell(1, "B"), "Tập huấn số 1"), (cell(1, "C"), "Hội nghị"), (cell(1, "D"), "Trực tiếp"),
            (cell(1, "E"), "05/10/2026"), (cell(1, "G"), "30"), (cell(1, "H"), "1.5"),
            (cell(2, "B"), "Tập huấn số 2"), (cell(2, "C"), "Họp"), (cell(2, "D"), "Trực tuyến"),
            (cell(2, "E"), "tháng 10"), (cell(2, "G"), "=10+10"),
        ]);
        let look = bring_to(&kit, OFFICER, MEETINGS, &typed).await;
        let text = look.text.replace("&#x2f;", "/");
        assert!(text.contains("Tập huấn số 1; Hội nghị; Trực tiếp; 05/10/2026; 30; 1,5"), "{text}");
        assert!(text.contains("Tập huấn số 2; Họp; Trực tuyến</td>") && !text.contains("hoinghi;"), "{text}");
        assert!(text.contains(&format!("ô {}: “tháng 10” không phải ngày", cell(2, "E"))), "{text}");
        assert!(text.contains(&format!("ô {}: Ô là công thức chưa có kết quả", cell(2, "G"))), "{text}");
        let done = kit.post(OFFICER, &format!("{MEETINGS}/nhap/ghi"), &[("changes", &changes(&look))]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = kit.get(OFFICER, MEETINGS).await.text.replace("&#x2f;", "/");
        assert!(page.contains("Tập huấn số 1") && page.contains("1,5") && page.contains("Tập huấn số 2"), "{page}");
        // Brought once more, nothing stands twice.
        let again = bring_to(&kit, OFFICER, MEETINGS, &typed).await.text;
        assert!(!again.contains("name=\"changes\"") && !again.contains("không có gì khác"), "{again}");
        assert!(again.contains("nên không thêm lần nữa"), "{again}");
        let other = bring(&kit, OFFICER, &file.bytes).await.text;
        assert!(other.contains("Tệp là của biểu “Đào tạo, tập huấn, hội nghị”, không phải biểu “Điểm hỗ trợ và tuyên truyền”"), "{other}");
    }

    async fn a_file_that_was_not_understood_is_never_said_to_hold_nothing_new(builder: KitBuilder) {
        let kit = started(builder).await;
        let prose = bring(&kit, OFFICER, "Kính gửi Ủy ban nhân dân tỉnh".as_bytes()).await.text;
        assert!(prose.contains("Không đọc được gì trong tệp") && !prose.contains("không có gì khác"), "{prose}");
        let file = kit.get(OFFICER, &format!("{REPORT}/mau.xlsx")).await;
        let mut archive = zip::ZipArchive::new(Cursor::new(&file.bytes)).expect("an archive");
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..archive.len() {
            let mut one = archive.by_index(index).expect("a file");
            let name = String::from_utf8(one.name_raw().to_vec()).expect("a name");
            let mut xml = String::new();
            one.read_to_string(&mut xml).expect("text");
            if name == "xl/worksheets/sheet1.xml" {
                // The hidden column is emptied.
                while let Some(start) = xml.find("<c r=\"A") {
                    let end = xml[start..].find("</c>").expect("its end") + 4;
                    xml.replace_range(start..start + end, "");
                }
            }
            out.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("begun");
            out.write_all(xml.as_bytes()).expect("written");
        }
        let page = bring(&kit, OFFICER, &out.finish().expect("finished").into_inner()).await.text;
        assert!(page.contains("Trang tính “Số liệu trong quý”: Cột A hoặc hàng 1"), "{page}");
        assert!(page.contains("Chưa lấy gì từ tệp này") && !page.contains("không có gì khác"), "{page}");
    }

    async fn a_hostile_file_is_told_in_words(builder: KitBuilder) {
        let kit = started(builder).await;
        for (bytes, words) in [
            (&b"PK\x03\x04 and nothing"[..], "Tệp hỏng"),
            (&[0xD0, 0xCF, 0x11, 0xE0, 0, 0][..], "Excel cũ"),
            (&[b'a', 0xFF, 0xFE][..], "không phải Unicode"),
        ] {
            let page = bring(&kit, OFFICER, bytes).await;
            assert_eq!(page.status, 200);
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        let plain = bring(&kit, OFFICER, "Mã ô;Giá trị\n10.6;198\n".as_bytes()).await;
        assert!(plain.text.contains("<strong>198</strong>"), "{}", plain.text);
    }

    async fn figures_are_downloaded_as_csv_json_and_a_workbook(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 1_980), edit("10.6:gt=nu", 0, 90), edit("10.6kp", 0, 306_105_500)]).await;
        let nil = Changes { edits: vec![reporting::actions::figures::Edit { key: cell("10.2"), base: 0, state: Some(CellState::Nil("=1+1; nghỉ".to_owned())) }], ..Changes::default() };
        save(&kit.app, &officer(&kit), &which(COMMUNE), nil).await.expect("saved");
        let province = "Lan|province_officer|/vn/19.2025/";
        let path = |format: &str| format!("/so-lieu/tai?bieu=diem-ho-tro&ky=nd09q-2026-4&dia-ban=19.2025&dang={format}");
        let csv = kit.get(province, &path("csv")).await;
        assert!(csv.text.starts_with("\u{feff}ma_dia_ban;dia_ban;ky;"), "{}", csv.text);
        assert!(csv.text.contains("01969.2025;xã Phủ Thông;nd09q-2026-4;chinh-thuc;10.6;") && csv.text.contains(";so;1980;;"), "{}", csv.text);
        assert!(csv.text.contains(";306105,5;") && csv.text.contains("\"'=1+1; nghỉ\""), "{}", csv.text);
        let plain = kit.get(province, &path("csv-chuan")).await;
        assert!(plain.text.contains(",306105.5,") && plain.text.contains(",=1+1; nghỉ,"), "{}", plain.text);
        let json: serde_json::Value = serde_json::from_str(&kit.get(province, &path("json")).await.text).expect("JSON");
        assert_eq!(json["rows"].as_array().map(Vec::len), Some(4));
        let book = read(&kit.get(province, &path("xlsx")).await.bytes, Limits::REPORT).expect("a workbook");
        assert!(book.grids[0].cells.values().any(|seen| seen.what == reporting::model::workbook::What::Number(306_105.5)));
        assert_eq!(kit.get(OFFICER, &path("csv")).await.status, 403, "one commune is not the province");
        assert_eq!(kit.get("", &path("csv")).await.status, 303);
        let none = kit.get(province, &path("json").replace("2026-4", "2025-4")).await;
        assert_eq!(none.text.trim(), "{\"rows\":[]}");
        assert!(plain.text.starts_with("ma_dia_ban,") && [&csv, &plain].iter().all(|one| one.text.lines().count() == one.text.matches("\r\n").count()));
        for (wrong, words) in [
            ("/so-lieu/tai?bieu=diem-ho-tro&ky=nd09q-2026-4", "<a href=\"#dia-ban\">Nhập tên nơi</a>"),
            ("/so-lieu/tai?ky=nd09q-2026-4&dia-ban=19.2025", "Thiếu tham số “bieu”."),
            (&path("docx"), "Tham số “dang” không đúng: “docx”."),
            (&format!("{}&loai=khac", path("csv")), "Tham số “loai” không đúng: “khac”."),
        ] {
            let refused = kit.get(province, wrong).await;
            assert!(refused.status == 422 && refused.text.contains(words), "{wrong}: {}", refused.text);
        }
        let form = kit.get(province, "/so-lieu/tai?bieu=diem-ho-tro").await;
        assert!(form.text.contains("value=\"nd09q-2026-4\"") && form.text.contains("value=\"Tỉnh Thái Nguyên\""), "{}", form.text);
    }

    async fn a_report_is_a_document_of_its_office(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 1_980)]).await;
        let page = kit.get(OFFICER, &format!("{REPORT}/bao-cao.docx")).await;
        assert_eq!(page.status, 200);
        let mut archive = zip::ZipArchive::new(Cursor::new(&page.bytes)).expect("an archive");
        let mut xml = String::new();
        archive.by_name("word/document.xml").expect("the text").read_to_string(&mut xml).expect("text");
        for part in ["Kính gửi: Ủy ban nhân dân tỉnh Thái Nguyên", "ỦY BAN NHÂN DÂN XÃ PHỦ THÔNG", "Độc lập - Tự do - Hạnh phúc", "1.980", "DỰ THẢO"] {
            assert!(xml.contains(part), "{part}");
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("docx-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("bao-cao.docx"), &page.bytes).expect("written");
        if office(&folder, "pdf", "bao-cao.docx") && ran(Command::new("pdftotext").arg(folder.join("bao-cao.pdf"))) {
            let text = std::fs::read_to_string(folder.join("bao-cao.txt")).expect("text");
            assert!(text.contains("Độc lập - Tự do - Hạnh phúc") && text.contains("1.980"), "{text}");
        } else {
            eprintln!("left out: no soffice or no pdftotext here");
        }
    }

    async fn a_report_is_printed_from_one_file_that_other_readers_read(builder: KitBuilder) {
        let kit = started(builder).await;
        let nil = reporting::actions::figures::Edit { key: cell("10.2"), base: 0, state: Some(CellState::Nil("nghỉ Tết; Ằ Ẵ Ợ ỹ".to_owned())) };
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 1_980), nil]).await;
        let page = kit.get(OFFICER, &format!("{REPORT}/bao-cao.pdf")).await;
        assert_eq!(page.status, 200);
        assert!(page.bytes.starts_with(b"%PDF-1.7") && page.bytes.len() < 200_000, "{} bytes", page.bytes.len());
        assert!(kit.get(OFFICER, REPORT).await.text.contains("/bao-cao.pdf\""), "the report leads to it");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pdf-{}-{:?}", std::process::id(), std::thread::current().id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("bao-cao.pdf");
        std::fs::write(&file, &page.bytes).expect("written");
        if !ran(Command::new("pdftotext").arg(&file)) {
            eprintln!("left out: no pdftotext here");
            return;
        }
        let text = std::fs::read_to_string(folder.join("bao-cao.txt")).expect("text");
        for part in ["ỦY BAN NHÂN DÂN XÃ PHỦ THÔNG", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "1.980", "DỰ THẢO", "nghỉ Tết; Ằ Ẵ Ợ ỹ", "Nơi nhận:", "CHỦ TỊCH"] {
            assert!(text.replace('\n', " ").contains(part), "{part} in {text}");
        }
        let fonts = Command::new("pdffonts").arg(&file).output().expect("it came with pdftotext");
        let fonts = String::from_utf8_lossy(&fonts.stdout).into_owned();
        let fonts: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(fonts.len() >= 3, "{fonts:?}");
        assert!(fonts.iter().all(|font| font.split_whitespace().filter(|word| *word == "yes").count() == 3), "carried, in part, and with its text: {fonts:?}");
        let said = Command::new("pdfinfo").arg(&file).output().expect("it came with pdftotext");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.contains("Tagged:          yes") && said.contains("A4"), "{said}");
    }

    async fn other_programs_save_the_workbook_and_nothing_is_lost(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 198), edit("10.6kp", 0, 306_105_123), edit("10.6:gt=nu", 0, 0)]).await;
        let bytes = template(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("written");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("xlsx-{}-{:?}", std::process::id(), std::thread::current().id()));
        let saved = folder.join("saved");
        std::fs::create_dir_all(&saved).expect("a folder");
        let from = folder.join("mau.xlsx");
        std::fs::write(&from, &bytes).expect("written");
        let mut tried = 0;
        if ran(Command::new("soffice").args(["--headless", "--convert-to", "xlsx", "--outdir"]).arg(&saved).arg(&from)) {
            tried += 1;
            unchanged(&kit, &std::fs::read(saved.join("mau.xlsx")).expect("saved")).await;
        }
        let script = "import sys, openpyxl\nb = openpyxl.load_workbook(sys.argv[1])\nif len(sys.argv) > 3: b.worksheets[0][sys.argv[3]] = 210\nb.save(sys.argv[2])\n";
        let python = saved.join("python.xlsx");
        if ran(Command::new(python_program()).args(["-c", script]).arg(&from).arg(&python)) {
            tried += 1;
            unchanged(&kit, &std::fs::read(&python).expect("saved")).await;
            let at = &addresses(&bytes)["10.6"];
            assert!(ran(Command::new(python_program()).args(["-c", script]).arg(&from).arg(&python).arg(at)));
            let brought = Brought::File(std::fs::read(&python).expect("saved"));
            let (_, plan) = look(&kit.app, &officer(&kit), &which(COMMUNE), brought).await.expect("looked");
            let edits: Vec<_> = plan.edits.iter().map(|edit| (edit.key.text(), edit.new.clone())).collect();
            assert_eq!(edits, [("10.6".to_owned(), Some(CellState::Value(210)))]);
        }
        if tried == 0 {
            eprintln!("left out: neither soffice nor openpyxl is installed here");
        }
    }
}

async fn unchanged(kit: &Kit, bytes: &[u8]) {
    let brought = Brought::File(bytes.to_vec());
    let (_, plan) = look(&kit.app, &officer(kit), &which(COMMUNE), brought).await.expect("looked");
    assert_eq!((plan.refused, plan.problems, plan.edits), (None, vec![], vec![]));
    assert!(plan.unchanged > 10);
}

/// The Python that `TEST_FOREIGN_READERS` names, or the system's: either may have openpyxl.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where the packages are"
)]
fn python_program() -> String {
    let named = std::env::var("TEST_FOREIGN_READERS").ok().filter(|one| !one.is_empty());
    named.unwrap_or_else(|| "python3".to_owned())
}

fn office(folder: &Path, to: &str, name: &str) -> bool {
    let mut program = Command::new("soffice");
    ran(program
        .args(["--headless", "--convert-to", to, "--outdir"])
        .arg(folder)
        .arg(folder.join(name)))
}

/// True when the program is here and did it.
fn ran(program: &mut Command) -> bool {
    program.output().is_ok_and(|done| done.status.success())
}
