//! Pages for somebody who is not here: letters and notifications, made when they leave, with the same code and
//! the same refusals as the pages they lead to.

mod board;
mod deliver;
mod letter;

use kernel::jobs::JobKind;

use crate::actions::outward::{self, handing, schedules};

pub(crate) use board::sees_all;
pub(crate) use letter::{LETTER, Letter};

/// Hands over what waits for people.
pub(crate) const DELIVER: JobKind = JobKind {
    name: outward::DELIVER,
    run: |app, _| {
        Box::pin(async move {
            handing::round(app, false, |app, row| Box::pin(deliver::one(app, row))).await
        })
    },
};
/// Looks which dashboards are due.
pub(crate) const SCHEDULES: JobKind = JobKind {
    name: outward::SCHEDULES,
    run: |app, _| Box::pin(async move { schedules::tick(app).await }),
};
