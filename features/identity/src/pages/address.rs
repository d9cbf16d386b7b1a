//! One's own address for letters: given, confirmed with a code, taken back.

use kernel::web::{Answer, Posted, Template, Visit};
use serde::Serialize;

use super::{Errors, again};
use crate::{
    actions::{self, CodeLetter, Post},
    model::veiled,
};

pub(super) const ADDRESS: Template<AddressPage> = Template::new("identity/address.html");
const HERE: &str = "/tai-khoan/thu";

/// The page.
#[derive(Debug, Default, Serialize)]
pub(super) struct AddressPage {
    /// The confirmed address, veiled.
    pub confirmed: String,
    /// The one that waits for its code, veiled.
    pub asked: String,
    /// What was typed.
    pub typed: String,
    /// True where letters are sent at all.
    pub has_post: bool,
    pub errors: Errors,
}

async fn context(visit: &Visit) -> kernel::problem::Outcome<AddressPage> {
    let own = actions::own_address(&visit.app, &visit.caller).await?;
    Ok(AddressPage {
        confirmed: own.confirmed.as_deref().map(veiled).unwrap_or_default(),
        asked: own.asked.as_deref().map(veiled).unwrap_or_default(),
        has_post: visit.app.port::<Post>().is_some(),
        ..AddressPage::default()
    })
}

pub(super) async fn show(visit: Visit) -> Answer {
    let context = context(&visit).await?;
    visit.page(&ADDRESS, &context)
}

pub(super) async fn ask(visit: Visit, Posted { fields }: Posted) -> Answer {
    let letter = |code: &str| CodeLetter {
        account: visit.caller.id().to_owned(),
        subject: visit.say("identity-address-letter-subject", &[]),
        lines: vec![
            visit.say("identity-address-letter-code", &[("code", code.to_owned())]),
            visit.say("identity-address-letter-not-you", &[]),
        ],
    };
    let typed = fields.line("address");
    match actions::ask_address(&visit.app, &visit.caller, &typed, letter).await {
        Ok(()) => visit.done(HERE, "identity-address-asked"),
        Err(failure) => {
            let page = context(&visit).await?;
            again(&visit, failure, &ADDRESS, |errors| AddressPage { typed, errors, ..page })
        }
    }
}

pub(super) async fn confirm(visit: Visit, Posted { fields }: Posted) -> Answer {
    match actions::confirm_address(&visit.app, &visit.caller, &fields.line("ma")).await {
        Ok(()) => visit.done(HERE, "identity-address-confirmed"),
        Err(failure) => {
            let page = context(&visit).await?;
            again(&visit, failure, &ADDRESS, |errors| AddressPage { errors, ..page })
        }
    }
}

pub(super) async fn forget(visit: Visit, _: Posted) -> Answer {
    actions::drop_address(&visit.app, &visit.caller).await?;
    visit.done(HERE, "identity-address-dropped")
}
