//! SQL stands in the store rooms, and a feature's SQL names only tables of that feature. The server,
//! which keeps the house, may ask after the kernel's own tables.
//! Which migrations exist and what columns they may have is the business of `migrations.rs`.

use super::rooms::room_of;
use super::rust_source::{RustSource, closing, places_of};
use super::sql_text::{looks_like_sql, own_names, tables};
use super::tree::{feature_of, line_at};
use super::{Report, Tree};

/// A crate that has tables.
struct Owner<'a> {
    name: &'a str,
    /// Names its statements give to parts of themselves (`with x as …`), wherever they stand: a macro
    /// may hold the part, and another file the statement that uses it.
    with_names: Vec<String>,
    features: Vec<&'a str>,
}

impl<'a> Owner<'a> {
    fn of(tree: &'a Tree, name: &'a str) -> Owner<'a> {
        let folders = [format!("features/{name}/src/"), format!("{name}/src/")];
        let mut with_names = Vec::new();
        for (path, text) in tree.texts_ending(".rs") {
            if folders.iter().any(|folder| path.starts_with(folder)) {
                let strings = RustSource::read(text).strings;
                with_names.extend(strings.iter().flat_map(|piece| own_names(&piece.text)));
            }
        }
        Owner { name, with_names, features: tree.features() }
    }

    /// Why this crate may not name a table, or nothing when it may.
    fn objection(&self, table: &str) -> Option<String> {
        let prefixed = |owner: &str| table.starts_with(&format!("{owner}_"));
        if self.with_names.iter().any(|name| name == table) || prefixed(self.name) {
            return None;
        }
        match self.name {
            "kernel" if self.features.iter().any(|feature| prefixed(feature)) => {
                Some("the kernel knows no feature: let the feature's own store ask".to_owned())
            }
            "kernel" => None,
            "server" if prefixed("kernel") => None,
            name => Some(format!(
                "SQL names only tables that begin with {name}_; ask the other feature at its front \
                 door, or keep a copy of what you need, fed by its events"
            )),
        }
    }
}

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    let crates = tree.features().into_iter().chain(["kernel", "server"]);
    let owners: Vec<Owner<'_>> = crates.map(|name| Owner::of(tree, name)).collect();
    let owner = |name: &str| owners.iter().find(|owner| owner.name == name);
    for (path, text) in tree.texts_ending(".rs") {
        let kernel = path.starts_with("kernel/src/");
        let server = path.starts_with("server/src/");
        let feature = feature_of(path);
        let in_sources = feature.is_some_and(|(_, inside)| inside.starts_with("src/"));
        if !(kernel || server || in_sources) {
            continue;
        }
        let name = feature.map_or(if kernel { "kernel" } else { "server" }, |(name, _)| name);
        let Some(owner) = owner(name) else { continue };
        let source = RustSource::read(text);
        check_statements(report, path, owner, &source);
        let in_store = feature.and_then(|(_, inside)| room_of(inside)) == Some("store");
        if !kernel && !server && !in_store {
            check_outside_store(report, path, &source);
        }
    }
    for (path, text) in tree.texts_ending(".sql") {
        if let Some(owner) = owner_of_migration(path).and_then(owner) {
            report.count();
            check_tables(report, path, None, owner, text);
        }
    }
}

/// The crate whose migration this is.
pub fn owner_of_migration(path: &str) -> Option<&str> {
    let (folder, _) = path.split_once("/migrations/")?;
    folder.rsplit('/').next()
}

fn check_statements(report: &mut Report, path: &str, owner: &Owner<'_>, source: &RustSource) {
    let registered = statements(&source.code);
    let mut texts: Vec<(usize, String)> = registered
        .iter()
        .map(|(start, end)| {
            let pieces = source.strings_between(*start, *end).map(|piece| piece.text.as_str());
            (*start, pieces.collect::<Vec<_>>().join(" "))
        })
        .collect();
    // Heads of bulk inserts and the like are statements too, without the macro around them.
    let inside =
        |offset: usize| registered.iter().any(|(start, end)| (*start..*end).contains(&offset));
    for piece in &source.strings {
        if !inside(piece.offset) && looks_like_sql(&piece.text) {
            texts.push((piece.offset, piece.text.clone()));
        }
    }
    for (offset, text) in texts {
        report.count();
        check_tables(report, path, Some(line_at(&source.code, offset)), owner, &text);
    }
}

