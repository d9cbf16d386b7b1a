//! What is done with decrees: bring one as a table, apply it, take it back, apply it again, confirm it
//! against the instrument. Decrees are made at the hub; points follow them (`records`).

use std::collections::HashSet;

use kernel::{
    app::{App, NodeRole},
    caller::{Caller, Permission},
    db::{Db, Tx},
    events::Doing,
    jobs::JobKind,
    problem::{Failure, FormProblems, OrMissing, Outcome, Problem, ProblemKind},
    records::{Lane, Outgoing},
    scope::ScopePath,
    sheet::{Limits, Sheet, SheetProblem},
};

use crate::{
    model::{
        AreaId, AreaLevel,
        decree::{
            Decree, DecreeId, DecreeStatus, Heading, LineProblem, NewDecree,
            plan::{Planned, Summary, plan},
            shipped,
            table::{Field, Table},
            wire::{self, DECREE_KIND, Done, STANDING_KIND},
        },
        plan::{Tables, known_from},
        succession::{Step, Succeeded, Unsucceeded},
    },
    store::decree::{self as decrees, Kept},
};

/// Bringing, applying and undoing decrees; over the whole country only.
pub static MANAGE_DECREES: Permission =
    Permission { code: "areas.manage_decrees", roles: &["administrator"] };
/// Looking at decrees, drafts among them.
pub static SEE_DECREES: Permission =
    Permission { code: "areas.see_decrees", roles: &["administrator", "province_officer"] };

/// No such decree.
pub static DECREE_NOT_FOUND: ProblemKind =
    ProblemKind { code: "areas-decree-not-found", status: 404 };
/// Decrees are made at the hub.
pub static DECREE_AT_HUB: ProblemKind = ProblemKind { code: "areas-decree-at-hub", status: 422 };
/// What stayed between the lists of 2021 and 2024 is joined already.
pub static UNCHANGED_JOINED: ProblemKind =
    ProblemKind { code: "areas-unchanged-joined", status: 409 };
/// Somebody else was quicker, or the table is not the one that was checked.
pub static DECREE_STALE: ProblemKind = ProblemKind { code: "areas-decree-stale", status: 409 };
/// The table does not fit the map as it is now.
pub static DECREE_UNFIT: ProblemKind = ProblemKind { code: "areas-decree-unfit", status: 422 };
/// Something stands on what the decree made.
pub static DECREE_BUILT_ON: ProblemKind =
    ProblemKind { code: "areas-decree-built-on", status: 422 };
/// The village does not wait for anybody to say where it belongs.
pub static VILLAGE_SETTLED: ProblemKind =
    ProblemKind { code: "areas-village-settled", status: 422 };

/// Tells other houses on its day that a decree takes effect.
pub const TAKE_EFFECT: JobKind =
    JobKind { name: "areas.decree_takes_effect", run: |app, payload| take_effect(app, payload) };

/// How the draft of what stayed is cited: no instrument says so, two lists do.
const UNCHANGED: &str =
    "Đối chiếu danh mục đơn vị hành chính năm 2021 với năm 2024: các đơn vị giữ nguyên";

/// What became of a table that was brought.
#[derive(Debug)]
pub enum Proposal {
    /// It fits and is kept as a draft.
    Kept(DecreeId),
    /// It does not; nothing was kept.
    Wrong(Vec<LineProblem>),
}

/// What a table would do on the map as it is, or everything that is wrong with it.
pub type DryRun = Result<Summary, Vec<LineProblem>>;

/// Reads and checks a table, and keeps it as a draft when nothing is wrong.
pub async fn propose(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    new: NewDecree,
    file: &[u8],
) -> Outcome<Proposal> {
    may_manage(role, caller)?;
    let mut wrong = FormProblems::new();
    let sheet = Sheet::read(file, Limits::TABLE);
    if let Err(problem) = &sheet {
        wrong.add("file", sheet_words(file, problem));
    }
    let heading = new.check(wrong)?;
    let Ok(sheet) = sheet else { return Err((&DECREE_UNFIT).into()) };
    match Table::read(&sheet) {
        Ok(table) => keep(db, caller, &heading, &table).await,
        Err(problems) => Ok(Proposal::Wrong(problems)),
    }
}

/// Keeps a table that a program made, as if it had been brought as a file: for tests and measurements.
pub async fn propose_table(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    new: NewDecree,
    table: &Table,
) -> Outcome<Proposal> {
    may_manage(role, caller)?;
    let heading = new.check(FormProblems::new())?;
    keep(db, caller, &heading, table).await
}

