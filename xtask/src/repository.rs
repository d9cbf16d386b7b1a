//! Where the checkout is and which files belong to it. What the files must look like is the
//! business of `tidy`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that never belong to the sources, for a checkout without git (a downloaded archive).
const NOT_SOURCES: [&str; 3] = [".git", "target", "data"];

/// The root of the workspace: the nearest folder at or above the current one whose `Cargo.toml`
/// has a `[workspace]` table.
///
/// # Errors
/// The command was started outside a checkout.
pub fn root() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|fault| format!("no current folder: {fault}"))?;
    here.ancestors()
        .find(|folder| is_workspace(folder))
        .map(Path::to_path_buf)
        .ok_or_else(|| format!("{} is not inside a checkout of this repository", here.display()))
}

fn is_workspace(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("Cargo.toml"))
        .is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
}

/// Every file that is, or is about to be, part of the repository: relative to `root`, with `/`
/// between folders, sorted. Ignored files are left out.
///
/// # Errors
/// The folder cannot be read.
pub fn files(root: &Path) -> Result<Vec<String>, String> {
    let mut files = match files_by_git(root) {
        Some(files) => files,
        None => files_by_walking(root)?,
    };
    files.retain(|path| root.join(path).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

fn files_by_git(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

fn files_by_walking(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(root.join(&folder))
            .map_err(|fault| format!("cannot read the folder {folder}: {fault}"))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if NOT_SOURCES.contains(&name.as_str()) {
                continue;
            }
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() => found.push(path),
                _ => {}
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_listing_find_this_very_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let me = "xtask/src/repository.rs".to_owned();
        assert!(files(&root).unwrap().contains(&me));
        assert!(files_by_walking(&root).unwrap().contains(&me));
    }
}
