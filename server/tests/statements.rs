//! Every statement of the program is understood by both engines, against the schema as it is.

use std::collections::BTreeSet;

use kernel::db::STATEMENTS;

use crate::town;

testkit::on_both_engines! {
    async fn every_statement_is_understood(builder: KitBuilder) {
        let kit = builder.with(town::features()).start().await;
        let houses: BTreeSet<&str> =
            STATEMENTS.iter().filter_map(|statement| house_of(statement.file)).collect();
        for house in ["areas", "identity", "publishing", "reach", "delivery", "portal", "kernel"] {
            assert!(houses.contains(house), "no statement of {house} was linked in: {houses:?}");
        }
        assert!(STATEMENTS.len() > 100, "only {} statements were linked in", STATEMENTS.len());
        let mut refused = Vec::new();
        for statement in STATEMENTS {
            if let Err(error) = kit.db().prepare(statement.text).await {
                refused.push(format!("{}:{}: {error}\n  {}", statement.file, statement.line, statement.text));
            }
        }
        assert!(refused.is_empty(), "{} refused:\n{}", refused.len(), refused.join("\n"));
    }
}

/// `features/reach/src/…` is of `reach`.
fn house_of(file: &'static str) -> Option<&'static str> {
    let folder = file.split("/src/").next()?;
    folder.rsplit('/').next()
}