/// Keeps a draft of what the shipped lists of 2021 and 2024 show to have stayed what it was, as far as this house has
/// those provinces: with it figures of the years before 2024 are read in later geography.
pub async fn propose_unchanged(db: &Db, role: NodeRole, caller: &Caller) -> Outcome<Proposal> {
    may_manage(role, caller)?;
    let tables =
        Tables::shipped().map_err(|error| Failure::fault("read the shipped areas", error))?;
    let (provinces, joined) = db
        .view(async |tx| {
            let today = tx.now().day();
            let provinces = crate::below(tx, &country(), AreaLevel::Province, today).await?;
            Ok((provinces, decrees::joined(tx, known_from()).await?))
        })
        .await?;
    let codes: Vec<&str> = provinces.iter().filter_map(|one| one.code.as_deref()).collect();
    let mut table = shipped::unchanged(&tables.only(&codes));
    // Of what decrees said already nothing need be said again.
    let joined: HashSet<&str> =
        joined.iter().filter_map(|id| Some(id.split_once('.')?.0)).collect();
    table.rows.retain(|row| !joined.contains(row.cell(Field::Old)));
    if table.rows.is_empty() {
        return Err((&UNCHANGED_JOINED).into());
    }
    let new = NewDecree {
        instrument: UNCHANGED.to_owned(),
        effective_on: shipped::JOINED_ON.to_owned(),
        ..NewDecree::default()
    };
    propose_table(db, role, caller, new, &table).await
}

fn sheet_words(file: &[u8], problem: &SheetProblem) -> &'static str {
    match problem {
        _ if file.is_empty() => "areas-decree-file-missing",
        SheetProblem::TooLarge => "areas-decree-file-large",
        SheetProblem::NotATable => "areas-decree-file-other",
        SheetProblem::NotUnicode => "areas-decree-file-encoding",
        SheetProblem::Empty => "areas-decree-no-rows",
    }
}

async fn keep(db: &Db, caller: &Caller, heading: &Heading, table: &Table) -> Outcome<Proposal> {
    let Some(content) = wire::pack(table) else {
        return Ok(Proposal::Wrong(vec![LineProblem::of_table("areas-decree-file-large")]));
    };
    let content_hash = blake3::hash(&content).to_hex().to_string();
    db.change(async |tx| {
        let id: DecreeId = tx.new_id();
        let world = decrees::load_world(tx, heading.effective_on, &table.named()).await?;
        if let Err(problems) = plan(&id, &heading.instrument, table, world) {
            return Ok(Proposal::Wrong(problems));
        }
        let kept = Kept {
            heading,
            recorded_at: tx.now(),
            recorded_by: caller.id(),
            confirmed: false,
            content: &content,
            content_hash: &content_hash,
            row_count: table.rows.len(),
        };
        decrees::insert(tx, &id, &kept).await?;
        let turn = decrees::turn(tx).await?;
        decrees::note_act(tx, turn, Some(&id), "record", &doer(caller)).await?;
        Ok(Proposal::Kept(id))
    })
    .await
}

/// What a kept decree would do on the map as it is now. Changes nothing.
pub async fn dry_run(tx: &mut Tx, decree: &Decree) -> Outcome<DryRun> {
    Ok(work_out(tx, decree).await?.map(|planned| planned.summary))
}

async fn work_out(tx: &mut Tx, decree: &Decree) -> Outcome<Result<Planned, Vec<LineProblem>>> {
    let content = decrees::content(tx, &decree.id).await?.or_missing(&DECREE_NOT_FOUND)?;
    let table = wire::unpack(&content)
        .ok_or_else(|| Failure::fault("unpack a decree's table", "the bytes are damaged"))?;
    let world = decrees::load_world(tx, decree.effective_on, &table.named()).await?;
    Ok(plan(&decree.id, &decree.instrument, &table, world))
}

/// Applies a decree exactly as it was checked: `hash` is that of the table that was shown.
pub async fn apply(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    id: &DecreeId,
    hash: &str,
) -> Outcome<()> {
    db.change(async |tx| {
        may_manage(role, caller)?;
        let turn = decrees::turn(tx).await?;
        let decree = decrees::find(tx, id).await?.or_missing(&DECREE_NOT_FOUND)?;
        let open = matches!(decree.status, DecreeStatus::Draft | DecreeStatus::Undone);
        if !open || decree.content_hash != hash {
            return Err((&DECREE_STALE).into());
        }
        if put_in_force(tx, &decree, turn, decree.round + 1, &doer(caller)).await?.is_err() {
            return Err((&DECREE_UNFIT).into());
        }
        let content = decrees::content(tx, id).await?.or_missing(&DECREE_NOT_FOUND)?;
        let round = u32::try_from(decree.round + 1).unwrap_or(u32::MAX);
        for body in wire::parts(&decree, round, content) {
            say_down(tx, DECREE_KIND, body).await?;
        }
        Ok(())
    })
    .await
}

