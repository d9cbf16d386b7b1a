//! Hands the packing of alike rows to the features that declared their kinds.

use kernel::{module::Module, records::Packing};
use sync::upstream::Columns;

/// The packings of every feature of the program.
pub struct KindColumns(pub &'static [Module]);

impl KindColumns {
    fn packing(&self, kind: u16) -> Option<Packing> {
        let kinds = self.0.iter().flat_map(|module| module.records);
        kinds.into_iter().find(|known| known.kind == kind)?.packing
    }
}

impl Columns for KindColumns {
    fn pack(&self, kind: u16, bodies: &[&[u8]]) -> Option<Vec<u8>> {
        // One body alone gains nothing from columns.
        let packing = self.packing(kind).filter(|_| bodies.len() > 1)?;
        Some((packing.pack)(bodies))
    }

    fn unpack(&self, kind: u16, block: &[u8]) -> Option<Vec<Vec<u8>>> {
        (self.packing(kind)?.unpack)(block)
    }
}
