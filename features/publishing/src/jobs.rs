//! The work publishing does later; what each does stands with the action that queues it.

use kernel::jobs::JobKind;

use crate::actions::{
    arrivals::TAKE_IN_TEXT, collecting::COLLECT, deciding::PUBLISH_DUE, uploads::TRANSCODE,
};

/// All of it.
pub(crate) static ALL: &[JobKind] = &[TRANSCODE, PUBLISH_DUE, TAKE_IN_TEXT, COLLECT];
