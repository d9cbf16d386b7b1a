//! What reports weigh as they cross the bridge.

use kernel::problem::{Failure, Outcome};
use serde_json::{Value, json};
use sync::upstream::{ChainHash, NoColumns, Row, seal};

use super::{country::Country, storm::handed_in};

/// What one monthly report weighs as it crosses the bridge, compressed, sealed and signed: 660 cells, and 200.
pub(super) fn one_report(country: &Country) -> Outcome<Value> {
    let month = &country.months[0];
    let whole = handed_in(country, 0, month, country.cells.len())?;
    let small = handed_in(country, 0, month, 200)?;
    let keys = &country.app.keys;
    let sealed = |body: &[u8]| {
        let row = Row { kind: 60, body: body.to_vec() };
        let start = ChainHash::genesis(keys.node_id(), 1);
        let mut rng = country.app.chance().rng();
        seal(keys, keys.public(), 1, 1, start, &[row], &NoColumns, &mut rng)
            .map(|(batch, _)| batch.len())
            .map_err(|error| Failure::fault("seal a report", error))
    };
    Ok(json!({
        "cells_660": { "content_bytes": whole.len(), "on_the_wire_bytes": sealed(&whole)? },
        "cells_200": { "content_bytes": small.len(), "on_the_wire_bytes": sealed(&small)? },
    }))
}
