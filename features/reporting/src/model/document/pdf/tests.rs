//! PDF files are read back by a small reader of our own: text by the codes that the file gives its glyphs, and
//! where on the page it stands. Foreign readers are in the tests of the house.

mod reader;

use proptest::prelude::*;

use super::{
    super::{
        Format, Letter,
        blocks::{Align, Cell, Mark},
        composed,
        tests::letter,
    },
    letters::{Letters, Style},
    lines::{Line, broken},
    *,
};
use crate::model::workbook::tests::Kept;
use reader::{PageRead, Read, read};

fn made(document: &Document) -> Read {
    read(&write(document).expect("it is written"))
}

fn of_blocks(blocks: Vec<Block>) -> Document {
    Document { parts: vec![blocks], foot: signed(), ..Document::default() }
}

fn signed() -> Vec<Block> {
    let left = vec![Paragraph::left("Nơi nhận:", 12), Paragraph::left("- Lưu: VT.", 11)];
    let mut right = vec![Paragraph::centred("CHỦ TỊCH", 14).bold()];
    right.extend((0..4).map(|_| Paragraph::centred("", 14)));
    right.push(Paragraph::centred("Nông Văn Hùng", 14).bold());
    vec![
        Block::Paragraph(Paragraph::left("", 14)),
        Block::Table(Table::bare(vec![50, 50]).row(vec![left, right])),
    ]
}

fn cell(text: &str, mark: Mark) -> Cell {
    vec![Paragraph::cell(text, mark)]
}

/// A table with so many rows and columns of figures.
fn long(rows: usize, columns: usize) -> Table {
    let mut widths = vec![7, 40];
    widths.extend(vec![10; columns]);
    let mut head = vec![cell("TT", Mark::Heading), cell("Công trình", Mark::Heading)];
    head.extend((0..columns).map(|at| cell(&format!("Cột{at:02}"), Mark::Heading)));
    let mut it = Table::ruled(widths).head(head).stub(2);
    for row in 0..rows {
        let mut cells = vec![
            cell(&(row + 1).to_string(), Mark::Centred),
            cell(&format!("Đường giao thông liên thôn số-{row}"), Mark::Plain),
        ];
        cells.extend((0..columns).map(|at| cell(&format!("{row}.{at:03}"), Mark::Figure)));
        it = it.row(cells);
    }
    it
}

/// Everything that is to be read in a document.
fn said(document: &Document) -> Vec<String> {
    let mut all = Vec::new();
    for block in document.parts.iter().flatten().chain(&document.foot) {
        match block {
            Block::Paragraph(paragraph) => all.push(paragraph.text.clone()),
            Block::Table(table) => {
                let cells = table.head.iter().chain(&table.rows).flatten().flatten();
                all.extend(cells.map(|paragraph| paragraph.text.clone()));
            }
        }
    }
    all
}

#[test]
fn every_word_of_a_report_is_read_back() {
    let kept = Kept::filled();
    let document = composed(&kept.report(), &letter());
    let read = made(&document);
    let text = read.text();
    for line in said(&document) {
        for word in line.split_whitespace() {
            assert!(text.contains(word), "{word}\n{text}");
        }
    }
    assert!(text.contains("Độc lập - Tự do - Hạnh phúc"), "{text}");
    assert!(read.bytes.starts_with(b"%PDF-1.7"));
    assert_eq!(read.bytes, write(&document).expect("again"), "no clock, no chance");
}

#[test]
fn every_vietnamese_letter_is_its_own_glyph_in_every_face_however_it_was_typed() {
    use unicode_normalization::UnicodeNormalization;
    let mut small: Vec<String> = vec!["đ".to_owned()];
    for vowel in "aăâeêioôơuưy".chars() {
        for tone in ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"] {
            small.push(format!("{vowel}{tone}").nfc().collect());
        }
    }
    small.retain(|letter| !letter.is_ascii());
    let all: Vec<String> =
        small.iter().cloned().chain(small.iter().map(|letter| letter.to_uppercase())).collect();
    assert_eq!(all.len(), 134);
    let faces = |words: &str| {
        let line = |paragraph: Paragraph| Block::Paragraph(paragraph);
        of_blocks(vec![
            line(Paragraph::body(words)),
            line(Paragraph::body(words).bold()),
            line(Paragraph::body(words).italic()),
            line(Paragraph::body(words).bold().italic()),
        ])
    };
    let composed = faces(&all.join(" "));
    let read = made(&composed);
    let text = read.text();
    for letter in &all {
        assert_eq!(text.split_whitespace().filter(|word| word == letter).count(), 4, "{letter}");
    }
    assert!(!text.contains('\u{25a1}'), "{text}");
    let apart: String = all.join(" ").nfd().collect();
    assert!(apart.len() > all.join(" ").len());
    assert_eq!(write(&faces(&apart)).expect("written"), read.bytes);
}

