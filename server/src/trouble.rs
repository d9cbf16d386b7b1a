//! What can go wrong for whoever installs and looks after a machine, before there is any page: ports,
//! folders, databases, backups. Told in words like every other problem; what pages meet lives in the
//! features.

use std::path::Path;

use kernel::{
    locales,
    module::Module,
    problem::{Failure, Problem, ProblemKind},
};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)+) => {
        $($(#[$doc])* pub static $name: ProblemKind = ProblemKind { code: $code, status: 500 };)+
        static PROBLEMS: &[&ProblemKind] = &[$(&$name),+];
    };
}

kinds! {
    /// Somebody else listens there.
    PORT_TAKEN = "server-port-taken";
    /// The system does not let us listen there.
    CANNOT_LISTEN = "server-cannot-listen";
    /// The data folder cannot be made or written to.
    FOLDER_SHUT = "server-folder-shut";
    /// Another process works on the same data folder.
    NODE_RUNS = "server-node-runs";
    /// The folder holds no node.
    NO_NODE = "server-no-node";
    /// The folder to restore into is not empty.
    NODE_THERE = "server-node-there";
    /// What should be restored is no backup, or half of one.
    NO_BACKUP = "server-no-backup";
    /// The folder for a backup is taken.
    BACKUP_THERE = "server-backup-there";
    /// A hub in use cannot become a point.
    HUB_THERE = "server-hub-there";
    /// `node.json` or `node.key` cannot be read.
    FILE_DAMAGED = "server-file-damaged";
    /// What was given as `--database-url` is no address of PostgreSQL.
    DATABASE_ADDRESS = "server-database-address";
    /// The database does not open.
    DATABASE_SHUT = "server-database-shut";
    /// The node's records are in the other engine.
    OTHER_ENGINE = "server-other-engine";
    /// There has been an administrator.
    ADMINISTRATOR_THERE = "server-administrator-there";
    /// The file of certificate authorities is of no use.
    AUTHORITIES = "server-authorities";
    /// A file of figures cannot be opened.
    FIGURES_SHUT = "server-figures-shut";
    /// Nobody can tell how a file of figures is written.
    FIGURES_FORMAT = "server-figures-format";
    /// Figures are to be written in the name of somebody who has no account here.
    NO_ACCOUNT = "server-no-account";
}

/// The words of these problems, in the same form as a feature's.
pub fn module() -> Module {
    Module { locales: locales!("server"), problems: PROBLEMS, ..Module::new("server") }
}

/// A problem about a folder.
pub fn about(kind: &'static ProblemKind, folder: &Path) -> Problem {
    Problem::of(kind).with("folder", folder.display().to_string())
}

/// A problem about a file, and why.
pub fn damaged(file: &Path, why: impl std::fmt::Display) -> Failure {
    Problem::of(&FILE_DAMAGED)
        .with("file", file.display().to_string())
        .with("why", why.to_string())
        .into()
}
