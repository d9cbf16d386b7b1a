//! Documents are well-formed, carry the parts that NĐ 30/2020/NĐ-CP asks for, and every word as it was typed.

use std::io::{Cursor, Read};

use super::*;
use crate::model::{
    cell::CellState,
    workbook::tests::{Kept, key},
};

pub(super) fn letter() -> Letter {
    Letter {
        office: "Ủy ban nhân dân xã Phủ Thông".to_owned(),
        mark: "UBND".to_owned(),
        place: "Phủ Thông".to_owned(),
        on: Day::new(2026, 2, 5),
        signed_as: vec!["TM. ỦY BAN NHÂN DÂN".to_owned(), "CHỦ TỊCH".to_owned()],
        signer: "Hùng".to_owned(),
        to: "Ủy ban nhân dân tỉnh Thái Nguyên".to_owned(),
        draft: true,
        empty: "(chưa nhập)".to_owned(),
        ..Letter::default()
    }
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect("the part").read_to_string(&mut text).expect("text");
    text
}

/// The text of a part, and that its elements open and close in pairs.
fn text_of(xml: &str) -> String {
    let (mut open, mut text) = (Vec::new(), String::new());
    for piece in xml.split('<').skip(1) {
        let (tag, after) = piece.split_once('>').expect("a tag ends");
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name.to_owned()));
        } else if !tag.ends_with('/') && !tag.starts_with('?') {
            open.push(name.to_owned());
        }
        if name == "/w:p" {
            text.push('\n');
        }
        text.push_str(after);
    }
    assert_eq!(open, Vec::<String>::new());
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[test]
fn a_document_carries_every_part_an_office_expects() {
    let kept = Kept::filled();
    let bytes = write(&kept.report(), &letter(), Format::Docx).expect("it is written");
    let xml = part(&bytes, "word/document.xml");
    let text = text_of(&xml);
    for wanted in [
        "ỦY BAN NHÂN DÂN XÃ PHỦ THÔNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Phủ Thông, ngày 05 tháng 02 năm 2026",
        "BÁO CÁO",
        "Quý IV/2026 (15/9 – 14/12/2026)",
        "Kính gửi: Ủy ban nhân dân tỉnh Thái Nguyên",
        "Ủy ban nhân dân xã Phủ Thông báo cáo số liệu quý IV năm 2026 (15/9 – 14/12/2026) như sau:",
        "Biểu làm việc – chưa phải biểu ban hành",
        "I. Số liệu trong quý",
        "198",
        "306.105,123",
        "không phát sinh: quý này không tổ chức",
        "=2+3 không phải công thức; “ngoặc”, <thẻ> & dấu.",
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
        "Nơi nhận:\n- Như trên;\n- Lưu: VT.",
        "DỰ THẢO",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    assert!(xml.contains("w:top=\"1134\" w:right=\"850\" w:bottom=\"1134\" w:left=\"1701\""));
    for name in [
        "[Content_Types].xml",
        "_rels/.rels",
        "word/styles.xml",
        "word/header1.xml",
        "docProps/core.xml",
        "word/_rels/document.xml.rels",
    ] {
        text_of(&part(&bytes, name));
    }
    assert!(part(&bytes, "word/styles.xml").contains("Times New Roman"));
}

#[test]
fn what_people_typed_never_becomes_markup() {
    let mut kept = Kept::filled();
    let hostile = "</w:t></w:r></w:p><w:p>&amp;\u{0}\u{1}\u{fffe}]]> <!-- \u{202e}";
    kept.standing.words.insert("khokhan".to_owned(), (hostile.to_owned(), 1));
    kept.head.title = hostile.to_owned();
    let bytes =
        write(&kept.report(), &Letter { office: hostile.to_owned(), ..letter() }, Format::Docx)
            .expect("written");
    let text = text_of(&part(&bytes, "word/document.xml"));
    assert!(text.contains("</w:t></w:r></w:p><w:p>&amp;]]> <!-- \u{202e}"));
    text_of(&part(&bytes, "docProps/core.xml"));
}

/// The text of a report as a letter.
fn told(kept: &Kept, letter: &Letter) -> String {
    let bytes = write(&kept.report(), letter, Format::Docx).expect("written");
    text_of(&part(&bytes, "word/document.xml"))
}

#[test]
fn what_was_added_below_a_row_stands_below_it() {
    let mut kept = Kept::filled();
    let stands = |state| crate::model::workbook::Stands { state, version: 1, foreign: false };
    let unknown = CellState::NoData("chưa rà soát".to_owned());
    kept.standing.cells.insert(key("10.6:dt=dao"), stands(CellState::Value(120)));
    kept.standing.cells.insert(key("10.6:dt=hmong,gt=nu"), stands(unknown));
    kept.standing.cells.insert(key("10.9:dt=dao"), stands(CellState::Value(999_111)));
    let text = told(&kept, &letter());
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}\n{text}"));
    let lines = [
        "Lượt người dùng điểm hỗ trợ\nlượt người\n198\n0\n",
        "– Dao\nlượt người\n120\nx\nx\n",
        "– Hmông · Nữ\nlượt người\n...\nx\nx\n",
        "– Tày\nlượt người\n77\nx\nx\n",
    ];
    let places = lines.iter().map(|line| at(line));
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("– Hmông · Nữ – không có số liệu: chưa rà soát."), "{text}");
    assert!(!text.contains("999.111"), "of no row of this form");
}

