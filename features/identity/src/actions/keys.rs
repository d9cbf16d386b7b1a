//! What other features need for keys that they give out in somebody's name (a phone's): since when the person's
//! password stands, and an answer to keys that open nothing.

use std::time::Duration;

use kernel::{app::App, clock::Timestamp, db::Tx, problem::Outcome};

use super::sign_in::raise;
use crate::{
    model::{AccountId, OF_PAIR, address_group, slow_by_ms},
    store,
};

/// Since when the password of an open account stands; none when the account is closed, has to change its
/// password first, or is none. A key that was made before is void: whoever changes a password, or gets a new one
/// from an administrator, ends what was opened with the old one.
pub async fn password_since(tx: &mut Tx, account: &str) -> Outcome<Option<Timestamp>> {
    let Some(id) = AccountId::parse(account) else { return Ok(None) };
    Ok(store::password_set_at(tx, &id).await?)
}

/// Counts a key that opened nothing, where it came from; answers slowly once there were many. Right keys are
/// not asked, so nobody at the same address is kept out.
///
/// # Errors
/// 429 with the seconds to wait, after a few.
pub async fn wrong_key(app: &App, address: &str) -> Outcome<()> {
    let group = address_group(address);
    let failures = app
        .db
        .change(async |tx| {
            raise(tx, &format!("key:{group}"), OF_PAIR).await?;
            Ok(store::count_address(tx, &format!("address:{group}")).await?)
        })
        .await?;
    tokio::time::sleep(Duration::from_millis(slow_by_ms(failures))).await;
    Ok(())
}
