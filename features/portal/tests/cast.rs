//! What the stories share: a node in xã Phủ Thông, an editor and an approver, publications with sound.

use areas::AreaId;
use kernel::{
    app::AppRef,
    caller::Caller,
    clock::Day,
    db::Tx,
    events::{Doing, Reaction},
    problem::{CONFLICT, Outcome},
    reaction,
    scope::ScopePath,
    sql,
};
use publishing::{
    Draft, PublicationId, Published, Source,
    actions::{
        deciding::{self, Approval},
        editing::{self, Begin, Save, Saved},
        uploads::{self, NewSound},
    },
};
use testkit::{Kit, KitBuilder, Page};

/// xã Phủ Thông, tỉnh Thái Nguyên.
pub const COMMUNE: &str = "01969.2025";
const PATH: &str = "/vn/19.2025/01969.2025/";

/// A short recording: any Ogg/Opus will do.
pub static SPEECH: &[u8] = include_bytes!("../assets/voice/vi/chinh-sach.ogg");

async fn freeze(tx: &mut Tx, Published(published): Published) -> Outcome<()> {
    let new = reach::NewPublication {
        id: published.publication.to_string(),
        version: published.version,
        title: published.title,
        themes: published.themes,
        audiences: published.audiences,
        languages: published.languages,
        areas: published.areas,
        at: published.at,
    };
    reach::actions::freeze(tx, new).await
}

fn reactions() -> Vec<Reaction> {
    vec![reaction!(Published, "reach freezes the denominators", freeze)]
}

fn own_place(_: &AppRef) -> Doing<'_, Option<ScopePath>> {
    Box::pin(async { Ok(ScopePath::parse(PATH)) })
}

/// Heard the hub until three hours ago.
fn cut_road(app: &AppRef) -> Doing<'_, Option<portal::RoadWords>> {
    Box::pin(async {
        let since = Some(app.now().plus_seconds(-3 * 3600 - 60));
        Ok(Some(portal::RoadWords { last_contact: since, offline_since: since }))
    })
}

fn with_modules(builder: KitBuilder) -> KitBuilder {
    builder
        .with([
            areas::module(),
            identity::module(),
            publishing::module(),
            reach::module(),
            portal::module(),
        ])
        .reacting(&reactions())
        .offering(portal::Counters::default())
}

/// The country's hub.
pub async fn hub(builder: KitBuilder) -> Kit {
    loaded(with_modules(builder).start().await).await
}

/// The point of xã Phủ Thông, whose road has been cut for three hours.
pub async fn point(builder: KitBuilder) -> Kit {
    let builder = with_modules(builder).point(7);
    loaded(
        builder.offering(portal::Place(own_place)).offering(portal::Road(cut_road)).start().await,
    )
    .await
}

async fn loaded(kit: Kit) -> Kit {
    areas::reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
    kit
}

/// A draft that is ready to be approved.
pub fn draft(title: &str, theme: &str) -> Draft {
    Draft {
        title: title.to_owned(),
        summary: format!("Tóm tắt: {title}"),
        body: "Đoạn thứ nhất.\n\n## Ai được hỗ trợ\n\nĐoạn thứ hai.".to_owned(),
        areas: vec![COMMUNE.to_owned()],
        themes: vec![theme.to_owned()],
        source: Source {
            name: "Mặt trận".to_owned(),
            url: "https://example.vn/a?b=1&c=2".to_owned(),
            date: Day::new(2023, 5, 20),
        },
        ..Draft::default()
    }
}

fn editor() -> Caller {
    testkit::caller("Mai", "editor", "/")
}

fn approver() -> Caller {
    testkit::caller("Bình", "approver", "/")
}

/// Writes, gives it voices, has it approved by a second person, and lets the reactions run.
pub async fn publish(kit: &Kit, draft: Draft, voices: &[&str]) -> PublicationId {
    let home = AreaId::parse(COMMUNE).expect("an id");
    let mut draft = draft;
    for tag in voices {
        if !draft.languages.iter().any(|known| known == tag) {
            draft.languages.push((*tag).to_owned());
        }
    }
    let id = editing::begin(kit.db(), &editor(), Begin { home, draft }).await.expect("it is begun");
    record_and_release(kit, &id, voices).await;
    id
}

async fn record_and_release(kit: &Kit, id: &PublicationId, voices: &[&str]) {
    for language in voices {
        let sound = NewSound {
            language: (*language).to_owned(),
            voice: "Bà Lan, thôn Nà Pái".to_owned(),
            file_name: "bai.ogg".to_owned(),
            bytes: SPEECH.to_vec(),
        };
        uploads::add_sound(&kit.app, &editor(), id, sound).await.expect("the recording is taken");
    }
    kit.settle().await;
    deciding::submit_with(kit.db(), &editor(), id, true).await.expect("it is submitted");
    approve(kit, id).await;
    kit.settle().await;
    kit.clock.advance(1000);
}

/// Corrects what is public: another text, and only these voices read it anew.
pub async fn correct(kit: &Kit, id: &PublicationId, draft: Draft, voices: &[&str]) {
    editing::correct(kit.db(), &editor(), id).await.expect("a correction is begun");
    let save = Save { publication: id.clone(), base_revision: 1, draft, uses: None };
    let saved = editing::save(kit.db(), &editor(), save).await.expect("it is saved");
    assert!(matches!(saved, Saved::Done { .. }), "{saved:?}");
    record_and_release(kit, id, voices).await;
}

/// The approver reads the revision that is there; here it is found by trying.
async fn approve(kit: &Kit, id: &PublicationId) {
    for revision in 0..40 {
        let approval = Approval { publication: id.clone(), revision, publish_at: None };
        match deciding::approve_with(kit.db(), &kit.app.files, &approver(), &approval, true).await {
            Ok(()) => return,
            Err(failure) if failure.is(&CONFLICT) => {}
            Err(failure) => panic!("approving: {failure}"),
        }
    }
    panic!("no revision fits");
}

/// Takes a publication back.
pub async fn withdraw(kit: &Kit, id: &PublicationId) {
    deciding::withdraw(kit.db(), &approver(), id, "Sai số liệu").await.expect("it is withdrawn");
    kit.settle().await;
}

/// The rungs that evidence of a publication stands on, as `channel:rung`, sorted.
pub async fn evidence(kit: &Kit, id: &PublicationId) -> Vec<String> {
    kit.db()
        .view(async |tx| {
            Ok(tx
                .all(
                    sql!("select channel || ':' || rung as value from reach_receipts where publication = $1 \
                          order by channel, rung"),
                    &[id.into()],
                )
                .await?)
        })
        .await
        .expect("the receipts are read")
}

/// A page's text with the slashes that templates escape.
pub fn html(page: &Page) -> String {
    page.text.replace("&#x2f;", "/").replace("&amp;", "&")
}

/// Every `href`, `src` or `action` on a page that stays on this site, without its fragment.
pub fn links(page: &Page, attribute: &str) -> Vec<String> {
    let text = html(page);
    let start = format!(" {attribute}=\"");
    let found = text.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next());
    let own = found.filter(|href| href.starts_with('/'));
    own.map(|href| href.split('#').next().unwrap_or_default().to_owned()).collect()
}