#[test]
fn a_letter_says_of_itself_what_the_printed_page_says() {
    let said = Letter {
        again: "(Bản đính chính, lần gửi thứ 3)".to_owned(),
        nil: "Trong kỳ không phát sinh: chưa có vốn".to_owned(),
        late: "Lý do gửi chậm: mất điện".to_owned(),
        empty: "Không phát sinh.".to_owned(),
        enclosures: vec!["Biên bản (bb.pdf)".to_owned(), "anh.jpg".to_owned()],
        ..letter()
    };
    let text = told(&Kept::of("bm-01"), &said);
    let parts = [
        "BÁO CÁO\nKết quả thực hiện dự án, hoạt động hằng năm của đơn vị thực hiện\n",
        "(Bản đính chính, lần gửi thứ 3)\n",
        "Trong kỳ không phát sinh: chưa có vốn\n",
        "Không phát sinh.\n",
        "Lý do gửi chậm: mất điện\n",
        "Tài liệu kèm theo:\n1. Biên bản (bb.pdf)\n2. anh.jpg\n",
        "Nơi nhận:",
    ];
    let places: Vec<_> = parts.iter().map(|part| text.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}\n{text}");
    let plain = told(&Kept::of("bm-01"), &letter());
    for silent in ["lần gửi", "không phát sinh", "gửi chậm", "Tài liệu kèm theo"] {
        assert!(!plain.contains(silent), "{silent}\n{plain}");
    }
    assert!(plain.contains("(chưa nhập)") && !plain.contains("Không có."), "{plain}");
}

#[test]
fn a_deputy_signs_in_the_place_of_the_head() {
    let signed_as = crate::model::Capacity::Deputy.lines(crate::model::Tier::Commune);
    let text = told(&Kept::of("bm-01"), &Letter { signed_as, draft: false, ..letter() });
    let block = "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\n\n\n\nHùng\n";
    assert!(text.contains(block), "{text}");
}

#[test]
fn what_kind_of_document_it_is_stands_there_once() {
    for (title, about) in [
        ("Báo cáo kết quả thực hiện", "Kết quả thực hiện"),
        ("BÁO CÁO  đột xuất", "Đột xuất"),
        ("Ba\u{301}o ca\u{301}o năm", "Năm"),
        ("Báo cáo", ""),
        ("Báo cáo viên pháp luật", "Báo cáo viên pháp luật"),
        ("Điểm hỗ trợ và tuyên truyền", "Điểm hỗ trợ và tuyên truyền"),
        ("", ""),
    ] {
        assert_eq!(subject(title), about, "{title}");
    }
}

#[test]
fn days_are_written_as_the_decree_has_them() {
    let dated = |month, day| Day::new(2026, month, day).map(dated);
    assert_eq!(dated(2, 5).as_deref(), Some("ngày 05 tháng 02 năm 2026"));
    assert_eq!(dated(4, 25).as_deref(), Some("ngày 25 tháng 4 năm 2026"));
}

/// A row about a work.
fn work(cells: &[(&str, &str)]) -> crate::model::workbook::StandingRow {
    crate::model::workbook::StandingRow {
        section: "congtrinh".to_owned(),
        id: cells[0].1.to_owned(),
        position: 1,
        cells: cells.iter().map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect(),
        version: 1,
    }
}

