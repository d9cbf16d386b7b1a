//! The carriers that take things out of this node, against servers that misbehave on purpose; and against
//! foreign ones where a Python with them is named in `TEST_FOREIGN_CLIENTS`.

mod mail;
mod outlet;
mod push;

use std::path::PathBuf;

/// A folder of its own.
pub fn folder(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("nhipcau-outward-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// The Python that has foreign servers and clients; says so when there is none.
pub fn foreign() -> Option<String> {
    let python = std::env::var("TEST_FOREIGN_CLIENTS").ok();
    if python.is_none() {
        eprintln!("skipped: TEST_FOREIGN_CLIENTS names no Python");
    }
    python
}
