//! Ending a campaign early: by who opened it, or by who may approve such a campaign. It is another version of the
//! data set, so that every point hears of it; what was handed in stays, and nobody owes it any longer.

use std::collections::BTreeSet;

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{FormProblems, Outcome, ProblemKind},
    scope::ScopePath,
};

use super::{
    super::{DEFINE, obligations},
    PUBLISH, must_be_hub, places,
    publishing::{next, targets},
};
use crate::{
    actions::catalogue::{self, kind},
    model::{Dataset, DatasetId, dataset::Ended},
    store::drafts,
};

/// It is no campaign, or none that runs.
pub static NOT_RUNNING: ProblemKind =
    ProblemKind { code: "reporting-campaign-not-running", status: 409 };

/// Most characters of a reason.
const REASON_MOST: usize = 300;

/// True when this person may end it: they approve such campaigns, or they opened it and still define there.
pub async fn may_end(tx: &mut Tx, caller: &Caller, dataset: &Dataset) -> Outcome<bool> {
    let places: Vec<ScopePath> = places(dataset);
    if places.iter().all(|place| caller.may(&PUBLISH, place)) {
        return Ok(true);
    }
    let defines = places.iter().all(|place| caller.may(&DEFINE, place));
    Ok(defines && drafts::opener(tx, &dataset.code).await?.as_deref() == Some(caller.id()))
}

/// Ends a campaign before its last day. Gives how many units need not report it any more.
pub async fn end_campaign(
    app: &App,
    caller: &Caller,
    code: &DatasetId,
    reason: &str,
) -> Outcome<u64> {
    must_be_hub(app)?;
    app.db
        .change(async |tx| {
            let known = catalogue::read(tx).await?;
            let before = known.dataset(code)?;
            if !may_end(tx, caller, before).await? {
                for place in places(before) {
                    caller.must(&PUBLISH, &place)?;
                }
            }
            if !before.may_end_early(tx.now().day()) {
                return Err((&NOT_RUNNING).into());
            }
            let reason = kernel::text::tidy(reason);
            let mut wrong = FormProblems::new();
            let length = reason.chars().count();
            let told = (5..=REASON_MOST).contains(&length);
            wrong.require(told, "reason", "reporting-campaign-end-reason-needed");
            wrong.check()?;
            let by = caller.who().map_or_else(String::new, |person| person.name.clone());
            let ended = Ended { at: tx.now(), by: by.clone(), reason: reason.clone() };
            let after = Dataset { ended: Some(ended), ..before.clone() };
            let fresh = next(tx, (kind::DATASET, code.as_str()), &after, &by).await?;
            let to: BTreeSet<ScopePath> = places(&after).into_iter().collect();
            catalogue::define(tx, &[fresh], &targets(to)).await?;
            audit(tx, caller, "reporting.campaign.ended", code.as_str(), &reason).await?;
            obligations::end(tx, &after).await
        })
        .await
}
