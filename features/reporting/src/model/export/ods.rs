//! Figures as a spreadsheet in OpenDocument 1.3 (ISO/IEC 26300, TCVN): the table, and a second sheet that says
//! what it is of. Cells have types: numbers with all their digits, days, text; codes are text and keep their zeros.
//! The sheet is written into the archive while it is made, so only its packed bytes are held.

use std::io::{BufWriter, Cursor, Write};

use kernel::clock::Day;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{About, COLUMNS, Exported, NUMBERS};
use crate::model::{
    Life,
    amount::{plain_amount, print_amount},
    definition::DECIMALS_MAX,
    sheets::{self, Number, Sheet},
};

/// Why a file could not be written.
pub type Unwritten = ZipError;

/// What the file says it is, in its first bytes.
pub const MIME: &str = "application/vnd.oasis.opendocument.spreadsheet";

const NAMES: [(&str, &str); 7] = [
    ("xmlns:office", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"),
    ("xmlns:table", "urn:oasis:names:tc:opendocument:xmlns:table:1.0"),
    ("xmlns:text", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"),
    ("xmlns:style", "urn:oasis:names:tc:opendocument:xmlns:style:1.0"),
    ("xmlns:number", "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"),
    ("xmlns:fo", "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"),
    ("office:version", "1.3"),
];

/// Widths of the columns, in the order of [`COLUMNS`].
const WIDTHS: [&str; 12] = [
    "2.8cm", "5.5cm", "3cm", "2.4cm", "2.6cm", "9cm", "3.4cm", "2.6cm", "2.2cm", "3.6cm", "6cm",
    "3.6cm",
];

type Xml<W> = Writer<W>;

/// What stands in a cell.
enum Cell<'c> {
    Text(&'c str),
    Head(&'c str),
    Number(i64, u32),
    Shown(&'c Number),
    Day(Day),
    Empty,
}

/// Writes the figures as a spreadsheet.
///
/// # Errors
///
/// When the archive cannot be written: more than it can hold.
pub fn write(about: &About, rows: &[Exported]) -> Result<Vec<u8>, Unwritten> {
    archive(|xml| {
        figures(xml, about, rows)?;
        told(xml, about)
    })
}

/// Writes tables of pages as a spreadsheet.
///
/// # Errors
///
/// When the archive cannot be written: more than it can hold.
pub fn tables(sheets: &[Sheet]) -> Result<Vec<u8>, Unwritten> {
    archive(|xml| sheets.iter().try_for_each(|sheet| table_of_page(xml, sheet)))
}

/// Where the sheets of a spreadsheet are written.
type Zipped<'z> = BufWriter<&'z mut ZipWriter<Cursor<Vec<u8>>>>;

fn archive(
    sheets: impl FnOnce(&mut Xml<Zipped<'_>>) -> Result<(), std::io::Error>,
) -> Result<Vec<u8>, Unwritten> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // First and as it is: programs know the file by these bytes (OpenDocument 1.3 part 2, 3.3).
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("mimetype", stored)?;
    zip.write_all(MIME.as_bytes())?;
    let packed = SimpleFileOptions::default();
    zip.start_file("META-INF/manifest.xml", packed)?;
    zip.write_all(manifest().as_bytes())?;
    zip.start_file("styles.xml", packed)?;
    zip.write_all(STYLES.as_bytes())?;
    zip.start_file("content.xml", packed)?;
    let mut xml = Writer::new(BufWriter::new(&mut zip));
    content(&mut xml, sheets)?;
    xml.into_inner().flush()?;
    Ok(zip.finish()?.into_inner())
}

fn manifest() -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.3\">\
         <manifest:file-entry manifest:full-path=\"/\" manifest:version=\"1.3\" manifest:media-type=\"{MIME}\"/>\
         <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/>\
         <manifest:file-entry manifest:full-path=\"styles.xml\" manifest:media-type=\"text/xml\"/></manifest:manifest>"
    )
}

const STYLES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-styles xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" office:version=\"1.3\"><office:styles><style:default-style style:family=\"table-cell\"><style:text-properties fo:font-size=\"11pt\" fo:language=\"vi\" fo:country=\"VN\"/></style:default-style><style:style style:name=\"Default\" style:family=\"table-cell\"/></office:styles></office:document-styles>";

fn content<W: Write>(
    xml: &mut Xml<W>,
    sheets: impl FnOnce(&mut Xml<W>) -> Result<(), std::io::Error>,
) -> Result<(), std::io::Error> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("office:document-content").with_attributes(NAMES).write_inner_content(
        |xml| {
            xml.create_element("office:automatic-styles").write_inner_content(styles)?;
            xml.create_element("office:body").write_inner_content(|xml| {
                xml.create_element("office:spreadsheet").write_inner_content(sheets)?;
                Ok(())
            })?;
            Ok(())
        },
    )?;
    Ok(())
}

/// Widths, and how numbers and days are shown: points between thousands, a comma before decimals.
fn styles<W: Write>(xml: &mut Xml<W>) -> Result<(), std::io::Error> {
    for (at, width) in WIDTHS.iter().enumerate() {
        xml.create_element("style:style")
            .with_attribute(("style:name", format!("cot{at}").as_str()))
            .with_attribute(("style:family", "table-column"))
            .write_inner_content(|xml| {
                xml.create_element("style:table-column-properties")
                    .with_attribute(("style:column-width", *width))
                    .write_empty()?;
                Ok(())
            })?;
    }
    for decimals in 0..=DECIMALS_MAX {
        let (name, places) = (format!("N{decimals}"), decimals.to_string());
        xml.create_element("number:number-style")
            .with_attribute(("style:name", name.as_str()))
            .with_attributes([("number:language", "vi"), ("number:country", "VN")])
            .write_inner_content(|xml| {
                xml.create_element("number:number")
                    .with_attribute(("number:decimal-places", places.as_str()))
                    .with_attributes([
                        ("number:min-integer-digits", "1"),
                        ("number:grouping", "true"),
                    ])
                    .write_empty()?;
                Ok(())
            })?;
        cell_style(xml, &format!("so{decimals}"), &name)?;
    }
    xml.create_element("number:date-style")
        .with_attributes([
            ("style:name", "Nngay"),
            ("number:language", "vi"),
            ("number:country", "VN"),
        ])
        .write_inner_content(|xml| {
            let slash = |xml: &mut Xml<W>| {
                xml.create_element("number:text")
                    .write_text_content(BytesText::new("/"))
                    .map(|_| ())
            };
            let long = ("number:style", "long");
            xml.create_element("number:day").with_attribute(long).write_empty()?;
            slash(xml)?;
            xml.create_element("number:month").with_attribute(long).write_empty()?;
            slash(xml)?;
            xml.create_element("number:year").with_attribute(long).write_empty()?;
            Ok(())
        })?;
    cell_style(xml, "ngay", "Nngay")?;
    xml.create_element("style:style")
        .with_attributes([
            ("style:name", "dau"),
            ("style:family", "table-cell"),
            ("style:parent-style-name", "Default"),
        ])
        .write_inner_content(|xml| {
            xml.create_element("style:text-properties")
                .with_attribute(("fo:font-weight", "bold"))
                .write_empty()?;
            Ok(())
        })?;
    Ok(())
}

fn cell_style<W: Write>(xml: &mut Xml<W>, name: &str, data: &str) -> Result<(), std::io::Error> {
    xml.create_element("style:style")
        .with_attribute(("style:name", name))
        .with_attributes([("style:family", "table-cell"), ("style:parent-style-name", "Default")])
        .with_attribute(("style:data-style-name", data))
        .write_empty()?;
    Ok(())
}

fn figures<W: Write>(
    xml: &mut Xml<W>,
    about: &About,
    rows: &[Exported],
) -> Result<(), std::io::Error> {
    table(xml, "Số liệu", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], |xml| {
        xml.create_element("table:table-header-rows")
            .write_inner_content(|xml| row(xml, COLUMNS.iter().map(|name| Cell::Head(name))))?;
        for one in rows {
            let texts = one.columns(about, false);
            let [figure, approved] = NUMBERS;
            let cells = texts.iter().enumerate().map(|(at, text)| {
                let number = |amount: Option<i64>| {
                    amount.map_or(Cell::Empty, |amount| Cell::Number(amount, one.decimals))
                };
                match text.as_str() {
                    _ if at == figure => number(one.said().1),
                    _ if at == approved => number(one.approved),
                    "" => Cell::Empty,
                    text => Cell::Text(text),
                }
            });
            row(xml, cells)?;
        }
        Ok(())
    })
}

