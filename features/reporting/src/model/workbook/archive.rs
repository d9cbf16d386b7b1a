//! What a file may cost, counted while it is unpacked and not believed from what it says of itself.

use kernel::sheet::{SheetProblem, check_unpacked};

/// Beyond any of these a file is refused before more of it is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: usize,
    /// Bytes once unpacked.
    pub unpacked_bytes: u64,
    /// Files in the archive.
    pub entries: usize,
    /// Cells that hold something, over all sheets.
    pub cells: usize,
    /// Columns of a sheet.
    pub columns: u32,
}

impl Limits {
    /// Enough for a table of ten thousand rows with thirty columns.
    pub const REPORT: Self = Self {
        file_bytes: 12 << 20,
        unpacked_bytes: 96 << 20,
        entries: 400,
        cells: 600_000,
        columns: 400,
    };
}

/// Why a file cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More than [`Limits`] allow.
    #[error("the workbook is larger than is read here")]
    TooLarge,
    /// Not an XLSX file, or a broken one.
    #[error("the file is not an XLSX workbook")]
    NotAWorkbook,
    /// An OpenDocument table: it is to be saved as XLSX first.
    #[error("the file is an OpenDocument table")]
    OpenDocument,
    /// The binary format of Excel before 2007, or an encrypted workbook.
    #[error("the file is an old or an encrypted workbook")]
    OldOrEncrypted,
}

/// Unpacks everything once into nothing.
pub(super) fn check(bytes: &[u8], limits: Limits) -> Result<(), Unreadable> {
    if bytes.len() > limits.file_bytes {
        return Err(Unreadable::TooLarge);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(Unreadable::OldOrEncrypted);
    }
    let names =
        check_unpacked(bytes, limits.unpacked_bytes, limits.entries).map_err(|why| match why {
            SheetProblem::TooLarge => Unreadable::TooLarge,
            _ => Unreadable::NotAWorkbook,
        })?;
    if names.iter().any(|name| name == "mimetype") {
        return Err(Unreadable::OpenDocument);
    }
    Ok(())
}