#[test]
fn marks_of_other_languages_stand_over_their_letters() {
    let mut letters = Letters::load().expect("letters");
    // Ê Đê, Gia Rai, Ba Na: ƀ, ê̆, ơ̆, č.
    for text in ["ê\u{306}", "ơ\u{306}", "Ô\u{306}"] {
        let shaped = letters.shape(text, Style::PLAIN);
        assert_eq!(shaped.glyphs.len(), 2, "{text}");
        let mark = shaped.glyphs[1].over.expect("a mark");
        assert!(mark.up > 0 && shaped.glyphs[1].advance == 0, "{text} {mark:?}");
    }
    let read =
        made(&of_blocks(vec![Block::Paragraph(Paragraph::body("Čư ê\u{306} ƀuôn ơ\u{306}"))]));
    for word in ["Čư", "ê\u{306}", "ƀuôn", "ơ\u{306}"] {
        assert!(read.text().contains(word), "{word} in {}", read.text());
    }
}

#[test]
fn what_the_faces_lack_is_a_box_that_still_says_what_it_stands_for() {
    let mut letters = Letters::load().expect("letters");
    for text in ["ស្រុក", "ไทย", "𡨸喃", "שלום", "ꪼꪕ", "😀"] {
        let shaped = letters.shape(text, Style::PLAIN);
        assert!(!shaped.glyphs.is_empty() && shaped.glyphs.iter().all(|glyph| glyph.advance > 0));
        assert!(shaped.glyphs.iter().all(|glyph| !glyph.plain && glyph.number > 0), "{text}");
        let read =
            made(&of_blocks(vec![Block::Paragraph(Paragraph::body(&format!("tên {text} hết")))]));
        assert!(read.text().contains(text), "{text} in {}", read.text());
        assert!(read.text().contains("hết"));
    }
}

#[test]
fn lines_end_between_words_and_a_word_is_divided_only_when_it_must_be() {
    let mut letters = Letters::load().expect("letters");
    let text = "Ủy ban nhân dân xã Phủ Thông báo cáo 15/9/2026 theo Nghị định 30/2020/NĐ-CP";
    let shaped = letters.shape(text, Style::PLAIN);
    let lines = broken(&shaped, 6_000, 6_000);
    assert!(lines.len() > 3);
    for line in &lines {
        let from = shaped.glyphs[line.from as usize].from as usize;
        let to = shaped.glyphs[line.to as usize - 1].to as usize;
        let shown = &text[from..to];
        assert!(line.width <= 6_000 && !shown.starts_with(' ') && !shown.ends_with(' '), "{shown}");
        assert!(
            from == 0 || matches!(text[..from].chars().last(), Some(' ' | '-' | '/')),
            "{shown}"
        );
    }
    let whole = |word: &&str| {
        shaped.words.iter().any(|it| {
            let of = &shaped.glyphs[it.from as usize..it.to as usize];
            text.get(of[0].from as usize..of[of.len() - 1].to as usize) == Some(word)
        })
    };
    assert!(["15/9/2026", "30/2020/", "NĐ-", "CP", "Phủ"].iter().all(whole));
    let span = letters.shape("Quý IV/2026 (15/9 – 14/12/2026)", Style::PLAIN);
    let begins = |line: &Line| {
        let from = span.glyphs[line.from as usize].from as usize;
        "Quý IV/2026 (15/9 – 14/12/2026)"[from..].chars().next()
    };
    for room in 4_000..12_000 {
        let lines = broken(&span, room, room);
        assert!(lines.iter().all(|line| begins(line) != Some('–')), "{room}");
    }
    let one = letters.shape(&"ă".repeat(1_000), Style::PLAIN);
    let lines = broken(&one, 6_000, 6_000);
    assert!(lines.len() > 10 && lines.iter().all(|line| line.width <= 6_000));
    assert_eq!(lines.iter().map(|line| line.to - line.from).sum::<u32>(), 1_000);
}

