//! Excusing a deadline: the tier above excuses one unit's report or a whole set of them (a flood), or gives more
//! time, with a reason. What is excused is neither late nor missing; a report that comes all the same counts.

use identity::audit;
use kernel::{
    app::{App, NodeRole},
    caller::Caller,
    clock::Day,
    db::Tx,
    problem::{FORBIDDEN, FormProblems, OrMissing, Outcome, ProblemKind},
    scope::ScopePath,
};

use super::{REVIEW, catalogue, obligations::change};
use crate::{
    model::{ObligationId, dataset::Ended},
    records,
    store::{
        excuses::{self as store, Excuse},
        obligations::{self, Obligation},
    },
};

/// Nobody owes this.
pub static OBLIGATION_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-obligation-not-found", status: 404 };

/// Most deadlines that are excused at once: all units of a large province, for several data sets.
pub const MANY_MOST: usize = 500;
/// Most days by which a deadline is moved.
pub const DAYS_MOST: i32 = 366;
/// Most characters of a reason.
pub const WHY_MOST: usize = 300;

/// What is said about a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The report need not be handed in.
    Excuse,
    /// It may be handed in until a later day.
    Extend(Day),
    /// What was said before is taken back.
    Revoke,
}

impl Kind {
    /// As stored and sent.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Excuse => "excuse",
            Self::Extend(_) => "extend",
            Self::Revoke => "revoke",
        }
    }

    /// From its code; an extension needs its day.
    pub fn from_code(code: &str, until: Option<Day>) -> Option<Self> {
        match code {
            "excuse" => Some(Self::Excuse),
            "extend" => until.map(Self::Extend),
            "revoke" => Some(Self::Revoke),
            _ => None,
        }
    }

    const fn until(self) -> Option<Day> {
        match self {
            Self::Extend(day) => Some(day),
            Self::Excuse | Self::Revoke => None,
        }
    }
}

/// What becomes of an obligation. Whether a report that is here came in time follows the deadline that holds.
pub fn excused(one: &Obligation, kind: Kind) -> Obligation {
    let first = one.due_was.or(one.due_on);
    let (excused, due_on, due_was) = match kind {
        Kind::Excuse => (true, one.due_on, one.due_was),
        Kind::Extend(day) => (false, Some(day), first),
        Kind::Revoke => (false, first, None),
    };
    let on_time = one.met_at.is_some_and(|at| due_on.is_none_or(|due| at.day() <= due));
    Obligation { due_on, on_time, excused, due_was, ..one.clone() }
}

/// Excuses or extends deadlines, all or none; gives how many changed. Whoever does it stands above every unit.
pub async fn say(
    app: &App,
    caller: &Caller,
    whose: &[ObligationId],
    kind: Kind,
    why: &str,
) -> Outcome<usize> {
    caller.must_somewhere(&REVIEW)?;
    // The tier above works at its hub; what it says comes down from there.
    if app.role == NodeRole::Point {
        return Err((&FORBIDDEN).into());
    }
    let why: String = kernel::text::tidy(why).chars().take(WHY_MOST).collect();
    let today = app.now().day();
    let mut wrong = FormProblems::new();
    wrong.require(why.chars().count() >= 5, "why", "reporting-excuse-needs-words");
    wrong.require(!whose.is_empty(), "no", "reporting-excuse-of-nobody");
    wrong.require(whose.len() <= MANY_MOST, "no", "reporting-excuse-too-many");
    if let Kind::Extend(day) = kind {
        let fits = day >= today && day.days_since(today) <= DAYS_MOST;
        wrong.require(fits, "until", "reporting-excuse-bad-day");
    }
    wrong.check()?;
    let mut whose = whose.to_vec();
    whose.sort();
    whose.dedup();
    let known = catalogue::current(app).await?;
    let is_over = |one: &Obligation| {
        known.datasets.get(&one.dataset).is_some_and(|dataset| dataset.ended.is_some())
    };
    app.db
        .change(async |tx| {
            let (mut changed, mut not_later) = (0, 0);
            for id in &whose {
                let one = obligations::hold(tx, id).await?.or_missing(&OBLIGATION_NOT_FOUND)?;
                must_be_above(caller, &one)?;
                let earlier =
                    matches!(kind, Kind::Extend(day) if one.due_on.is_none_or(|due| day <= due));
                let needless = kind == Kind::Excuse && one.met_at.is_some();
                not_later += usize::from(earlier);
                // A campaign that was ended is owed by nobody, whatever is said of one unit's deadline.
                if earlier || needless || is_over(&one) || excused(&one, kind) == one {
                    continue;
                }
                let said = Excuse {
                    id: tx.new_id(),
                    obligation: id.clone(),
                    kind: kind.code().to_owned(),
                    until_day: kind.until(),
                    why: why.clone(),
                    by_account: caller.id().to_owned(),
                    by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
                    at: tx.now(),
                };
                hear(tx, &one, &said).await?;
                records::tell_excuse(tx, &one, &said).await?;
                let about = format!("reporting.deadline-{}", kind.code());
                audit(tx, caller, &about, id.as_str(), &why).await?;
                changed += 1;
            }
            let mut wrong = FormProblems::new();
            wrong.require(changed > 0 || not_later == 0, "until", "reporting-excuse-not-later");
            wrong.check()?;
            Ok(changed)
        })
        .await
}

