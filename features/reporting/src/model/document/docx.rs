//! A document as a DOCX file: as much of WordprocessingML (ECMA-376 Part 1 §17) as paragraphs and tables need.
//! Text is escaped in one place; nothing a person typed becomes markup.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use zip::{ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::blocks::{Align, Block, Document, Paragraph, Table};
use crate::model::xml::escape;

/// Twentieths of a point in a millimetre.
const MM: f64 = 56.692_913;
/// The width between the margins: 210 − 30 − 15 mm, in twentieths of a point.
const WIDTH: u32 = 9354;

impl Align {
    fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Centre => "center",
            Self::Right => "right",
            Self::Both => "both",
        }
    }
}

impl Paragraph {
    fn write(&self, xml: &mut String) {
        let Self { align, .. } = self;
        let [before, after] = [self.before, self.after].map(|points| points * 20);
        xml.push_str("<w:p><w:pPr>");
        let _ = write!(xml, "<w:spacing w:before=\"{before}\" w:after=\"{after}\"/>");
        if self.indented {
            xml.push_str("<w:ind w:firstLine=\"720\"/>");
        }
        let _ = write!(xml, "<w:jc w:val=\"{}\"/></w:pPr>", align.word());
        if !self.text.is_empty() {
            let bold = if self.bold { "<w:b/><w:bCs/>" } else { "" };
            let italic = if self.italic { "<w:i/><w:iCs/>" } else { "" };
            let size = self.size * 2;
            let _ = write!(
                xml,
                "<w:r><w:rPr>{bold}{italic}<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>",
                escape(&self.text)
            );
        }
        xml.push_str("</w:p>");
        // A paragraph of its own: indents of the words would make them wrap.
        if let Some(aside) = self.ruled.map(|line| line.aside * 20) {
            let _ = write!(
                xml,
                "<w:p><w:pPr><w:pBdr><w:top w:val=\"single\" w:sz=\"4\" w:space=\"1\" w:color=\"auto\"/></w:pBdr>\
                 <w:spacing w:before=\"20\" w:after=\"0\" w:line=\"80\" w:lineRule=\"exact\"/>\
                 <w:ind w:left=\"{aside}\" w:right=\"{aside}\"/></w:pPr></w:p>"
            );
        }
    }
}

impl Table {
    fn write(&self, xml: &mut String) {
        let whole: u32 = self.widths.iter().sum::<u32>().max(1);
        let widths: Vec<u32> = self.widths.iter().map(|part| part * WIDTH / whole).collect();
        let _ = write!(xml, "<w:tbl><w:tblPr><w:tblW w:w=\"{WIDTH}\" w:type=\"dxa\"/>");
        if self.ruled {
            xml.push_str("<w:tblBorders>");
            for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
                let _ = write!(
                    xml,
                    "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"auto\"/>"
                );
            }
            xml.push_str("</w:tblBorders>");
        }
        xml.push_str("<w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
        for width in &widths {
            let _ = write!(xml, "<w:gridCol w:w=\"{width}\"/>");
        }
        xml.push_str("</w:tblGrid>");
        for (cells, heading) in
            self.head.iter().map(|row| (row, true)).chain(self.rows.iter().map(|row| (row, false)))
        {
            xml.push_str("<w:tr><w:trPr><w:cantSplit/>");
            if heading {
                xml.push_str("<w:tblHeader/>");
            }
            xml.push_str("</w:trPr>");
            for (cell, width) in cells.iter().zip(&widths) {
                let _ =
                    write!(xml, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>");
                for paragraph in cell {
                    paragraph.write(xml);
                }
                if cell.is_empty() {
                    xml.push_str("<w:p/>");
                }
                xml.push_str("</w:tc>");
            }
            xml.push_str("</w:tr>");
        }
        xml.push_str("</w:tbl>");
    }
}

/// The file.
pub(super) fn write(document: &Document) -> Result<Vec<u8>, ZipError> {
    let mut body = String::new();
    for block in document.parts.iter().flatten().chain(&document.foot) {
        match block {
            Block::Paragraph(paragraph) => paragraph.write(&mut body),
            // A page carries few columns; a row with more is told line by line.
            Block::Table(Table { told: Some(told), .. }) => {
                for paragraph in told {
                    paragraph.write(&mut body);
                }
            }
            Block::Table(table) => table.write(&mut body),
        }
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        ("[Content_Types].xml", CONTENT_TYPES.to_owned()),
        ("_rels/.rels", RELATIONS.to_owned()),
        (
            "docProps/core.xml",
            format!(
                "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:language>vi-VN</dc:language></cp:coreProperties>",
                escape(&document.title)
            ),
        ),
        ("word/_rels/document.xml.rels", DOCUMENT_RELATIONS.to_owned()),
        ("word/styles.xml", format!("{XML}{STYLES}")),
        ("word/header1.xml", format!("{XML}{HEADER}")),
        (
            "word/document.xml",
            format!("{XML}<w:document {NAMESPACES}><w:body>{body}{}</w:body></w:document>", page()),
        ),
    ];
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// A4 upright, margins 20, 20, 30 and 15 mm; the page's number above every page but the first.
fn page() -> String {
    let mm = |length: f64| (length * MM).round();
    format!(
        "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId2\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"{top}\" w:right=\"{right}\" w:bottom=\"{top}\" w:left=\"{left}\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/><w:titlePg/></w:sectPr>",
        top = mm(20.0),
        right = mm(15.0),
        left = mm(30.0),
    )
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/><Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/><Override PartName=\"/word/header1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/><Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>";
const RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>";
const DOCUMENT_RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/header\" Target=\"header1.xml\"/></Relationships>";
const STYLES: &str = "<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"Times New Roman\" w:cs=\"Times New Roman\"/><w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/><w:lang w:val=\"vi-VN\"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style></w:styles>";
const HEADER: &str = "<w:hdr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:hdr>";
