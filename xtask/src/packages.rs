//! What the tests need besides Rust, and how a fresh machine gets it: by its own package manager.
//! Only `apt-get` is spoken; elsewhere the missing things are named.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One thing the tests need.
pub struct Need {
    /// What it is, in words.
    pub what: &'static str,
    /// The Debian package that holds it.
    package: &'static str,
    /// Whether the machine has it.
    present: fn() -> bool,
    /// Only the browser tests need it.
    pub for_browser: bool,
}

/// Everything the tests need besides Rust and a C compiler.
pub const NEEDS: [Need; 4] = [
    Need {
        what: "the PostgreSQL server programs (initdb, postgres)",
        package: "postgresql",
        present: || crate::postgres::server_programs().is_some(),
        for_browser: false,
    },
    Need {
        what: "the Chromium browser",
        package: "chromium",
        present: || browser().is_some(),
        for_browser: true,
    },
    Need {
        what: "chromedriver, which drives the browser",
        package: "chromium-driver",
        present: || chromedriver().is_some(),
        for_browser: true,
    },
    Need {
        what: "fonts for every script of the readers (Noto)",
        package: "fonts-noto-core",
        present: has_fonts,
        for_browser: true,
    },
];

/// The first file of this name on `PATH`.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The browser's program.
pub fn browser() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(program)
}

/// The program that drives the browser.
pub fn chromedriver() -> Option<PathBuf> {
    program("chromedriver")
        .or_else(|| Some(PathBuf::from("/usr/lib/chromium/chromedriver")))
        .filter(|file| file.is_file())
}

fn has_fonts() -> bool {
    let folders = ["/usr/share/fonts/truetype/noto", "/usr/share/fonts/noto"];
    let sans = |folder: &str| Path::new(folder).join("NotoSans-Regular.ttf").is_file();
    folders.into_iter().any(sans)
}

/// Whether this process is the super-user.
pub fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of_process = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    match of_process.and_then(|ids| ids.split_whitespace().nth(1)) {
        Some(effective) => effective == "0",
        None => Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n"),
    }
}

/// Installs whatever is missing.
///
/// # Errors
/// What is missing and the command that a person may run, when this process may not.
pub fn install_missing(with_browser: bool, with_postgres: bool) -> Result<(), String> {
    let missing = missing(with_browser, with_postgres);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let list: Vec<String> = missing.iter().map(|need| format!("  - {}", need.what)).collect();
    println!("xtask: missing on this machine:\n{}", list.join("\n"));
    let advice = advice(&packages, with_browser);
    if program("apt-get").is_none() {
        return Err(format!("this machine has no apt-get. {advice}"));
    }
    println!("xtask: installing {} with apt-get", packages.join(" "));
    // A server that only lends its programs to the tests should not start one of its own.
    let no_main_cluster = NoMainCluster::declare();
    let installed = apt_get(&["update", "-q"])
        .and_then(|()| {
            let mut words = vec!["install", "-q", "-y", "--no-install-recommends"];
            words.extend(&packages);
            apt_get(&words)
        })
        .map_err(|reason| format!("{reason}. {advice}"));
    drop(no_main_cluster);
    installed?;
    match self::missing(with_browser, with_postgres).first() {
        None => Ok(()),
        Some(need) => {
            Err(format!("apt-get succeeded, yet {} is still missing. {advice}", need.what))
        }
    }
}

fn missing(with_browser: bool, with_postgres: bool) -> Vec<&'static Need> {
    let wanted = |need: &&Need| if need.for_browser { with_browser } else { with_postgres };
    NEEDS.iter().filter(wanted).filter(|need| !(need.present)()).collect()
}

fn advice(packages: &[&str], with_browser: bool) -> String {
    let skip = if with_browser {
        " Without a browser, `--skip-browser` runs the rest; PostgreSQL cannot be skipped."
    } else {
        ""
    };
    format!(
        "Install them by hand and run this again; on Debian and Ubuntu:\n\n    \
         sudo apt-get update && sudo apt-get install -y --no-install-recommends {}\n\n\
         Or set TEST_POSTGRES_URL to a PostgreSQL server the tests may create databases on.{skip}",
        packages.join(" ")
    )
}

/// A command run as root: directly, or through sudo.
fn as_root(program_name: &str) -> Result<Command, String> {
    if is_root() {
        return Ok(Command::new(program_name));
    }
    if program("sudo").is_none() {
        return Err("installing needs root, and there is no sudo here".to_owned());
    }
    let silent = Command::new("sudo").args(["-n", "true"]).output();
    let asks_nothing = silent.is_ok_and(|output| output.status.success());
    if !asks_nothing && !std::io::stdin().is_terminal() {
        return Err("installing needs root, and sudo would ask for a password".to_owned());
    }
    let mut command = Command::new("sudo");
    command.args(["DEBIAN_FRONTEND=noninteractive", program_name]);
    Ok(command)
}

fn apt_get(words: &[&str]) -> Result<(), String> {
    let mut command = as_root("apt-get")?;
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
    let status = command.status().map_err(|fault| format!("apt-get did not start: {fault}"))?;
    if status.success() { Ok(()) } else { Err(format!("apt-get {} failed", words[0])) }
}

/// While this lives, Debian's PostgreSQL package creates no cluster when it is installed.
struct NoMainCluster;

impl NoMainCluster {
    const FOLDER: &'static str = "/etc/postgresql-common/createcluster.d";
    const FILE: &'static str = "/etc/postgresql-common/createcluster.d/nhipcau-tests.conf";

    fn declare() -> Option<NoMainCluster> {
        if Path::new("/etc/postgresql-common").exists() {
            // Somebody's PostgreSQL is here already: its settings are not ours to touch.
            return None;
        }
        let script = format!(
            "mkdir -p {} && echo 'create_main_cluster = false' > {}",
            Self::FOLDER,
            Self::FILE
        );
        let status = as_root("sh").ok()?.args(["-c", &script]).status().ok()?;
        status.success().then_some(NoMainCluster)
    }
}

impl Drop for NoMainCluster {
    fn drop(&mut self) {
        if let Ok(mut command) = as_root("rm") {
            let _ = command.args(["-f", Self::FILE]).status();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_on_the_path_and_a_made_up_one_is_not() {
        assert!(program("sh").is_some());
        assert!(program("no-such-program-anywhere").is_none());
    }

    #[test]
    fn the_advice_names_the_packages_and_never_offers_to_skip_postgresql() {
        let words = advice(&["postgresql"], true);
        assert!(words.contains("apt-get install -y --no-install-recommends postgresql"));
        assert!(words.contains("PostgreSQL cannot be skipped"));
    }
}