/// True when somebody stands above the unit that owes: nobody excuses themselves.
pub fn is_above(caller: &Caller, one: &Obligation) -> bool {
    let above = |scope: &ScopePath| scope.contains(&one.path) && *scope != one.path;
    caller.is_system() || caller.scopes_for(&REVIEW).any(above)
}

fn must_be_above(caller: &Caller, one: &Obligation) -> Outcome<()> {
    caller.must(&REVIEW, &one.path)?;
    if is_above(caller, one) { Ok(()) } else { Err((&FORBIDDEN).into()) }
}

/// Writes down what was said about an obligation that is held, and changes it.
async fn hear(tx: &mut Tx, one: &Obligation, said: &Excuse) -> Outcome<()> {
    if !store::say(tx, said).await? {
        return Ok(());
    }
    match Kind::from_code(&said.kind, said.until_day) {
        Some(kind) => change(tx, one, &excused(one, kind)).await,
        None => Ok(()),
    }
}

/// What becomes of an obligation that is held once its campaign was ended; none when that was said of it before.
/// Every node says the same under the same id.
pub(crate) async fn ended(
    tx: &mut Tx,
    one: &Obligation,
    ended: &Ended,
) -> Outcome<Option<Obligation>> {
    let name = blake3::hash(one.id.as_str().as_bytes()).to_hex();
    let said = Excuse {
        id: kernel::ids::Id::from_text(format!("end-{}", &name[..40])),
        obligation: one.id.clone(),
        kind: Kind::Excuse.code().to_owned(),
        until_day: None,
        why: ended.reason.clone(),
        by_account: String::new(),
        by_name: ended.by.clone(),
        at: ended.at,
    };
    Ok(store::say(tx, &said).await?.then(|| excused(one, Kind::Excuse)))
}

/// What came down from the tier above. An obligation that this node has not made yet finds it when it is made.
pub(crate) async fn arrived(tx: &mut Tx, said: &Excuse) -> Outcome<()> {
    match obligations::hold(tx, &said.obligation).await? {
        Some(one) => hear(tx, &one, said).await,
        None => store::say(tx, said).await.map(drop).map_err(Into::into),
    }
}

/// Obligations as what was said about them before they were made wants them.
pub(crate) async fn recalled(tx: &mut Tx, made: Vec<Obligation>) -> Outcome<Vec<Obligation>> {
    let ids: Vec<ObligationId> = made.iter().map(|one| one.id.clone()).collect();
    let said = store::of(tx, &ids).await?;
    let recall = |one: Obligation| {
        let mine = said.iter().filter(|said| said.obligation == one.id);
        let kinds = mine.filter_map(|said| Kind::from_code(&said.kind, said.until_day));
        kinds.fold(one.clone(), |one, kind| excused(&one, kind))
    };
    Ok(made.into_iter().map(recall).collect())
}