/// What the figures are of. Files of the state are in Vietnamese.
fn told<W: Write>(xml: &mut Xml<W>, about: &About) -> Result<(), std::io::Error> {
    let life = if about.life == Life::Estimate { "ước thực hiện" } else { "chính thức" };
    let period = about.period.label_vi();
    table(xml, "Thông tin", &[1, 5], |xml| {
        let last = about.period.until.plus_days(-1);
        for (name, cell) in [
            ("Biểu", Cell::Text(&about.title)),
            ("Mã biểu", Cell::Text(about.dataset.as_str())),
            ("Kỳ", Cell::Text(&period)),
            ("Từ ngày", Cell::Day(about.period.from)),
            ("Đến ngày", Cell::Day(last)),
            ("Loại số liệu", Cell::Text(life)),
            ("Địa bàn", Cell::Text(&about.area_name)),
            ("Mã địa bàn", Cell::Text(about.area.as_str())),
            ("Tính đến", Cell::Text(&about.as_of.short())),
        ] {
            row(xml, [Cell::Head(name), cell].into_iter())?;
        }
        Ok(())
    })
}

/// The first column is wide: it says what rows are of.
fn table_of_page<W: Write>(xml: &mut Xml<W>, sheet: &Sheet) -> Result<(), std::io::Error> {
    let columns: Vec<usize> = std::iter::once(5).chain((1..sheet.width()).map(|_| 6)).collect();
    table(xml, &sheet.name, &columns, |xml| {
        for cells in &sheet.rows {
            let cells = cells.iter().map(|cell| match cell {
                sheets::Cell::Empty => Cell::Empty,
                sheets::Cell::Head(text) => Cell::Head(text),
                sheets::Cell::Words(text) => Cell::Text(text),
                sheets::Cell::Number(one) => Cell::Shown(one),
            });
            row(xml, cells)?;
        }
        Ok(())
    })
}