/// Changes the map as a decree says, and tells other houses on its day.
async fn put_in_force(
    tx: &mut Tx,
    decree: &Decree,
    turn: i64,
    round: i64,
    by: &str,
) -> Outcome<Result<(), Vec<LineProblem>>> {
    let planned = match work_out(tx, decree).await? {
        Ok(planned) => planned,
        Err(problems) => return Ok(Err(problems)),
    };
    decrees::apply(tx, decree, turn, &planned).await?;
    decrees::note_applied(tx, &decree.id, round, turn).await?;
    decrees::note_act(tx, turn, Some(&decree.id), "apply", by).await?;
    if decree.effective_on <= tx.now().day() {
        tell(tx, decree, turn).await?;
    } else {
        let payload = format!("{}:{turn}", decree.id);
        tx.queue(&TAKE_EFFECT, &payload, decree.effective_on.start()).await?;
    }
    Ok(Ok(()))
}

/// Tells other houses of a decree's events, once.
async fn tell(tx: &mut Tx, decree: &Decree, turn: i64) -> Outcome<()> {
    if !decrees::note_told(tx, &decree.id, turn).await? {
        return Ok(());
    }
    for event in decrees::events(tx, &decree.id).await? {
        let steps = read_steps(event.steps.as_deref())?;
        let told = Succeeded {
            event: event.id,
            instrument: decree.instrument.clone(),
            effective_on: decree.effective_on,
            steps,
        };
        tx.announce(&told).await?;
    }
    Ok(())
}

fn read_steps(text: Option<&str>) -> Outcome<Vec<Step>> {
    serde_json::from_str(text.unwrap_or("[]"))
        .map_err(|error| Failure::fault("read the steps of an event", error))
}

fn take_effect<'a>(app: &'a std::sync::Arc<App>, payload: &'a str) -> Doing<'a, ()> {
    Box::pin(async move {
        let known = payload
            .split_once(':')
            .and_then(|(id, turn)| Some((DecreeId::parse(id)?, turn.parse::<i64>().ok()?)));
        let Some((id, turn)) = known else {
            return Err(Failure::fault("read a job of areas", payload));
        };
        app.db
            .change(async |tx| match decrees::find(tx, &id).await? {
                // Undone meanwhile, or applied anew: that turn has a job of its own.
                Some(decree) if decree.turn == turn => tell(tx, &decree, turn).await,
                _ => Ok(()),
            })
            .await
    })
}

/// Takes an applied decree back as a whole.
pub async fn undo(db: &Db, role: NodeRole, caller: &Caller, id: &DecreeId) -> Outcome<()> {
    db.change(async |tx| {
        may_manage(role, caller)?;
        let turn = decrees::turn(tx).await?;
        let decree = decrees::find(tx, id).await?.or_missing(&DECREE_NOT_FOUND)?;
        if decree.status != DecreeStatus::Applied {
            return Err((&DECREE_STALE).into());
        }
        let standing = decrees::standing_on(tx, id, decree.turn).await?;
        if !standing.is_empty() {
            let names: Vec<&str> = standing.iter().map(|one| one.name.as_str()).collect();
            let problem = Problem::of(&DECREE_BUILT_ON)
                .with("what", standing[0].what.clone())
                .with("names", names.join("; "));
            return Err(problem.into());
        }
        put_out_of_force(tx, &decree, turn, &doer(caller)).await?;
        let round = u32::try_from(decree.round).unwrap_or(u32::MAX);
        say_down(tx, STANDING_KIND, wire::standing(id, round, Done::Undone)).await
    })
    .await
}

async fn put_out_of_force(tx: &mut Tx, decree: &Decree, turn: i64, by: &str) -> Outcome<()> {
    let events = decrees::events(tx, &decree.id).await?;
    decrees::take_back(tx, &decree.id, decree.turn, turn).await?;
    // Province, district, commune, village: what hangs below something that hangs below.
    for _ in 0..4 {
        if decrees::note_strays(tx, decree.turn, turn).await? == 0 {
            break;
        }
    }
    decrees::stand(tx, &decree.id, DecreeStatus::Undone).await?;
    decrees::note_act(tx, turn, Some(&decree.id), "undo", by).await?;
    if decree.told_at.is_some() {
        decrees::forget_told(tx, &decree.id).await?;
        for event in events {
            let steps = read_steps(event.steps.as_deref())?;
            tx.announce(&Unsucceeded { event: event.id, steps }).await?;
        }
    }
    Ok(())
}