/// Where each `sql!(…)` begins and ends.
fn statements(code: &str) -> Vec<(usize, usize)> {
    let calls = places_of(code, "sql").into_iter().filter_map(|start| {
        let open = start + "sql!".len();
        let called = code[start..].starts_with("sql!(") || code[start..].starts_with("sql![");
        called.then(|| closing(code, open).map(|close| (start, close))).flatten()
    });
    calls.collect()
}

fn check_tables(
    report: &mut Report,
    path: &str,
    line: Option<usize>,
    owner: &Owner<'_>,
    sql: &str,
) {
    for table in tables(sql) {
        if let Some(instead) = owner.objection(&table) {
            let name = owner.name;
            report.fail(path, line, format!("{name} names the table {table}"), instead);
        }
    }
}

fn check_outside_store(report: &mut Report, path: &str, source: &RustSource) {
    const INSTEAD: &str = "write a function in the feature's store and call it from here";
    let mut lines = Vec::new();
    for (start, _) in statements(&source.code) {
        lines.push(line_at(&source.code, start));
    }
    for piece in &source.strings {
        if looks_like_sql(&piece.text) {
            lines.push(line_at(&source.code, piece.offset));
        }
    }
    for offset in places_of(&source.code, "sqlx") {
        lines.push(line_at(&source.code, offset));
    }
    lines.sort_unstable();
    lines.dedup();
    for line in lines {
        report.fail(path, Some(line), "SQL outside a store room", INSTEAD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(path: &str, text: &str) -> Vec<String> {
        let tree = Tree::of(&[(path, text), ("features/areas/x", ""), ("features/reach/x", "")]);
        let mut report = Report::default();
        check(&tree, &mut report);
        report.failures.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_store_may_name_its_own_tables_only() {
        let path = "features/areas/src/store/units.rs";
        assert!(failures(path, "sql!(\"select id from areas_units\")").is_empty());
        assert_eq!(
            failures(path, "tx.run(sql!(\n\"select 1 from areas_units join reach_receipts r\"))"),
            ["areas names the table reach_receipts"]
        );
        assert_eq!(
            failures(
                path,
                "tx.insert_many(\"insert into reach_receipts (id) values\", \"\", &rows)"
            ),
            ["areas names the table reach_receipts"]
        );
        assert_eq!(
            failures("features/areas/migrations/0001_x.sql", "create table units (id text);"),
            ["areas names the table units"]
        );
    }

    #[test]
    fn a_part_that_a_macro_names_is_no_table() {
        let text = "macro_rules! held { ($s:literal) => { concat!(\"with held (a) as (select 1) \", $s) } }\n\
                    f(sql!(held!(\"select 1 from held, areas_units\")))";
        assert!(failures("features/areas/src/store.rs", text).is_empty());
    }

    #[test]
    fn sql_lives_in_store_rooms() {
        let statement = "sql!(\"select id from areas_units\")";
        assert_eq!(
            failures("features/areas/src/actions.rs", statement),
            ["SQL outside a store room"]
        );
        let hidden = "let s = \"delete from areas_units\"; sqlx::query(s);";
        assert_eq!(failures("features/areas/src/pages.rs", hidden), ["SQL outside a store room"]);
        let words = "// select x from y\nlet s = \"Select one from the list.\";";
        assert!(failures("features/areas/src/pages.rs", words).is_empty());
        assert!(failures("features/areas/tests/store.rs", statement).is_empty());
    }

    #[test]
    fn the_server_asks_after_the_kernels_tables_only() {
        let path = "server/src/doctor.rs";
        assert!(failures(path, "sql!(\"select 1 from kernel_jobs\")").is_empty());
        assert_eq!(
            failures(path, "sql!(\"select 1 from areas_units\")"),
            ["server names the table areas_units"]
        );
    }

    #[test]
    fn the_kernel_names_no_table_of_a_feature() {
        let path = "kernel/src/db/x.rs";
        assert!(failures(path, "sql!(\"select 1 from kernel_jobs\")").is_empty());
        assert_eq!(
            failures(path, "sql!(\"select 1 from areas_units\")"),
            ["kernel names the table areas_units"]
        );
    }
}
