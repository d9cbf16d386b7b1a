//! The life of a report: who may move it from which state to which.
//!
//! A commune's report: draft → certified by the commune's leader (*ký xác thực*) → submitted → returned with
//! remarks, or accepted → approved. A province's or the ministry's own report begins as a consolidation and
//! goes the same way one tier up. What was approved stays as it was: a correction is a new revision.

use kernel::problem::ProblemKind;
use serde::{Deserialize, Serialize};

/// Not possible in the state the report is in.
pub static WRONG_STATE: ProblemKind = ProblemKind { code: "reporting-wrong-state", status: 409 };

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// *Dự thảo*: figures may be typed.
    Draft,
    /// *Đã xác thực*: signed by the leader of the reporting unit; locked.
    Certified,
    /// *Đã gửi*: with the tier above.
    Submitted,
    /// *Bị trả lại*: with remarks; figures may be typed again.
    Returned,
    /// *Đã tiếp nhận*: checked by the tier above; counted in its consolidation.
    Accepted,
    /// *Đã duyệt*: approved; an unchanging copy is kept.
    Approved,
}

/// What somebody does with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Sign it as the leader of the reporting unit.
    Certify,
    /// Take the signature back to go on typing.
    Reopen,
    /// Hand it to the tier above.
    Submit,
    /// Give it back with remarks.
    Return,
    /// Take it as checked.
    Accept,
    /// Approve it.
    Approve,
    /// Approve some of its sections; the report stays where it stands.
    ApprovePart,
    /// Begin a new revision of something that was accepted or approved.
    Correct,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::Certified,
        Self::Submitted,
        Self::Returned,
        Self::Accepted,
        Self::Approved,
    ];

    /// As stored, and in the names of words.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Certified => "certified",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::Approved => "approved",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// True while figures may be typed.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }

    /// True once the tier above has it, and until it gives it back.
    pub const fn is_reported(self) -> bool {
        matches!(self, Self::Submitted | Self::Accepted | Self::Approved)
    }

    /// Where a step leads; none when it cannot be taken from here.
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Draft | Self::Returned, Step::Certify) => Some(Self::Certified),
            (Self::Certified, Step::Submit) => Some(Self::Submitted),
            (Self::Submitted | Self::Accepted, Step::Return) => Some(Self::Returned),
            (Self::Submitted, Step::Accept) | (Self::Accepted, Step::ApprovePart) => {
                Some(Self::Accepted)
            }
            (Self::Accepted, Step::Approve) => Some(Self::Approved),
            (Self::Certified, Step::Reopen)
            | (Self::Submitted | Self::Accepted | Self::Approved, Step::Correct) => {
                Some(Self::Draft)
            }
            _ => None,
        }
    }
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Certify,
        Self::Reopen,
        Self::Submit,
        Self::Return,
        Self::Accept,
        Self::Approve,
        Self::ApprovePart,
        Self::Correct,
    ];

    /// In addresses and words.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Certify => "certify",
            Self::Reopen => "reopen",
            Self::Submit => "submit",
            Self::Return => "return",
            Self::Accept => "accept",
            Self::Approve => "approve",
            Self::ApprovePart => "approve-part",
            Self::Correct => "correct",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.code() == code)
    }

    /// True for the steps of the reporting unit, false for those of the tier above.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Certify | Self::Reopen | Self::Submit | Self::Correct)
    }
}

/// True when a revision corrects one that had been handed in and was never given back. What was given back and is handed
/// in again corrects nothing. It is read from the steps that every node of a report hears of, each with the revision on
/// which it was taken: *đính chính* itself is noted only where somebody began it.
pub fn corrects(revision: i64, steps: &[(Step, i64)]) -> bool {
    let handed_in = steps.iter().filter(|(step, on)| *step == Step::Submit && *on < revision);
    let mut handed_in = handed_in.map(|(_, on)| *on);
    handed_in.any(|on| !steps.contains(&(Step::Return, on)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_corrects_what_stood_and_not_what_was_given_back() {
        let handed_in = |on| [(Step::Certify, on), (Step::Submit, on)];
        let mut steps = handed_in(1).to_vec();
        assert!(!corrects(1, &steps), "the first one");
        steps.push((Step::Return, 1));
        assert!(!corrects(2, &steps), "given back, not handed in again yet");
        steps.extend(handed_in(2));
        steps.push((Step::Accept, 2));
        assert!(!corrects(2, &steps), "handed in again");
        assert!(
            corrects(3, &steps),
            "it was taken: the first correction, handed in for the third time"
        );
        steps.extend(handed_in(3));
        steps.push((Step::Return, 3));
        assert!(corrects(4, &steps), "a correction that was given back is still one");
    }

    #[test]
    fn figures_are_locked_from_the_signature_until_somebody_gives_them_back() {
        for state in State::ALL {
            for step in Step::ALL {
                let Some(after) = state.after(step) else { continue };
                if state.is_open() && !after.is_open() {
                    assert_eq!(step, Step::Certify, "{state:?} {step:?}");
                }
                if state.is_reported() && after.is_open() {
                    assert!(matches!(step, Step::Return | Step::Correct), "{state:?} {step:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_approved_that_was_not_signed_sent_and_checked() {
        let into = |wanted| {
            State::ALL
                .into_iter()
                .filter(move |from| *from != wanted)
                .filter(move |from| Step::ALL.iter().any(|step| from.after(*step) == Some(wanted)))
        };
        assert_eq!(into(State::Approved).collect::<Vec<_>>(), [State::Accepted]);
        assert_eq!(into(State::Accepted).collect::<Vec<_>>(), [State::Submitted]);
        assert_eq!(into(State::Submitted).collect::<Vec<_>>(), [State::Certified]);
        for state in State::ALL {
            let parts = state.after(Step::ApprovePart);
            assert_eq!(parts.is_some(), state.after(Step::Approve).is_some(), "{state:?}");
            assert!(
                parts.is_none_or(|after| after == state),
                "{state:?}: it stays where it stands"
            );
        }
    }

    #[test]
    fn codes_are_read_back() {
        assert!(State::ALL.iter().all(|state| State::from_code(state.code()) == Some(*state)));
        assert!(Step::ALL.iter().all(|step| Step::from_code(step.code()) == Some(*step)));
    }
}