/// Notes that somebody has checked a decree against the instrument itself.
pub async fn confirm(db: &Db, role: NodeRole, caller: &Caller, id: &DecreeId) -> Outcome<()> {
    db.change(async |tx| {
        may_manage(role, caller)?;
        let decree = decrees::find(tx, id).await?.or_missing(&DECREE_NOT_FOUND)?;
        if decree.confirmed {
            return Ok(());
        }
        let turn = decrees::turn(tx).await?;
        decrees::confirm(tx, id).await?;
        decrees::note_act(tx, turn, Some(id), "confirm", &doer(caller)).await?;
        if decree.round > 0 {
            let round = u32::try_from(decree.round).unwrap_or(u32::MAX);
            say_down(tx, STANDING_KIND, wire::standing(id, round, Done::Confirmed)).await?;
        }
        Ok(())
    })
    .await
}

/// Forgets a draft.
pub async fn discard(db: &Db, role: NodeRole, caller: &Caller, id: &DecreeId) -> Outcome<()> {
    db.change(async |tx| {
        may_manage(role, caller)?;
        let decree = decrees::find(tx, id).await?.or_missing(&DECREE_NOT_FOUND)?;
        if decree.status != DecreeStatus::Draft {
            return Err((&DECREE_STALE).into());
        }
        Ok(decrees::remove_draft(tx, id).await?)
    })
    .await
}

/// At the hub, somebody who may change the map of the country.
pub(crate) fn may_manage(role: NodeRole, caller: &Caller) -> Outcome<()> {
    caller.must(&MANAGE_DECREES, &country())?;
    if role == NodeRole::Hub { Ok(()) } else { Err((&DECREE_AT_HUB).into()) }
}

/// Who acts, as colleagues know them.
fn doer(caller: &Caller) -> String {
    caller.who().map_or_else(|| caller.id().to_owned(), |person| person.name.clone())
}

/// The path of the country.
pub(crate) fn country() -> ScopePath {
    ScopePath::root().child(AreaId::country().as_str())
}

/// Decrees concern everybody: a point far away moves with its figures, too.
async fn say_down(tx: &mut Tx, kind: u16, body: Vec<u8>) -> Outcome<()> {
    tx.emit_down(Outgoing { lane: Lane::Control, kind, targets: vec![country()], body }).await?;
    Ok(())
}

/// What an arriving part of a decree came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// More parts are to come, or all this was known.
    Waiting,
    /// The map follows it.
    Applied,
    /// It does not fit the map of this node.
    Aside(usize),
    /// It is none of ours.
    Unreadable,
}

/// Takes a part of a decree in; with the last, the map follows it.
pub(crate) async fn take_part(tx: &mut Tx, part: &wire::Part) -> Outcome<Arrival> {
    let (id, round) = (part.decree(), part.round());
    let known = decrees::find(tx, id).await?;
    if known.is_some_and(|decree| decree.round >= i64::from(round)) {
        return Ok(Arrival::Waiting);
    }
    let bytes = part.bytes().unwrap_or_default();
    let place = (round, part.part(), part.total());
    let Some(parts) = decrees::keep_part(tx, id, place, bytes).await? else {
        return Ok(Arrival::Waiting);
    };
    let Some(arrived) = wire::whole(&parts) else { return Ok(Arrival::Unreadable) };
    let Some(table) = wire::unpack(&arrived.content) else { return Ok(Arrival::Unreadable) };
    let content_hash = blake3::hash(&arrived.content).to_hex().to_string();
    let kept = Kept {
        heading: &arrived.heading,
        recorded_at: arrived.recorded_at,
        recorded_by: "hub",
        confirmed: arrived.confirmed,
        content: &arrived.content,
        content_hash: &content_hash,
        row_count: table.rows.len(),
    };
    decrees::insert(tx, id, &kept).await?;
    let turn = decrees::turn(tx).await?;
    let decree = decrees::find(tx, id).await?.or_missing(&DECREE_NOT_FOUND)?;
    if decree.status == DecreeStatus::Applied {
        put_out_of_force(tx, &decree, turn, "hub").await?;
    }
    let turn = decrees::turn(tx).await?;
    let fits = put_in_force(tx, &decree, turn, i64::from(round), "hub").await?;
    if let Err(problems) = fits {
        decrees::note_applied(tx, id, i64::from(round), 0).await?;
        decrees::stand(tx, id, DecreeStatus::Aside).await?;
        return Ok(Arrival::Aside(problems.len()));
    }
    Ok(Arrival::Applied)
}

/// Follows the hub's word on a decree; false when this node does not know the decree.
pub(crate) async fn take_standing(tx: &mut Tx, standing: &wire::Standing) -> Outcome<bool> {
    let Some(decree) = decrees::find(tx, standing.decree()).await? else { return Ok(false) };
    match standing.done() {
        Done::Confirmed => decrees::confirm(tx, &decree.id).await?,
        Done::Undone => {
            let same = decree.round == i64::from(standing.round());
            if same && decree.status == DecreeStatus::Applied {
                let turn = decrees::turn(tx).await?;
                put_out_of_force(tx, &decree, turn, "hub").await?;
            }
        }
    }
    Ok(true)
}
