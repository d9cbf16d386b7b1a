//! An area that did not exist on the day whose geography is asked for: an empty page would not say so. It names the
//! units of that day that became the area, so that the same question can be asked of them.

use areas::{AreaId, AreaLevel, view::Span};
use kernel::{problem::Outcome, web::Visit};

use super::{
    address,
    view::{Block, Link, form},
    wanted::Setting,
};

/// That the area was not there, with the units that were; none for an area that was.
pub async fn block(visit: &Visit, page: &str, setting: &Setting) -> Outcome<Option<Block>> {
    let area = &setting.area;
    let asked = setting.frame.filter(|_| area.level != AreaLevel::Country);
    let Some(frame) = asked else { return Ok(None) };
    let units: Option<Vec<(AreaId, String)>> = visit
        .app
        .db
        .view(async |tx| {
            let known = areas::life(tx, &area.id).await?;
            if known.is_some_and(|life| life.born_on <= frame && frame < life.ended_on) {
                return Ok(None);
            }
            // From a day on which the area is there: it may have ended before today too.
            let to = area.until.plus_days(-1).min(tx.now().day());
            let span = Span { from: frame, to, of: area.level, by: area.level };
            let flow = areas::flow(tx, span).await?;
            let into = flow.flows().filter(|(_, to, _)| to.is_some_and(|to| to.id == area.id));
            let named = |(unit, ..): (&areas::view::Place, _, _)| {
                (unit.id.clone(), areas::model::capitalised(&unit.full_name))
            };
            Ok(Some(into.map(named).collect()))
        })
        .await?;
    let Some(units) = units else { return Ok(None) };
    let args = [("area", area.title()), ("day", frame.short())];
    let said = if units.is_empty() { "reporting-frame-unjoined" } else { "reporting-frame-absent" };
    let link = |(id, title): &(AreaId, String)| Link {
        href: address(page, &asked_of(setting, id)),
        label: title.clone(),
        current: false,
    };
    Ok(Some(Block {
        text: vec![visit.say(said, &args)],
        links: units.iter().map(link).collect(),
        ..Block::default()
    }))
}

/// The same question of another unit.
fn asked_of(setting: &Setting, unit: &AreaId) -> String {
    let rest = setting.fields.iter().filter(|(name, _)| *name != "o");
    let pairs: Vec<(&str, &str)> = std::iter::once(("o", unit.as_str())).chain(rest).collect();
    form(&pairs)
}
