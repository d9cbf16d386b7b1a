//! What becomes of authority when the map changes. Over a unit that went whole it goes on over the heir by
//! itself, from the effective day; over a divided one nothing goes on until an officer above has decided.
//! What followed is remembered by event and taken back exactly when the event is undone.

use areas::{AreaEventId, Heir, Question, QuestionAnswered, Step};
use kernel::{caller::Caller, clock::Day, db::Tx, problem::Outcome, scope::ScopePath};

use super::audit;
use crate::{
    model::GrantId,
    store::{self, StoredGrant, succession as follow},
};

/// The kind of question about a grant over a divided unit.
pub const KIND_GRANT: &str = "identity.grant";
/// The kind of note about several people in one role.
const KIND_SHARED: &str = "identity.shared";

/// Who gave and ended what follows by itself.
const BY: &str = "succession";

/// Lets authority and workplaces follow: in the order of the steps, the longest path first.
pub async fn follow_steps(
    tx: &mut Tx,
    event: &AreaEventId,
    instrument: &str,
    effective_on: Day,
    steps: &[Step],
) -> Outcome<()> {
    let mut inherited: Vec<(&Step, &Heir)> = Vec::new();
    for step in steps {
        for grant in follow::grants_below(tx, &step.from_path, effective_on, event).await? {
            match step.heirs.as_slice() {
                [heir] => {
                    let scope = step.moved(&grant.scope).unwrap_or_else(|| heir.path.clone());
                    carry_on(tx, event, &grant, &scope, effective_on, instrument).await?;
                    if grant.scope == step.from_path {
                        inherited.push((step, heir));
                    }
                }
                _ => wait(tx, event, &grant, step, effective_on, instrument).await?,
            }
        }
        move_accounts(tx, event, step).await?;
    }
    for (step, heir) in inherited {
        say_who_shares(tx, event, step, heir, effective_on).await?;
    }
    Ok(())
}

/// The grant ends on the effective day and one over the heir begins, in the same role until the same day.
async fn carry_on(
    tx: &mut Tx,
    event: &AreaEventId,
    grant: &StoredGrant,
    scope: &ScopePath,
    effective_on: Day,
    instrument: &str,
) -> Outcome<()> {
    let from = grant.from_day.max(effective_on);
    let (account, role, until) = (&grant.account, grant.role.as_str(), grant.until_day);
    // Who held two of the merged units in one role holds the heir once.
    let held = follow::same_grant(tx, account, role, scope, from, until).await?;
    let id: GrantId = tx.new_id();
    let new = if held.is_some() { SHARED } else { id.as_str() };
    if !follow::remember(tx, event, grant, new).await? {
        return Ok(());
    }
    store::end_grant(tx, &grant.id, from, BY).await?;
    if held.is_none() {
        let new = StoredGrant {
            id,
            scope: scope.clone(),
            from_day: from,
            ended_at: None,
            ..grant.clone()
        };
        store::insert_grant(tx, &new, BY).await?;
    }
    let detail = format!("{role} {} → {scope}, {instrument}", grant.scope);
    note(tx, "identity.role-followed", account.as_str(), &detail).await
}

/// Stands in place of a grant's id where another grant of the person already says the same.
const SHARED: &str = "-";

/// The grant ends, and somebody must say whether it goes on anywhere.
async fn wait(
    tx: &mut Tx,
    event: &AreaEventId,
    grant: &StoredGrant,
    step: &Step,
    effective_on: Day,
    instrument: &str,
) -> Outcome<()> {
    let abolished = step.heirs.is_empty();
    if !follow::remember(tx, event, grant, if abolished { SHARED } else { "" }).await? {
        return Ok(());
    }
    store::end_grant(tx, &grant.id, grant.from_day.max(effective_on), BY).await?;
    if !abolished {
        let name = super::name_of(tx, grant.account.as_str()).await?.unwrap_or_default();
        let question = Question {
            event: event.clone(),
            kind: KIND_GRANT,
            subject: grant.id.to_string(),
            label: name,
            detail: format!("identity-role-{}", grant.role),
            from: step.from.clone(),
            from_path: step.from_path.clone(),
            heirs: step.heirs.clone(),
            is_note: false,
        };
        areas::ask(tx, &question).await?;
    }
    let detail = format!("{} {}, {instrument}", grant.role, grant.scope);
    note(tx, "identity.role-waits", grant.account.as_str(), &detail).await
}

