//! A private PostgreSQL cluster that lives as long as the value that holds it. Installing
//! PostgreSQL is the business of `packages`; what the tests do with it is theirs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

/// Programs of the server that must be present.
const SERVER_PROGRAMS: [&str; 2] = ["initdb", "postgres"];

/// Folders under which distributions keep one folder per version.
const VERSION_FOLDERS: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", "bin"),
    ("/usr/local/opt", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr", "bin"),
];

/// Test binaries run one after another, each with a few pools.
const MAX_CONNECTIONS: u32 = 300;

/// A running cluster. Dropping it, or dying with it in hand, stops it and removes its files.
pub struct Cluster {
    /// `postgres://…`, a superuser of a cluster nobody else uses.
    pub url: String,
    keeper: Child,
    lifeline: Option<ChildStdin>,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The keeper waits for this end of the pipe to close, then cleans up and leaves.
        drop(self.lifeline.take());
        let _ = self.keeper.wait();
    }
}

/// The folder with the newest server programs, or nothing when PostgreSQL is not installed.
pub fn server_programs() -> Option<PathBuf> {
    let mut folders: Vec<(u32, PathBuf)> = Vec::new();
    for (base, inside) in VERSION_FOLDERS {
        for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.trim_start_matches("postgresql@").trim_start_matches("pgsql-");
            if let Ok(version) = version.parse() {
                folders.push((version, entry.path().join(inside)));
            }
        }
    }
    folders.sort();
    let newest_first = folders.into_iter().rev().map(|(_, folder)| folder);
    let on_path = crate::packages::program("initdb");
    let on_path = on_path.and_then(|program| program.parent().map(Path::to_path_buf));
    newest_first
        .chain(on_path)
        .find(|folder| SERVER_PROGRAMS.iter().all(|program| folder.join(program).is_file()))
}

/// Starts a cluster on a free loopback port.
///
/// # Errors
/// The reason PostgreSQL itself gives, in its own words.
pub fn start(programs: &Path) -> Result<Cluster, String> {
    let mut last = String::new();
    // Between finding a free port and taking it another program may be quicker.
    for _ in 0..3 {
        let port = free_port().map_err(|fault| format!("no free loopback port: {fault}"))?;
        match start_on(programs, port) {
            Ok(cluster) => return Ok(cluster),
            Err(reason) => last = reason,
        }
    }
    Err(format!("PostgreSQL does not start:\n{last}"))
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn start_on(programs: &Path, port: u16) -> Result<Cluster, String> {
    let password = random_word().map_err(|fault| format!("no randomness: {fault}"))?;
    let mut command = unprivileged("sh")?;
    command.args(["-c", include_str!("keeper.sh"), "keeper"]);
    command.arg(programs).arg(port.to_string()).arg(MAX_CONNECTIONS.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own: Ctrl-C at the terminal must not reach the one who cleans up.
    command.process_group(0).current_dir("/").env("LC_ALL", "C");
    let mut keeper = command.spawn().map_err(|fault| format!("cannot start sh: {fault}"))?;
    let mut lifeline = keeper.stdin.take().ok_or("the keeper has no input")?;
    let answers = keeper.stdout.take().ok_or("the keeper has no output")?;
    writeln!(lifeline, "{password}").map_err(|fault| format!("the keeper left: {fault}"))?;
    let mut answer = String::new();
    let _ = BufReader::new(answers).read_line(&mut answer);
    if !answer.starts_with("ready ") {
        drop(lifeline);
        let mut reason = String::new();
        if let Some(mut complaints) = keeper.stderr.take() {
            let _ = complaints.read_to_string(&mut reason);
        }
        let _ = keeper.wait();
        return Err(reason);
    }
    let url = format!("postgres://nhipcau:{password}@127.0.0.1:{port}/postgres");
    Ok(Cluster { url, keeper, lifeline: Some(lifeline) })
}

/// A command that does not run as root: PostgreSQL refuses to.
fn unprivileged(program: &str) -> Result<Command, String> {
    if !crate::packages::is_root() {
        return Ok(Command::new(program));
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let exists = |name: &&str| users.lines().any(|line| line.starts_with(&format!("{name}:")));
    let user = ["postgres", "nobody"].into_iter().find(exists).ok_or(
        "PostgreSQL does not run as root and there is no user `postgres`: run this as another user",
    )?;
    if crate::packages::program("setpriv").is_some() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user, "--regid"]).arg(group_of(&users, user));
        command.args(["--init-groups", "--reset-env"]).arg(program);
        return Ok(command);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--", program]);
    Ok(command)
}

/// The number of a user's first group, from the text of `/etc/passwd`.
fn group_of(users: &str, user: &str) -> String {
    let line = users.lines().find(|line| line.starts_with(&format!("{user}:")));
    line.and_then(|line| line.split(':').nth(3)).unwrap_or("65534").to_owned()
}

/// Sixteen random bytes as hexadecimal digits. Other users of the machine can reach the port, so
/// the cluster has a password.
fn random_word() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Whether anything listens where a given URL points, in words when it does not.
///
/// # Errors
/// The URL names a host and port on which nothing answers within five seconds.
pub fn check_reachable(url: &str) -> Result<(), String> {
    let Some(address) = address_in(url) else { return Ok(()) };
    let found = address.to_socket_addrs().map_err(|fault| format!("{address}: {fault}"))?;
    let mut last = format!("{address} has no address");
    for place in found {
        match TcpStream::connect_timeout(&place, Duration::from_secs(5)) {
            Ok(_) => return Ok(()),
            Err(fault) => last = format!("{address}: {fault}"),
        }
    }
    Err(format!(
        "TEST_POSTGRES_URL is set but nothing answers there ({last}). Start that server, or unset \
         the variable and a private one is started for you."
    ))
}

/// `host:port` of a URL, or nothing when it uses a socket file.
fn address_in(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.is_empty() || host.starts_with('%') || url.contains("host=/") {
        return None;
    }
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Some(if has_port { host.to_owned() } else { format!("{host}:5432") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_out_of_a_url() {
        for (url, address) in [
            ("postgres://a:b@127.0.0.1:5433/x", Some("127.0.0.1:5433")),
            ("postgres://db.example/x?sslmode=disable", Some("db.example:5432")),
            ("postgresql://me@[::1]:5432/x", Some("[::1]:5432")),
            ("postgres:///x?host=/run/postgresql", None),
            ("postgres://me@%2Frun%2Fpostgresql/x", None),
        ] {
            assert_eq!(address_in(url).as_deref(), address, "{url}");
        }
    }

    #[test]
    fn a_url_where_nobody_listens_is_refused_in_words() {
        let port = free_port().unwrap();
        let refusal = check_reachable(&format!("postgres://127.0.0.1:{port}/x")).unwrap_err();
        assert!(refusal.contains("nothing answers"), "{refusal}");
    }

    #[test]
    fn the_group_of_a_user_is_the_fourth_field() {
        let users = "root:x:0:0::/:/bin/sh\npostgres:x:101:104::/var:/bin/sh\n";
        assert_eq!(group_of(users, "postgres"), "104");
    }
}