#[test]
fn ten_thousand_rows_come_out_page_by_page_with_their_heading() {
    let read = made(&of_blocks(vec![Block::Table(long(10_000, 2))]));
    let pages = read.pages.len();
    assert!((200..=500).contains(&pages), "{pages} pages");
    for (at, page) in read.pages.iter().enumerate() {
        let rows = page.text.matches("Đường giao thông").count();
        assert!(rows == 0 || page.text.contains("Cột01"), "page {at} without its heading");
        let number =
            page.text.split_whitespace().last().and_then(|word| word.parse::<usize>().ok());
        assert_eq!(number == Some(at + 1), at > 0, "{}", page.text);
    }
    for row in [0, 1, 4_999, 9_999] {
        assert_eq!(read.text().matches(&format!("thôn số-{row} ")).count(), 1, "{row}");
    }
    // What one row costs: four cells of the tree and their glyphs, and nothing that grows with the table.
    let short = made(&of_blocks(vec![Block::Table(long(1_000, 2))]));
    let each = (read.bytes.len() - short.bytes.len()) / 9_000;
    assert!(each < 1_000, "{each} bytes a row");
    assert!(short.bytes.len() / 1_000 < 3 * each, "as many for the first as for the last");
}

#[test]
fn wide_tables_turn_the_page_and_the_widest_come_in_parts_with_what_names_their_rows() {
    let upright = made(&of_blocks(vec![Block::Table(long(5, 4))]));
    assert!(upright.pages.iter().all(|page| page.width < page.height));
    let turned = made(&of_blocks(vec![Block::Table(long(5, 16))]));
    assert!(turned.pages[0].width > turned.pages[0].height);
    assert_eq!(turned.text().matches("liên thôn số-0 ").count(), 1);
    let parts = made(&of_blocks(vec![Block::Table(long(5, 60))]));
    assert!(parts.text().matches("liên thôn số-0").count() > 2, "the row is named in every part");
    for column in 0..60 {
        assert!(parts.text().contains(&format!("Cột{column:02}")), "{column}");
    }
    let mut told = long(2, 60);
    told.told = Some(vec![Paragraph::body("1. Kể từng dòng.")]);
    let told = made(&of_blocks(vec![Block::Table(told)]));
    assert!(told.text().contains("Kể từng dòng") && !told.text().contains("Cột01"));
    // Upright again for what follows, and the signature stays where the last part is.
    let both = Document {
        parts: vec![
            vec![Block::Table(long(5, 16))],
            vec![Block::Paragraph(Paragraph::body("Sau đó."))],
        ],
        foot: signed(),
        ..Document::default()
    };
    let both = made(&both);
    assert_eq!(
        both.pages.iter().map(|page| page.width > page.height).collect::<Vec<_>>(),
        [true, false]
    );
}

#[test]
fn whoever_signs_signs_below_at_least_two_lines_of_the_text() {
    for count in 24..44 {
        let mut blocks: Vec<Block> = (0..count)
            .map(|at| Block::Paragraph(Paragraph::body(&format!("Dòng-{at} của báo cáo."))))
            .collect();
        blocks.insert(0, Block::Paragraph(Paragraph::body("I. Phần").bold().role(Role::Heading)));
        let read = made(&of_blocks(blocks));
        let last = read.pages.last().expect("a page");
        for part in ["Nơi nhận:", "- Lưu: VT.", "CHỦ TỊCH", "Nông Văn Hùng"] {
            assert!(last.text.contains(part), "{count}: {part}");
        }
        assert!(last.text.matches("Dòng-").count() >= 2, "{count}: {}", last.text);
        let table = made(&of_blocks(vec![Block::Table(long(count, 3))]));
        let last = table.pages.last().expect("a page");
        assert!(last.text.contains("Nông Văn Hùng"));
        assert!(last.text.matches("liên thôn").count() >= 2, "{count}: {}", last.text);
        assert!(last.text.contains("Cột02"), "{count}: the rows have their heading");
    }
}