/// Accounts are looked after where their unit went; from above, where it was divided.
async fn move_accounts(tx: &mut Tx, event: &AreaEventId, step: &Step) -> Outcome<()> {
    let paths: Vec<ScopePath> = step.heirs.iter().map(|heir| heir.path.clone()).collect();
    let above = if paths.is_empty() {
        step.from_path.ancestors().into_iter().rev().nth(1).unwrap_or_else(ScopePath::root)
    } else {
        areas::common(&paths)
    };
    for account in follow::placed_below(tx, &step.from_path).await? {
        let after = step.moved(&account.place).unwrap_or_else(|| above.clone());
        if after != account.place {
            follow::place(tx, event, &account.id, &account.place, &after).await?;
        }
    }
    Ok(())
}

/// Several people who now hold one role over the heir: the officer above may want to end some.
async fn say_who_shares(
    tx: &mut Tx,
    event: &AreaEventId,
    step: &Step,
    heir: &Heir,
    effective_on: Day,
) -> Outcome<()> {
    let holders = follow::holders(tx, &heir.path, effective_on.max(tx.now().day())).await?;
    for mine in holders.chunk_by(|one, other| one.role == other.role) {
        let Some(first) = mine.first().filter(|_| mine.len() > 1) else { continue };
        let names: Vec<&str> = mine.iter().map(|holder| holder.name.as_str()).collect();
        let question = Question {
            event: event.clone(),
            kind: KIND_SHARED,
            subject: format!("{}:{}", heir.unit, first.role),
            label: names.join(", "),
            detail: format!("identity-role-{}", first.role),
            from: step.from.clone(),
            from_path: step.from_path.clone(),
            heirs: vec![heir.clone()],
            is_note: true,
        };
        areas::ask(tx, &question).await?;
    }
    Ok(())
}

/// An officer has decided where a grant over a divided unit goes on: there it begins today.
pub async fn hear_answer(tx: &mut Tx, fact: &QuestionAnswered) -> Outcome<()> {
    let (KIND_GRANT, Some(id)) = (fact.kind.as_str(), GrantId::parse(&fact.subject)) else {
        return Ok(());
    };
    let Some(row) = follow::followed_one(tx, &fact.event, &id).await? else { return Ok(()) };
    let Some(old) = follow::grant(tx, &id).await? else { return Ok(()) };
    // Told twice: the grant has gone on already.
    if !row.new_grant.is_empty() {
        return Ok(());
    }
    let Some(heir) = &fact.heir else {
        let nothing: GrantId = kernel::ids::Id::from_text(SHARED.to_owned());
        follow::set_new(tx, &fact.event, &id, &nothing).await?;
        let detail = format!("{} {}", old.role, old.scope);
        return note(tx, "identity.role-not-followed", old.account.as_str(), &detail).await;
    };
    let from = tx.now().day().max(old.from_day);
    if from >= row.until_before {
        return Ok(());
    }
    let new = StoredGrant {
        id: tx.new_id(),
        scope: heir.path.clone(),
        from_day: from,
        until_day: row.until_before,
        ended_at: None,
        ..old.clone()
    };
    store::insert_grant(tx, &new, BY).await?;
    follow::set_new(tx, &fact.event, &id, &new.id).await?;
    let detail = format!("{} {} → {}", old.role, old.scope, heir.path);
    note(tx, "identity.role-followed", old.account.as_str(), &detail).await
}

/// Takes back everything that followed from an event.
pub async fn unfollow(tx: &mut Tx, event: &AreaEventId) -> Outcome<()> {
    for row in follow::followed(tx, event).await? {
        let grant = follow::grant(tx, &row.grant_id).await?;
        follow::restore(tx, &row).await?;
        if let Some(grant) = grant {
            let detail = format!("{} {}", grant.role, grant.scope);
            note(tx, "identity.role-restored", grant.account.as_str(), &detail).await?;
        }
    }
    for row in follow::moved(tx, event).await? {
        follow::set_place(tx, &row.account, &row.place_after, &row.place_before).await?;
    }
    Ok(follow::forget(tx, event).await?)
}

async fn note(tx: &mut Tx, action: &str, subject: &str, detail: &str) -> Outcome<()> {
    let system = Caller::system(tx.now());
    audit(tx, &system, action, subject, detail).await
}
