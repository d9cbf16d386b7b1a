//! What follows from a change of the map, as far as areas know it: where every old path lies today, and
//! the questions that an officer must answer because a unit was divided. What hangs on the paths is other
//! houses' business; they ask here, and hear [`QuestionAnswered`].

use kernel::{
    app::NodeRole,
    caller::{Caller, Permission},
    db::{Db, Tx},
    problem::{Failure, FormProblems, OrMissing, Outcome, ProblemKind},
    records::{Lane, Outgoing},
    scope::ScopePath,
};

use super::assignment;
use crate::{
    model::{
        AreaEventId, AreaId,
        question::{Asked, Question, QuestionAnswered, QuestionId, Steps, Today, VILLAGE_QUESTION},
        succession::{Heir, Step, Succeeded},
        wire::{self, PLACED_KIND, PlacedBody},
    },
    store::questions as store,
};

/// Deciding what becomes of that which hung on a divided unit: over every heir one might choose.
pub static DECIDE_SUCCESSION: Permission = Permission {
    code: "areas.decide_succession",
    roles: &["administrator", "province_officer", "commune_officer"],
};

/// No such question; its event may have been undone.
pub static QUESTION_NOT_FOUND: ProblemKind =
    ProblemKind { code: "areas-question-not-found", status: 404 };
/// Somebody has decided already.
pub static ALREADY_ANSWERED: ProblemKind =
    ProblemKind { code: "areas-already-answered", status: 409 };

/// Writes down what became of what, and asks about the villages of divided communes. Gives the steps that
/// were not known yet: whoever follows them does so once, however often the event is told.
pub async fn note_steps(tx: &mut Tx, fact: &Succeeded) -> Outcome<Vec<Step>> {
    let new =
        store::tell(tx, &fact.event, &fact.instrument, fact.effective_on, &fact.steps).await?;
    for step in new.iter().filter(|step| step.heirs.len() > 1) {
        ask_about_villages(tx, fact, step).await?;
    }
    Ok(new)
}

/// A village that has no step of its own waits for somebody to say where it goes.
async fn ask_about_villages(tx: &mut Tx, fact: &Succeeded, step: &Step) -> Outcome<()> {
    for village in store::villages_below(tx, &step.from_path).await? {
        // A province's villages belong to its communes, which have steps of their own or did not move.
        let is_direct = step.from_path.child(village.unit.as_str()) == village.path;
        let has_own = fact.steps.iter().any(|other| other.from_path == village.path);
        if is_direct && !has_own {
            let question = Question {
                event: fact.event.clone(),
                kind: VILLAGE_QUESTION,
                subject: village.unit.to_string(),
                label: crate::model::capitalised(&village.full_name),
                detail: String::new(),
                from: step.from.clone(),
                from_path: step.from_path.clone(),
                heirs: step.heirs.clone(),
                is_note: false,
            };
            store::ask(tx, &question).await?;
        }
    }
    Ok(())
}

/// Takes back what an event had told: its steps, and its questions, answered or not.
pub async fn forget_steps(tx: &mut Tx, event: &AreaEventId) -> Outcome<()> {
    Ok(store::forget(tx, event).await?)
}

/// Everything that was told of the map's changes. Empty, and quick, where it never changed.
pub async fn steps(tx: &mut Tx) -> Outcome<Steps> {
    Ok(store::steps(tx).await?)
}

/// Where a path of an earlier day lies today.
pub async fn today(tx: &mut Tx, path: &ScopePath) -> Outcome<Today> {
    Ok(store::steps(tx).await?.today(path))
}

/// Asks an officer to decide. Asking the same again changes nothing; false then.
pub async fn ask(tx: &mut Tx, question: &Question) -> Outcome<bool> {
    Ok(store::ask(tx, question).await?)
}

/// The open question about a subject, for who wants to tell a person that they are waiting.
pub async fn open_question(tx: &mut Tx, kind: &str, subject: &str) -> Outcome<Option<Asked>> {
    Ok(store::open_about(tx, kind, subject).await?)
}

/// Open questions of one event and kind.
pub async fn open_questions(tx: &mut Tx, event: &AreaEventId, kind: &str) -> Outcome<Vec<Asked>> {
    Ok(store::open_of(tx, event, kind).await?)
}

