//! Which files a report takes, told by their content: names and headers of uploads say what their senders like.

use std::io::Cursor;

/// A kind of file that a report takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// Word 2007 and later.
    Docx,
    /// Excel 2007 and later.
    Xlsx,
}

impl FileKind {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
        }
    }

    /// The name a file is kept under: what it was called, without folders, with the ending of what it is.
    pub fn named(self, name: &str) -> String {
        let bare = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = bare.rsplit_once('.').map_or(bare, |(stem, _)| stem);
        let stem: String = kernel::text::tidy(stem)
            .chars()
            .filter(|c| !"<>:\"|?*;".contains(*c))
            .take(80)
            .collect();
        let stem = if stem.is_empty() { "tep" } else { stem.as_str() };
        format!("{stem}.{}", self.ending())
    }
}

/// What a file is; none when it is nothing that a report takes. Office files with macros are nothing of it.
pub fn recognise(bytes: &[u8]) -> Option<FileKind> {
    match bytes {
        _ if bytes.starts_with(b"%PDF-") => Some(FileKind::Pdf),
        [0xff, 0xd8, 0xff, ..] => Some(FileKind::Jpeg),
        _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Some(FileKind::Png),
        _ if bytes.starts_with(b"PK\x03\x04") => office(bytes),
        _ => None,
    }
}

/// Only the names in the package are looked at; nothing is unpacked.
fn office(bytes: &[u8]) -> Option<FileKind> {
    let package = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let has = |name: &str| package.index_for_name(name).is_some();
    let is_macro = |name: &str| name.to_ascii_lowercase().ends_with("vbaproject.bin");
    let macros = package.file_names().any(|name| name.map_or(true, |name| is_macro(&name)));
    if macros || !has("[Content_Types].xml") {
        return None;
    }
    if has("word/document.xml") {
        Some(FileKind::Docx)
    } else if has("xl/workbook.xml") {
        Some(FileKind::Xlsx)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_holds_and_not_what_it_is_called() {
        assert_eq!(recognise(b"%PDF-1.7 \n"), Some(FileKind::Pdf));
        assert_eq!(recognise(&[0xff, 0xd8, 0xff, 0xe0]), Some(FileKind::Jpeg));
        for wrong in [&b"MZ\x90"[..], b"<svg xmlns=", b"<html>", b"PK\x03\x04", b"", b"GIF89a"] {
            assert_eq!(recognise(wrong), None);
        }
        assert_eq!(FileKind::Pdf.named("..\\..\\báo cáo.exe"), "báo cáo.pdf");
        assert_eq!(FileKind::Png.named("../\"><script>.png"), "script.png");
        assert_eq!(FileKind::Jpeg.named(""), "tep.jpg");
    }
}
