//! The points that write for one place. Two boxes of one commune hand in the same report in turn, so a person is
//! told before a second one joins and for as long as both are there. Whoever came with a merger is no mistake: its
//! log goes to the other first (rule 11), and only then may it be revoked.

use kernel::{
    app::AppRef,
    caller::Caller,
    db::Tx,
    problem::{OrMissing, Outcome},
    records::NodeId,
    scope::ScopePath,
};

use crate::{
    MANAGE_POINTS, NO_POINT,
    model::NodeState,
    store::{self, nodes::NodeRow},
};

/// A point that was not revoked, beside the others of its place.
pub struct Living {
    /// The point.
    pub row: NodeRow,
    /// It came with a merger and nobody was named to take its log over: revoked now, it would never hear to whom
    /// its people pass.
    pub owes_log: bool,
}

/// The points of a place that were not revoked, whoever joined first before the others.
pub(crate) async fn living(tx: &mut Tx, place: &ScopePath) -> Outcome<Vec<Living>> {
    let mut rows = store::nodes::within(tx, place).await?;
    rows.retain(|row| row.path == *place && row.state() != NodeState::Revoked);
    rows.sort_by(|a, b| a.enrolled_at.cmp(&b.enrolled_at).then_with(|| a.id.cmp(&b.id)));
    let (mut given, mut takers) = (Vec::new(), Vec::new());
    for row in &rows {
        let node: NodeId = row.id.parse().ok().or_missing(&NO_POINT)?;
        if let Some(order) = store::handover::find_order(tx, node).await? {
            given.push(row.id.clone());
            takers.push(order.successor);
        }
    }
    let owes = |row: &NodeRow| {
        !row.former.is_empty() && !given.contains(&row.id) && !takers.contains(&row.id)
    };
    Ok(rows.into_iter().map(|row| Living { owes_log: owes(&row), row }).collect())
}

/// The living points of a commune, for whoever is about to make a code for one more.
pub async fn before_a_code(
    app: &AppRef,
    caller: &Caller,
    commune: &areas::AreaId,
) -> Outcome<Vec<Living>> {
    app.db
        .view(async |tx| {
            let area = areas::find(tx, commune).await?.or_missing(&areas::NOT_FOUND)?;
            caller.must(&MANAGE_POINTS, &area.path)?;
            living(tx, &area.path).await
        })
        .await
}