/// True for who may decide among these heirs: they must hold the permission over every one of them,
/// since each could be chosen.
pub fn may_decide(caller: &Caller, heirs: &[Heir]) -> bool {
    heirs.iter().all(|heir| caller.may(&DECIDE_SUCCESSION, &heir.path))
}

/// The open questions that somebody may decide, and what was decided last in their places.
pub(crate) async fn worklist(tx: &mut Tx, caller: &Caller) -> Outcome<(Vec<Asked>, Vec<Asked>)> {
    caller.must_somewhere(&DECIDE_SUCCESSION)?;
    let mine = |asked: &Asked| may_decide(caller, &asked.heirs);
    let open = store::open(tx).await?.into_iter().filter(mine).collect();
    let answered = store::answered(tx, 200).await?.into_iter().filter(mine).collect();
    Ok((open, answered))
}

/// How many open questions somebody may decide: for the menu, so in one statement for each place they are
/// responsible for. Who holds only several parts of what a question is about finds it on the page uncounted.
pub(crate) async fn waiting(tx: &mut Tx, caller: &Caller) -> Outcome<u64> {
    let scopes: Vec<ScopePath> = if caller.is_system() {
        vec![ScopePath::root()]
    } else {
        caller.scopes_for(&DECIDE_SUCCESSION).cloned().collect()
    };
    let mut count = 0;
    for (at, scope) in scopes.iter().enumerate() {
        let wider = |(other, above): (usize, &ScopePath)| {
            above.contains(scope) && (above != scope || other < at)
        };
        // A place inside another that is counted too would be counted twice.
        if !scopes.iter().enumerate().any(wider) {
            count += store::open_under(tx, scope).await?;
        }
    }
    Ok(u64::try_from(count).unwrap_or(0))
}

/// One question, for who may decide it.
pub(crate) async fn read(tx: &mut Tx, caller: &Caller, id: &QuestionId) -> Outcome<Asked> {
    caller.must_somewhere(&DECIDE_SUCCESSION)?;
    let asked = store::find(tx, id).await?.or_missing(&QUESTION_NOT_FOUND)?;
    for heir in &asked.heirs {
        caller.must(&DECIDE_SUCCESSION, &heir.path)?;
    }
    Ok(asked)
}

/// What was decided: one of the heirs, or that it goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// To this heir.
    To(AreaId),
    /// Nowhere. For a note: it has been seen.
    Nowhere,
}

/// Decides a question. 404 when it is no more, 403 without authority over every heir, 409 when somebody
/// was quicker, 422 for an heir that is none.
pub async fn answer(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    id: &QuestionId,
    decision: &Decision,
) -> Outcome<QuestionAnswered> {
    db.change(async |tx| answer_in(tx, role, caller, id, decision).await).await
}

/// The same in the middle of a larger change.
pub async fn answer_in(
    tx: &mut Tx,
    role: NodeRole,
    caller: &Caller,
    id: &QuestionId,
    decision: &Decision,
) -> Outcome<QuestionAnswered> {
    let asked = read(tx, caller, id).await?;
    let heir = match decision {
        Decision::To(unit) => asked.heirs.iter().find(|heir| heir.unit == *unit).cloned(),
        Decision::Nowhere => None,
    };
    let mut problems = FormProblems::new();
    // A village lies somewhere: it cannot be left out.
    let must_go = asked.kind == VILLAGE_QUESTION || matches!(decision, Decision::To(_));
    problems.require(heir.is_some() || !must_go, "heir", "areas-question-choose");
    problems.check()?;
    let chosen = heir.as_ref().map_or("", |heir| heir.unit.as_str());
    let name = caller.who().map_or("", |person| person.name.as_str());
    if !store::answer(tx, id, chosen, caller.id(), name).await? {
        return Err((&ALREADY_ANSWERED).into());
    }
    let answered = QuestionAnswered {
        question: asked.id.clone(),
        kind: asked.kind.clone(),
        subject: asked.subject.clone(),
        event: asked.event.clone(),
        from_path: asked.from_path.clone(),
        heir,
    };
    if let (VILLAGE_QUESTION, Some(heir), Some(village)) =
        (asked.kind.as_str(), &answered.heir, AreaId::parse(&asked.subject))
    {
        note_village(tx, &asked.event, &village, &asked.from_path, heir, caller.id()).await?;
        tell_nodes(tx, role, &asked, &village, heir).await?;
    }
    tx.announce(&answered).await?;
    Ok(answered)
}