#[test]
fn a_row_taller_than_a_page_is_divided_and_loses_nothing() {
    let words: String = (0..4_000).fold(String::new(), |all, at| all + &format!("từ{at} "));
    let table = Table::ruled(vec![10, 90])
        .head(vec![cell("TT", Mark::Heading), cell("Nội dung", Mark::Heading)])
        .row(vec![cell("1", Mark::Centred), cell(&words, Mark::Plain)])
        .row(vec![cell("2", Mark::Centred), cell("ngắn", Mark::Plain)]);
    let read = made(&of_blocks(vec![Block::Table(table)]));
    assert!(read.pages.len() > 3);
    let text = read.text();
    let found = text.split_whitespace().filter(|word| word.starts_with("từ")).count();
    assert_eq!(found, 4_000);
    assert!(read.pages.iter().all(PageRead::within), "nothing beside the page");
}

#[test]
fn a_word_of_a_million_bytes_is_set_like_any_other() {
    let word = "ằ".repeat(350_000);
    let read = made(&of_blocks(vec![Block::Paragraph(Paragraph::body(&word))]));
    assert!((100..600).contains(&read.pages.len()), "{}", read.pages.len());
    assert_eq!(read.text().matches('ằ').count(), 350_000);
    assert!(read.pages.iter().all(PageRead::within));
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        any::<String>(),
        "[\u{0}-\u{1f} \u{300}-\u{36f}\u{202a}-\u{202e}\u{600}-\u{6ff}ạđ]{0,60}",
        "[ă-ỹ]{0,400}",
        Just("\u{301}\u{301}".repeat(300)),
        Just(" ".repeat(500)),
        Just("(((\\)<>>[]\r\n%%EOF endstream endobj".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_that_people_type_breaks_a_document_or_leaves_the_page(
        texts in prop::collection::vec(hostile(), 12),
        columns in 1_usize..14,
        align in prop::sample::select(vec![Align::Left, Align::Right, Align::Centre, Align::Both]),
    ) {
        let mut next = texts.iter().cycle().map(String::as_str);
        let mut text = || next.next().unwrap_or_default();
        let mut paragraph = Paragraph::body(text()).ruled(10, 40);
        paragraph.align = align;
        let mut table = Table::ruled(vec![10; columns])
            .head((0..columns).map(|_| cell(text(), Mark::Heading)).collect());
        for mark in [Mark::Plain, Mark::Figure, Mark::Bold] {
            table = table.row((0..columns).map(|_| cell(text(), mark)).collect());
        }
        let bare = Table::bare(vec![40, 60]).row(vec![
            vec![Paragraph::centred(text(), 12).bold().ruled(57, 40)],
            vec![Paragraph::centred(text(), 13).italic()],
        ]);
        let document = Document {
            title: text().to_owned(),
            author: text().to_owned(),
            parts: vec![
                vec![Block::Table(bare), Block::Paragraph(paragraph)],
                vec![Block::Table(table)],
            ],
            foot: signed(),
        };
        let read = made(&document);
        prop_assert!(read.pages.iter().all(PageRead::within));
        prop_assert!(read.text().contains("Nông Văn Hùng"));
    }
}

#[test]
fn a_report_of_nothing_is_a_document_all_the_same() {
    let read = made(&Document::default());
    assert_eq!(read.pages.len(), 1);
    let kept = Kept::of("bm-01");
    let bytes = super::super::write(&kept.report(), &Letter::default(), Format::Pdf);
    assert!(
        reader::read(&bytes.expect("written"))
            .text()
            .contains("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    );
}

#[test]
fn the_parts_of_a_document_are_told_to_whoever_hears_it() {
    let kept = Kept::filled();
    let read = made(&composed(&kept.report(), &letter()));
    for (kind, least) in [
        ("Document", 1),
        ("H1", 1),
        ("H2", 2),
        ("Table", 1),
        ("TR", 5),
        ("TH", 4),
        ("TD", 20),
        ("P", 5),
    ] {
        let found = read.parts.iter().filter(|part| *part == kind).count();
        assert!(found >= least, "{found} of {kind}");
    }
    assert_eq!(read.parts.iter().filter(|part| *part == "H1").count(), 1);
    // Every stretch that is numbered on a page leads to its part and back.
    assert_eq!(read.stretches, read.led);
}
