//! The checkout as the rules see it: paths and texts in memory, so that a rule's own tests can
//! build a tree of three lines.

use std::collections::BTreeMap;
use std::path::Path;

/// Files by path (relative, `/` between folders). A file that is not text has no text.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Reads a checkout.
    ///
    /// # Errors
    /// The folder, or a file in it, cannot be read.
    pub fn read(root: &Path) -> Result<Tree, String> {
        let mut tree = Tree::default();
        for path in crate::repository::files(root)? {
            let bytes = std::fs::read(root.join(&path))
                .map_err(|fault| format!("cannot read {path}: {fault}"))?;
            tree.files.insert(path, String::from_utf8(bytes).ok());
        }
        Ok(tree)
    }

    /// A tree made by hand.
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned())));
        Tree { files: files.collect() }
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Whether a file, or a folder with at least one file in it, has this path.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.files.contains_key(path) || self.has_folder(path)
    }

    /// Whether a folder with at least one file in it has this path.
    pub fn has_folder(&self, path: &str) -> bool {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        self.files.range(prefix.clone()..).next().is_some_and(|(file, _)| file.starts_with(&prefix))
    }

    /// Every path, text or not.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Every text file with its text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// Every text file whose name ends with one of these endings.
    pub fn texts_ending(&self, ending: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.ends_with(ending))
    }

    /// The names of the folders directly under `features/`.
    pub fn features(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .paths()
            .filter_map(|path| path.strip_prefix("features/")?.split_once('/'))
            .map(|(name, _)| name)
            .collect();
        names.dedup();
        names
    }
}

/// The feature a path belongs to, and the rest of the path inside it.
pub fn feature_of(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("features/")?.split_once('/')
}

/// The line, counted from 1, on which the byte at `offset` stands.
pub fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_exist_because_of_what_is_in_them() {
        let tree = Tree::of(&[("features/areas/src/lib.rs", ""), ("features/reach/x", "")]);
        assert!(tree.has("features/areas/src") && tree.has("features/areas/src/lib.rs"));
        assert!(!tree.has("features/are") && !tree.has("kernel"));
        assert_eq!(tree.features(), ["areas", "reach"]);
        assert_eq!(feature_of("features/areas/src/lib.rs"), Some(("areas", "src/lib.rs")));
    }
}
