//! Documents are well-formed, carry the parts that NĐ 30/2020/NĐ-CP asks for, and every word as it was typed.

use std::io::{Cursor, Read};

use super::*;
use crate::model::workbook::tests::Kept;

pub(super) fn letter() -> Letter {
    Letter {
        above: "Ủy ban nhân dân tỉnh Thái Nguyên".to_owned(),
        office: "Ủy ban nhân dân xã Phủ Thông".to_owned(),
        mark: "UBND".to_owned(),
        place: "Phủ Thông".to_owned(),
        on: Day::new(2026, 2, 5),
        in_name_of: "TM. Ủy ban nhân dân".to_owned(),
        office_of_signer: "Chủ tịch".to_owned(),
        signer: "Hùng".to_owned(),
        recipients: vec!["Ủy ban nhân dân tỉnh Thái Nguyên".to_owned()],
        draft: true,
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
        "ỦY BAN NHÂN DÂN TỈNH THÁI NGUYÊN",
        "ỦY BAN NHÂN DÂN XÃ PHỦ THÔNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Phủ Thông, ngày 05 tháng 02 năm 2026",
        "BÁO CÁO",
        "Quý IV/2026 (15/9 – 14/12/2026)",
        "Biểu làm việc – chưa phải biểu ban hành",
        "I. Số liệu trong quý",
        "198",
        "306.105,123",
        "không phát sinh: quý này không tổ chức",
        "=2+3 không phải công thức; “ngoặc”, <thẻ> & dấu.",
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
        "Nơi nhận:",
        "- Lưu: VT.",
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