/// The step of a village that was given to one of the heirs of its commune.
pub fn village_step(village: &AreaId, from_path: &ScopePath, heir: &Heir) -> Step {
    Step {
        from: village.clone(),
        from_path: from_path.child(village.as_str()),
        heirs: vec![Heir { unit: village.clone(), path: heir.path.child(village.as_str()) }],
    }
}

/// A village of a divided commune belongs to one of its heirs from now on. The one place where that is
/// written, whoever says it.
pub(crate) async fn note_village(
    tx: &mut Tx,
    event: &AreaEventId,
    village: &AreaId,
    from_path: &ScopePath,
    heir: &Heir,
    by: &str,
) -> Outcome<()> {
    let Some((effective_on, instrument)) = store::told_of(tx, event).await? else {
        return Ok(());
    };
    let places = crate::store::find_many(tx, [village, &heir.unit]).await?;
    if let (Some(village), Some(commune)) = (places.get(village), places.get(&heir.unit)) {
        assignment::put_village(tx, village, commune, by).await?;
    }
    let step = village_step(village, from_path, heir);
    store::tell(tx, event, &instrument, effective_on, &[step]).await?;
    Ok(())
}

/// The communes' points hear where the village went, and those that do not know it learn of it.
async fn tell_nodes(
    tx: &mut Tx,
    role: NodeRole,
    asked: &Asked,
    village: &AreaId,
    heir: &Heir,
) -> Outcome<()> {
    if role != NodeRole::Hub {
        return Ok(());
    }
    let Some(village) = crate::store::find(tx, village).await? else { return Ok(()) };
    let body = PlacedBody::decided(&village, heir, &asked.event, &asked.from_path);
    let mut targets: Vec<ScopePath> = asked.heirs.iter().map(|heir| heir.path.clone()).collect();
    targets.push(asked.from_path.clone());
    let body = wire::encode(&body);
    tx.emit_down(Outgoing { lane: Lane::Control, kind: PLACED_KIND, targets, body }).await?;
    Ok(())
}

/// What a hub said about a village of a divided commune: the question here is answered too.
pub(crate) async fn hear_placed(
    tx: &mut Tx,
    body: &PlacedBody,
    (event, from_path): &(AreaEventId, ScopePath),
) -> Outcome<()> {
    let Some(heir) = body.heir() else { return Ok(()) };
    let village = body.village();
    learn(tx, body, from_path).await?;
    let open = store::open_of(tx, event, VILLAGE_QUESTION).await?;
    let Some(asked) = open.into_iter().find(|asked| asked.subject == village.as_str()) else {
        if store::told_of(tx, event).await?.is_none() && store::is_event(tx, event).await? {
            // The decree is here, what follows from it is not yet: the record waits for that.
            return Err(Failure::fault("place a village", format!("{event} is not told yet")));
        }
        return note_village(tx, event, village, from_path, &heir, "node").await;
    };
    if asked.from_path != *from_path || !asked.heirs.contains(&heir) {
        return Ok(());
    }
    let system = Caller::system(tx.now());
    answer_in(tx, NodeRole::Point, &system, &asked.id, &Decision::To(heir.unit)).await?;
    Ok(())
}

/// A village of the neighbour's that comes to this commune was never told of here. It is written down as its own
/// commune had it, so that undoing the decree takes it back there.
async fn learn(tx: &mut Tx, body: &PlacedBody, from_path: &ScopePath) -> Outcome<()> {
    if crate::store::find(tx, body.village()).await?.is_some() {
        return Ok(());
    }
    let old = match from_path.last().and_then(AreaId::parse) {
        Some(old) => crate::store::history(tx, &old).await?.pop().map(|fact| fact.area),
        None => None,
    };
    let named = body.named().and_then(|village| village.check(&[]).ok());
    if let (Some(old), Some(village)) = (old, named) {
        super::write_village(tx, body.village(), &old, &village).await?;
    }
    Ok(())
}
