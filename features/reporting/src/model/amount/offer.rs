//! What a text that could not be read may have meant: only what the cell takes is offered, so that nobody follows an
//! offer into the next refusal.

use super::read::{AmountProblem, Read};

const AMBIGUOUS: &str = "reporting-amount-ambiguous";
const FOREIGN: &str = "reporting-amount-foreign";

/// A problem that names, of the readings `one` (with a decimal comma) and `other` (with thousands), those that
/// `read` takes.
pub(super) fn offered(
    wrong: AmountProblem,
    read: impl Fn(&str) -> Result<Read, AmountProblem>,
) -> AmountProblem {
    let other = wrong.arg("other").filter(|text| read(text).is_ok()).map(str::to_owned);
    let refusal = wrong.arg("one").and_then(|one| read(one).err());
    let mut told = match refusal {
        Some(why) => why.about(&wrong),
        None => wrong,
    };
    told.args.retain(|(name, _)| *name != "other");
    let Some(other) = other else {
        if told.key == AMBIGUOUS {
            told.key = FOREIGN;
        }
        return told;
    };
    match told.key {
        AMBIGUOUS => {}
        "reporting-amount-whole" => told.key = "reporting-amount-whole-or-thousands",
        "reporting-amount-decimals" => told.key = "reporting-amount-decimals-or-thousands",
        // Too fine or too large with a comma: only thousands can have been meant.
        _ => {
            told.key = FOREIGN;
            told.args.retain(|(name, _)| *name == "text");
            return told.with("one", other);
        }
    }
    told.with("other", other)
}
