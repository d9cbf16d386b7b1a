//! Finds the pages of an Ogg file (RFC 3533 §6) in the uploaded bytes, where they lie.
//!
//! What the packets on them mean is not known here.

/// The page begins with the rest of a packet.
pub(super) const CONTINUED: u8 = 1;
/// The page is the first of its stream.
pub(super) const BEGINS: u8 = 2;
/// The page is the last of its stream.
pub(super) const ENDS: u8 = 4;

/// One page whose checksum is right.
pub(super) struct Page<'a> {
    flags: u8,
    /// Position the page's last whole packet ends at; −1 where none ends here.
    pub(super) granule: i64,
    pub(super) serial: u32,
    pub(super) sequence: u32,
    /// Lengths of the pieces of `body`; 255 says that the packet goes on.
    pub(super) lacing: &'a [u8],
    pub(super) body: &'a [u8],
}

impl Page<'_> {
    pub(super) fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// A page whose checksum is wrong.
pub(super) struct Broken;

/// All pages of the upload, in order; bytes between them are passed over.
#[derive(Clone)]
pub(super) struct Pages<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Pages<'a> {
    pub(super) fn of(upload: &'a [u8]) -> Self {
        Self { data: upload, at: 0 }
    }
}

impl<'a> Iterator for Pages<'a> {
    type Item = Result<Page<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.data[self.at..];
        let found = rest.windows(4).position(|four| four == b"OggS")?;
        let rest = &rest[found..];
        let segments = usize::from(*rest.get(26)?);
        let header = rest.get(..27 + segments)?;
        let length = header[27..].iter().map(|lacing| usize::from(*lacing)).sum::<usize>();
        let body = rest.get(27 + segments..27 + segments + length)?;
        let number = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        if header[4] != 0 || checksum(header, body) != number(22) {
            self.at += found + 4;
            return Some(Err(Broken));
        }
        self.at += found + header.len() + length;
        let granule = u64::from(number(10)) << 32 | u64::from(number(6));
        Some(Ok(Page {
            flags: header[5],
            granule: granule.cast_signed(),
            serial: number(14),
            sequence: number(18),
            lacing: &header[27..],
            body,
        }))
    }
}

const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0u32;
    while index < 256 {
        let mut value = index << 24;
        let mut bit = 0;
        while bit < 8 {
            value = value << 1 ^ if value >> 31 == 1 { 0x04c1_1db7 } else { 0 };
            bit += 1;
        }
        table[index as usize] = value;
        index += 1;
    }
    table
};

/// The page's checksum, taken with its own four bytes as zero.
fn checksum(header: &[u8], body: &[u8]) -> u32 {
    let step = |crc: u32, byte: u8| crc << 8 ^ CRC[usize::from((crc >> 24) as u8 ^ byte)];
    let blanked = header[..22].iter().chain(&[0; 4]).chain(&header[26..]);
    blanked.chain(body).fold(0, |crc, byte| step(crc, *byte))
}