fn table<W: Write>(
    xml: &mut Xml<W>,
    name: &str,
    columns: &[usize],
    rows: impl FnOnce(&mut Xml<W>) -> Result<(), std::io::Error>,
) -> Result<(), std::io::Error> {
    xml.create_element("table:table").with_attribute(("table:name", name)).write_inner_content(
        |xml| {
            for at in columns {
                xml.create_element("table:table-column")
                    .with_attribute(("table:style-name", format!("cot{at}").as_str()))
                    .with_attribute(("table:default-cell-style-name", "Default"))
                    .write_empty()?;
            }
            rows(xml)
        },
    )?;
    Ok(())
}

fn row<'c, W: Write>(
    xml: &mut Xml<W>,
    cells: impl Iterator<Item = Cell<'c>>,
) -> Result<(), std::io::Error> {
    xml.create_element("table:table-row").write_inner_content(|xml| {
        for cell in cells {
            write_cell(xml, &cell)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn write_cell<W: Write>(xml: &mut Xml<W>, cell: &Cell<'_>) -> Result<(), std::io::Error> {
    let element = xml.create_element("table:table-cell");
    match cell {
        Cell::Empty => {
            element.write_empty()?;
        }
        Cell::Text(text) => {
            let element = element.with_attribute(("office:value-type", "string"));
            element.write_inner_content(|xml| paragraphs(xml, text))?;
        }
        Cell::Head(text) => {
            let element = element
                .with_attribute(("office:value-type", "string"))
                .with_attribute(("table:style-name", "dau"));
            element.write_inner_content(|xml| paragraphs(xml, text))?;
        }
        Cell::Number(amount, decimals) => {
            let element = element
                .with_attribute(("office:value-type", "float"))
                .with_attribute(("office:value", plain_amount(*amount, *decimals).as_str()))
                .with_attribute(("table:style-name", format!("so{decimals}").as_str()));
            element
                .write_inner_content(|xml| paragraphs(xml, &print_amount(*amount, *decimals)))?;
        }
        Cell::Shown(one) => {
            let decimals = one.decimals().min(DECIMALS_MAX as usize);
            let element = element
                .with_attribute(("office:value-type", "float"))
                .with_attribute(("office:value", one.plain.as_str()))
                .with_attribute(("table:style-name", format!("so{decimals}").as_str()));
            element.write_inner_content(|xml| paragraphs(xml, &one.shown))?;
        }
        Cell::Day(day) => {
            let element = element
                .with_attribute(("office:value-type", "date"))
                .with_attribute(("office:date-value", day.iso().as_str()))
                .with_attribute(("table:style-name", "ngay"));
            element.write_inner_content(|xml| paragraphs(xml, &day.short()))?;
        }
    }
    Ok(())
}

/// Text of a cell, a paragraph each line; what XML cannot carry is left out.
fn paragraphs<W: Write>(xml: &mut Xml<W>, text: &str) -> Result<(), std::io::Error> {
    for line in text.lines() {
        let plain: String = line
            .chars()
            .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
            .collect();
        xml.create_element("text:p").write_text_content(BytesText::new(&plain))?;
    }
    Ok(())
}
