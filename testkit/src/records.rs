//! Records as another node says them, and a node that hears one, without a wire between.

use kernel::{
    problem::Outcome,
    records::{Incoming, NodeId},
    scope::ScopePath,
};

use crate::Kit;

/// A record as some node says it that speaks for a place.
pub fn said_by((node, place): (u8, &str), kind: u16, body: Vec<u8>) -> Incoming {
    Incoming {
        origin: NodeId([node; 16]),
        scope: ScopePath::parse(place).expect("a path"),
        former: Vec::new(),
        inherited: Vec::new(),
        handed_over: false,
        epoch: 1,
        seq: 1,
        kind,
        targets: Vec::new(),
        body,
    }
}

impl Kit {
    /// Takes a record in as it would when it arrived.
    pub async fn hear(&self, record: &Incoming) -> Outcome<()> {
        let mut kinds = self.app.modules.iter().flat_map(|module| module.records);
        let kind = kinds.find(|kind| kind.kind == record.kind).expect("a known kind");
        self.db().change(async |tx| (kind.apply)(tx, record).await).await
    }
}
