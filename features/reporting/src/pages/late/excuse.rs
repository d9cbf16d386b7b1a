//! Excusing and extending on the calendar: what was picked in the list, or everything in it.

use areas::AreaId;
use kernel::{
    clock::Day,
    problem::{FormProblems, OrMissing, Outcome},
    web::{Answer, Posted, Visit},
};

use super::{Asked, Context, Draft, PAGE, context};
use crate::{
    actions::{
        REVIEW, SEE, catalogue,
        excuses::{self, Kind},
        review::place_of,
    },
    model::{DatasetId, ObligationId},
    store::reminders::{self as store, Calendar, Shown},
};

/// Excuses or extends what was picked, or everything in the list.
pub(super) async fn say(visit: Visit, posted: Posted) -> Answer {
    visit.caller.must_somewhere(&REVIEW)?;
    let fields = &posted.fields;
    let asked = Asked {
        dia_ban: fields.line("dia_ban"),
        bo: fields.line("bo"),
        loc: fields.line("loc"),
        trang: fields.number("trang").and_then(|page| usize::try_from(page).ok()),
    };
    let draft = Draft {
        kind: fields.line("kind"),
        until: fields.line("until"),
        why: fields.line("why"),
        all: fields.has("tat_ca"),
    };
    let picked: Vec<String> = fields.many("no");
    let whose = if draft.all {
        everything(&visit, &asked).await?
    } else {
        picked.iter().filter_map(|id| ObligationId::parse(id)).collect()
    };
    let done = if let Some(kind) = Kind::from_code(&draft.kind, Day::parse(&draft.until)) {
        excuses::say(&visit.app, &visit.caller, &whose, kind, &draft.why).await
    } else {
        let mut wrong = FormProblems::new();
        wrong.add("until", "reporting-excuse-bad-day");
        wrong.check().map(|()| 0)
    };
    match done {
        Ok(_) => {
            let slug = Shown::from_slug(&asked.loc).slug();
            let area = AreaId::parse(&asked.dia_ban).or_missing(&areas::NOT_FOUND)?;
            let dataset = DatasetId::parse(&asked.bo);
            let dataset = dataset.as_ref().map_or("", |code| code.as_str());
            let to = format!("/bao-cao/han?dia_ban={area}&bo={dataset}&loc={slug}");
            visit.done(&to, "reporting-done-excuse")
        }
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let catalogue = catalogue::current(&visit.app).await?;
            let mut context =
                visit.app.db.view(async |tx| context(tx, &visit, &catalogue, &asked).await).await?;
            for row in &mut context.rows {
                row.picked = picked.contains(&row.id);
            }
            visit.form_again(failure, &PAGE, |errors| Context { draft, errors, ..context })
        }
        Err(other) => Err(other),
    }
}

/// Everything that the list shows and this person may excuse.
async fn everything(visit: &Visit, asked: &Asked) -> Outcome<Vec<ObligationId>> {
    visit
        .app
        .db
        .view(async |tx| {
            let area = place_of(tx, &visit.caller, &SEE, &asked.dia_ban).await?;
            let dataset = DatasetId::parse(&asked.bo);
            let dataset = dataset.as_ref().map_or("", |code| code.as_str());
            let (shown, today) = (Shown::from_slug(&asked.loc), tx.now().day());
            let of = Calendar { scope: &area.path, dataset, shown, today };
            let found = store::calendar(tx, &of, excuses::MANY_MOST + 1, 0).await?;
            let mine = found.into_iter().filter(|one| excuses::is_above(&visit.caller, one));
            Ok(mine.map(|one| one.id).collect())
        })
        .await
}
