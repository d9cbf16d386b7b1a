//! What people do with publications: find it or 404, may you or 403, does the rule hold or 422,
//! write, announce. One transaction each.

pub(crate) mod arrivals;
pub mod collecting;
pub mod deciding;
pub mod discarding;
pub mod editing;
pub(crate) mod release;
pub(crate) mod seeing;
pub mod succession;
pub mod uploads;

use identity::role;
use kernel::{
    caller::{Caller, Permission},
    db::Tx,
    problem::{OrMissing, Outcome},
};

use crate::{
    model::{
        PublicationId,
        version::{NOT_FOUND, Version},
    },
    store::{history, versions},
};

/// May write and change publications of a place.
pub static EDIT: Permission = Permission { code: "publishing.edit", roles: &[role::EDITOR] };
/// May approve and withdraw publications of a place.
pub static APPROVE: Permission =
    Permission { code: "publishing.approve", roles: &[role::APPROVER] };
/// May see publications of a place before readers do.
pub static VIEW: Permission = Permission {
    code: "publishing.view",
    roles: &[role::EDITOR, role::APPROVER, role::ADMINISTRATOR],
};

/// The newest version of a publication, or the problem that there is none.
async fn newest(tx: &mut Tx, id: &PublicationId) -> Outcome<Version> {
    versions::newest(tx, id).await?.or_missing(&NOT_FOUND)
}

/// Whoever decides about a version holds the permission over every place it is aimed at.
fn must_over_targets(caller: &Caller, permission: &Permission, version: &Version) -> Outcome<()> {
    if version.targets.is_empty() {
        return caller.must(permission, &version.publication.home);
    }
    version.targets.iter().try_for_each(|target| caller.must(permission, &target.path))
}

fn name_of(caller: &Caller) -> &str {
    caller.who().map_or("", |person| &person.name)
}

/// Notes a deed in the publication's history and in the audit log.
async fn note(
    tx: &mut Tx,
    caller: &Caller,
    version: (&PublicationId, u32),
    deed: &'static str,
    remark: &str,
) -> Outcome<()> {
    let (publication, number) = version;
    let new = history::NewDeed {
        publication,
        version: number,
        account: caller.id(),
        name: name_of(caller),
        deed,
        remark,
    };
    history::put(tx, &new).await?;
    let subject = format!("{publication}:{number}");
    identity::audit(tx, caller, &format!("publishing.{deed}"), &subject, remark).await
}

/// The revision of the newest version: what an approver says they have read.
pub async fn revision(tx: &mut Tx, id: &PublicationId) -> Outcome<u32> {
    Ok(newest(tx, id).await?.revision)
}
