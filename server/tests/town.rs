//! The whole program inside a test's kit: every feature, every reaction, two provinces, and things
//! to point at. The people are test sessions such as `editor|editor|/vn/`.

use areas::AreaId;
use kernel::{
    app::AppRef,
    caller::{Caller, Grant, Person},
    clock::Day,
    db::Statement,
    events::Doing,
    module::Module,
    scope::ScopePath,
};
use testkit::{Kit, KitBuilder};

/// Every feature except the kernel, which a kit has by itself.
pub fn features() -> Vec<Module> {
    nhipcau::modules::modules().into_iter().skip(1).collect()
}

/// The whole program with the provinces of the demonstration and of Quảng Ninh.
pub async fn whole(builder: KitBuilder) -> Kit {
    let kit = builder
        .with(features())
        .reacting(&nhipcau::reactions::reactions())
        .resolving(resolve)
        .start()
        .await;
    areas::reference::load_only(kit.db(), &["19", "22"]).await.expect("the provinces load");
    reporting::actions::catalogue::plant_shipped(kit.db()).await.expect("definitions are planted");
    kit
}

/// Sessions say who they are, `id|role|scope`; the first part is the account's id, so that a test
/// may be a real account.
fn resolve<'a>(app: &'a AppRef, token: &'a str) -> Doing<'a, Option<Caller>> {
    Box::pin(async move {
        let parts: Vec<_> = token.split('|').collect();
        Ok(match parts[..] {
            [id, role, scope] => Some(caller_at(app, id, role, scope)),
            _ => None,
        })
    })
}

/// Somebody with one role over one subtree, now.
pub fn caller_at(app: &AppRef, id: &str, role: &str, scope: &str) -> Caller {
    let person = Person { id: id.to_owned(), name: id.to_owned() };
    let grant = Grant {
        role: role.to_owned(),
        scope: ScopePath::parse(scope).expect("a scope path"),
        from: Day::new(2010, 1, 1).expect("a day"),
        until: Day::FOREVER,
    };
    Caller::person(person, vec![grant], app.now())
}

/// An area's id.
pub fn area(id: &str) -> AreaId {
    AreaId::parse(id).expect("an area's id")
}

/// A statement that is no part of the program: tests look at tables with it.
pub fn statement(text: impl Into<String>) -> &'static Statement {
    let text: &'static str = Box::leak(text.into().into_boxed_str());
    Box::leak(Box::new(Statement { text, file: file!(), line: line!() }))
}

/// One number.
pub async fn number(app: &AppRef, text: &str) -> i64 {
    let asked = statement(text);
    app.db
        .view(async |tx| Ok(tx.one(asked, &[]).await?))
        .await
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// One text.
pub async fn text(app: &AppRef, query: &str) -> String {
    let asked = statement(query);
    app.db
        .view(async |tx| Ok(tx.one(asked, &[]).await?))
        .await
        .unwrap_or_else(|error| panic!("{query}: {error}"))
}