#[test]
fn numbers_of_rows_are_told_with_their_units_and_added_up() {
    let mut kept = Kept::of("bm-01");
    let first = [("ma", "a"), ("noidung", "1087.gd2"), ("tongmuc", "2750.5"), ("huongloi", "1250")];
    kept.standing.rows = vec![work(&first), work(&[("ma", "b"), ("tongmuc", "1000")])];
    let text = told(&kept, &letter());
    for wanted in [
        "Thuộc nội dung thành phần: Giai đoạn 2026–2030;",
        "Tổng mức đầu tư, dự toán: 2.750,5 triệu đồng;",
        "Số người hưởng lợi: 1.250 người.",
        "Cộng: Tổng mức đầu tư, dự toán: 3.750,5 triệu đồng; Số người hưởng lợi: 1.250 người.",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    let narrow = |table: &mut crate::model::form::RowTable| {
        table.columns.retain(|one| ["ma", "tongmuc"].contains(&one.code.as_str()));
    };
    if let SectionBody::Rows(table) = &mut kept.form.sections[0].body {
        narrow(table);
    }
    let text = told(&kept, &letter());
    for wanted in ["Tổng mức đầu tư, dự toán (triệu đồng)\n", "\n2.750,5\n", "Cộng\n3.750,5\n"]
    {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn rows_of_wide_tables_are_told_line_by_line() {
    let mut kept = Kept::of("bm-01");
    kept.standing.rows.push(crate::model::workbook::StandingRow {
        section: "congtrinh".to_owned(),
        id: "r".to_owned(),
        position: 1,
        cells: [("ten", "Đường Nà Pài"), ("hinhthuc", "congdong")]
            .map(|(code, text)| (code.to_owned(), text.to_owned()))
            .into(),
        version: 1,
    });
    let bytes = write(&kept.report(), &letter(), Format::Docx).expect("written");
    let text = text_of(&part(&bytes, "word/document.xml"));
    assert!(
        text.contains(
            "1. Tên công trình, hoạt động: Đường Nà Pài; Hình thức thực hiện: Cộng đồng tự làm."
        ),
        "{text}"
    );
}

/// The sum of a cell, from so many units.
fn summed(name: &str, sum: Option<i64>, units: (i64, i64)) -> Summed {
    let gap = if sum.is_none() { "không cộng được".to_owned() } else { String::new() };
    Summed {
        name: name.to_owned(), unit: "lượt người".to_owned(), sum, gap, decimals: 0, units
    }
}

#[test]
fn a_summary_is_laid_out_as_its_form_and_says_whom_it_lacks() {
    let kept = Kept::filled();
    let sums = [
        ("10.6", summed("Lượt người", Some(2_030), (3, 0))),
        ("10.6:dt=tay", summed("Lượt người – Tày", None, (1, 2))),
        ("bm09.thon", summed("Số thôn", Some(5), (3, 0))),
    ];
    let missing = |under: &str, units: &[&str]| Missing {
        under: under.to_owned(),
        units: units.iter().map(|unit| (*unit).to_owned()).collect(),
    };
    let gathered = Gathered {
        from: "Gồm 3/6 báo cáo.".to_owned(),
        reports: 3,
        twice: true,
        note: "Kết thúc sớm".to_owned(),
        missing_title: "3 đơn vị chưa có báo cáo".to_owned(),
        missing: vec![missing("Tỉnh A", &["Xã B", "Xã C"]), missing("Tỉnh D", &["Xã E"])],
        sums: sums.into_iter().map(|(cell, sum)| (key(cell), sum)).collect(),
    };
    let said = |gathered: Gathered| told(&kept, &Letter { gathered: Some(gathered), ..letter() });
    let text = said(gathered.clone());
    for wanted in [
        "BÁO CÁO TỔNG HỢP\n",
        "Quý IV/2026 (15/9 – 14/12/2026) (số chính thức)\n",
        "(15/9 – 14/12/2026). Gồm 3/6 báo cáo. Kết quả như sau:\nKết thúc sớm\n",
        // What a report of its own would say in these cells nobody asks here.
        "Lượt người dùng điểm hỗ trợ\nlượt người\n2.030\n...\n...\n",
        "– Tày\nlượt người\nkhông cộng được\nx\nx\n",
        "II. Số liệu ngoài các dòng của biểu\n",
        "1\nSố thôn\nlượt người\n5\n",
        "III. Số đơn vị có số liệu\nCác ô dưới đây không có số liệu ở đủ 3 báo cáo; các ô còn lại có đủ.\n",
        "1\nLượt người – Tày\nlượt người\n1\n2\n",
        "3 đơn vị chưa có báo cáo:\nTỉnh A (2): xã B, xã C.\nTỉnh D (1): xã E.\n",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    assert!(!text.contains("306.105") && !text.contains("Khó khăn"), "{text}");
    let mut whole = gathered.clone();
    whole.sums.remove(&key("10.6:dt=tay"));
    whole.missing.clear();
    let text = said(whole);
    assert!(text.contains("Ô nào cũng có số liệu của cả 3 báo cáo."), "{text}");
    assert!(!text.contains("chưa có báo cáo"), "{text}");
    let mut alone = gathered;
    alone.reports = 1;
    let units = ["Xã Ba Bể", "Phường Bắc Kạn", "Bạch Long Vĩ"].map(str::to_owned).to_vec();
    alone.missing = vec![Missing { under: String::new(), units }];
    let text = said(alone);
    assert!(text.contains("Báo cáo có số liệu ở mọi ô."), "{text}");
    assert!(text.contains("\nXã Ba Bể, phường Bắc Kạn, Bạch Long Vĩ.\n"), "{text}");
}
