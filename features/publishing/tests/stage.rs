//! The stage of these tests: a hub of Thái Nguyên with a ministry editor, a second person, and
//! people of another province's making; and a commune's point.

use areas::{Area, AreaId};
use kernel::{caller::Caller, scope::ScopePath};
use publishing::{
    Draft, PublicationId,
    actions::{deciding, deciding::Approval, editing, editing::Begin},
};
use testkit::{Kit, KitBuilder, caller};

/// Mai edits for the whole country.
pub const MAI: &str = "Mai|editor|/vn/";
/// Hùng approves for the whole country.
pub const HUNG: &str = "Hùng|approver|/vn/";

/// A program with areas, identity and publishing, and the places of Thái Nguyên.
pub async fn stage(builder: KitBuilder) -> Kit {
    let modules = [areas::module(), identity::module(), publishing::module()];
    let kit = builder.with(modules).start().await;
    areas::reference::load_only(kit.db(), &["19"]).await.expect("places load");
    kit
}

pub fn mai() -> Caller {
    caller("Mai", "editor", "/vn/")
}

pub fn hung() -> Caller {
    caller("Hùng", "approver", "/vn/")
}

/// Xã Phủ Thông.
pub async fn phu_thong(kit: &Kit) -> Area {
    commune(kit, "01969").await
}

/// A commune of today by its code.
pub async fn commune(kit: &Kit, code: &str) -> Area {
    let today = kit.app.now().day();
    let found = kit.db().view(async |tx| Ok(areas::by_code(tx, code, today).await?)).await;
    found.expect("a query").expect("a commune")
}

/// Another commune of the same province.
pub async fn neighbour(kit: &Kit) -> Area {
    let here = phu_thong(kit).await;
    let today = kit.app.now().day();
    let parent = here.parent.clone().expect("a province");
    let all = kit.db().view(async |tx| Ok(areas::children(tx, &parent, today).await?)).await;
    all.expect("a query").into_iter().find(|area| area.id != here.id).expect("a neighbour")
}

/// Everything a publication needs, aimed at one area.
pub fn draft(area: &Area) -> Draft {
    Draft {
        title: "Hỗ trợ nước sinh hoạt cho hộ nghèo".to_owned(),
        summary: "Mỗi hộ được hỗ trợ 3 triệu đồng.".to_owned(),
        body: "## Ai được hỗ trợ\n\nHộ nghèo ở **thôn, bản** thiếu nước.".to_owned(),
        areas: vec![area.id.to_string()],
        themes: vec!["cdcs".to_owned()],
        languages: vec!["tyz".to_owned(), "vi".to_owned()],
        ..Draft::default()
    }
}

pub async fn begin(kit: &Kit, draft: Draft) -> PublicationId {
    let begin = Begin { home: AreaId::country(), draft };
    editing::begin(kit.db(), &mai(), begin).await.expect("Mai begins")
}

pub async fn submit(kit: &Kit, id: &PublicationId) {
    deciding::submit(kit.db(), &mai(), id).await.expect("Mai submits");
}

/// The newest revision, as the approver's page would carry it.
pub async fn revision(kit: &Kit, id: &PublicationId) -> u32 {
    let page = kit.get(HUNG, &format!("/bien-tap/{id}")).await;
    let after = page.text.split("name=\"revision\" value=\"").nth(1).expect("a revision field");
    after.split('"').next().and_then(|text| text.parse().ok()).expect("a number")
}

pub async fn approve(kit: &Kit, id: &PublicationId) {
    let revision = revision(kit, id).await;
    let approval = Approval { publication: id.clone(), revision, publish_at: None };
    deciding::approve(kit.db(), &kit.app.files, &hung(), &approval).await.expect("Hùng approves");
}

/// From nothing to readers.
pub async fn publish(kit: &Kit, draft: Draft) -> PublicationId {
    let id = begin(kit, draft).await;
    submit(kit, &id).await;
    approve(kit, &id).await;
    id
}

pub async fn article(kit: &Kit, id: &PublicationId) -> Option<publishing::Article> {
    kit.db().view(async |tx| Ok(publishing::article(tx, id).await?)).await.expect("a query")
}

/// Titles of what a place is shown, newest first.
pub async fn titles(kit: &Kit, place: Option<&ScopePath>, text: &str) -> Vec<String> {
    let query = publishing::ListQuery {
        place: place.cloned(),
        text: Some(text.to_owned()),
        ..publishing::ListQuery::default()
    };
    let (rows, count) = kit
        .db()
        .view(async |tx| {
            Ok((publishing::latest(tx, &query).await?, publishing::count(tx, &query).await?))
        })
        .await
        .expect("a query");
    assert_eq!(rows.len(), count, "the list and its count agree");
    rows.into_iter().map(|row| row.title).collect()
}

/// Moves the clock to an instant.
pub fn set_clock(kit: &Kit, at: kernel::clock::Timestamp) {
    kit.clock.advance(at.since(kit.app.now()));
}

/// A page's text with the slashes that templates escape written plainly.
pub fn plain(page: &testkit::Page) -> String {
    page.text.replace("&#x2f;", "/")
}

/// The address of the first file a page of somebody names.
pub async fn first_file(kit: &Kit, session: &str, path: &str) -> String {
    let page = plain(&kit.get(session, path).await);
    let hash = page.split("/tep/").nth(1).and_then(|rest| rest.get(..64));
    hash.expect("a file on the page").to_owned()
}
