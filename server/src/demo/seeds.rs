//! The first publications of the demonstration: four real articles and the decision they speak of,
//! with their sources and dates kept; and the people of the point, who are made up and say so.

use areas::AreaId;
use identity::role;
use kernel::{
    app::{AppRef, NodeRole},
    caller::{Caller, Grant, Person},
    clock::Day,
    events, jobs,
    problem::{Failure, OrMissing, Outcome},
    scope::ScopePath,
};
use publishing::{Document, Draft, PublicationId, Source, actions as desk};

use super::cast::COMMUNE;
use crate::reactions::reactions;

struct Seed {
    text: &'static str,
    sound: Option<&'static [u8]>,
}

macro_rules! seed {
    ($name:literal) => {
        Seed { text: include_str!(concat!("../../demo/", $name, ".md")), sound: None }
    };
    ($name:literal, spoken) => {
        Seed {
            text: include_str!(concat!("../../demo/", $name, ".md")),
            sound: Some(include_bytes!(concat!("../../demo/", $name, ".ogg"))),
        }
    };
}

static SEEDS: &[Seed] = &[
    seed!("kien-giang-ke-hoach-cntt", spoken),
    seed!("van-ban-330-qd-ubdt"),
    seed!("chuyen-doi-so-de-an-330"),
    seed!("chinh-sach-den-ba-con", spoken),
    seed!("bach-thong-ung-dung-cntt", spoken),
];

/// Publishes the seeds through the same desk as everybody: one person writes, another approves.
/// A seed that is published already stays as it is, so that an interrupted start goes on.
pub async fn publish(app: &AppRef) -> Outcome<()> {
    let query = publishing::ListQuery { limit: 1_000, ..publishing::ListQuery::default() };
    let published = app.db.view(async |tx| Ok(publishing::latest(tx, &query).await?)).await?;
    let editor = acting(app, "demo-editor", role::EDITOR, "/vn/")?;
    let approver = acting(app, "demo-approver", role::APPROVER, "/vn/")?;
    for seed in SEEDS {
        let (_, draft) = read(seed.text)?;
        if published.iter().all(|headline| headline.title != draft.title) {
            publish_one(app, &editor, &approver, seed).await?;
        }
    }
    settle(app).await
}

/// Waits until the point's roster has crossed the bridge, but not for ever.
pub async fn wait_for_people(app: &AppRef) -> Outcome<()> {
    let country = [ScopePath::root().child("vn")];
    let audiences = ["prestigious_person".to_owned()];
    for _ in 0..200 {
        let counts = app.db.view(async |tx| reach::census(tx, &country, &audiences).await).await?;
        if counts.iter().any(|count| count.count.is_some()) {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn publish_one(app: &AppRef, editor: &Caller, approver: &Caller, seed: &Seed) -> Outcome<()> {
    let (home, draft) = read(seed.text)?;
    let id = desk::editing::begin(&app.db, editor, desk::editing::Begin { home, draft }).await?;
    if let Some(bytes) = seed.sound {
        let new = desk::uploads::NewSound {
            language: publishing::SOURCE_LANGUAGE.to_owned(),
            voice: "giọng đọc máy, dùng tạm để trình diễn".to_owned(),
            file_name: "doc.ogg".to_owned(),
            bytes: bytes.to_vec(),
        };
        desk::uploads::add_sound(app, editor, &id, new).await?;
    }
    submit_once_heard(app, editor, &id).await?;
    approve(app, approver, &id).await
}

/// Submits when the recording is ready. The hub that runs beside us may have taken the work of
/// preparing it, so it is waited for, not only done; but not for ever.
async fn submit_once_heard(app: &AppRef, editor: &Caller, id: &PublicationId) -> Outcome<()> {
    let is_waiting = |failure: &Failure| {
        let fields = failure.problem().map(|problem| problem.fields.as_slice()).unwrap_or_default();
        fields.iter().any(|field| field.key == "publishing-wrong-sound-waiting")
    };
    for _ in 0..1_200 {
        settle(app).await?;
        match desk::deciding::submit(&app.db, editor, id).await {
            Err(failure) if is_waiting(&failure) => {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            submitted => return submitted,
        }
    }
    Err(Failure::fault("publish a seed", "its recording was not ready in two minutes"))
}

/// Writes an ordinary item for the whole country and submits it.
pub async fn write_and_submit(
    app: &AppRef,
    editor: &Caller,
    title: &str,
    body: &str,
) -> Outcome<PublicationId> {
    let home = AreaId::parse("vn").or_missing(&areas::NOT_FOUND)?;
    let draft = Draft {
        title: title.to_owned(),
        summary: title.to_owned(),
        body: body.to_owned(),
        areas: vec![home.to_string()],
        themes: vec!["cdcs".to_owned()],
        ..Draft::default()
    };
    let id = desk::editing::begin(&app.db, editor, desk::editing::Begin { home, draft }).await?;
    desk::deciding::submit(&app.db, editor, &id).await?;
    Ok(id)
}

/// Approves what was submitted, as it stands.
pub async fn approve(app: &AppRef, approver: &Caller, id: &PublicationId) -> Outcome<()> {
    let revision = app.db.view(async |tx| desk::revision(tx, id).await).await?;
    let approval = desk::deciding::Approval { publication: id.clone(), revision, publish_at: None };
    desk::deciding::approve(&app.db, &app.files, approver, &approval).await
}

/// Runs what follows (sound is transcoded, denominators are frozen) until nothing is due.
async fn settle(app: &AppRef) -> Outcome<()> {
    let reactions = reactions();
    while events::handle_due(&app.db, &reactions).await? > 0 || jobs::run_next(app).await? {}
    Ok(())
}

fn acting(app: &AppRef, id: &str, role: &str, place: &str) -> Outcome<Caller> {
    let scope =
        ScopePath::parse(place).ok_or_else(|| Failure::fault("set the demonstration up", place))?;
    let person = Person { id: id.to_owned(), name: "Dữ liệu mẫu".to_owned() };
    let from =
        Day::new(2020, 1, 1).ok_or_else(|| Failure::fault("set the demonstration up", "a day"))?;
    let grant = Grant { role: role.to_owned(), scope, from, until: Day::FOREVER };
    Ok(Caller::person(person, vec![grant], app.now()))
}

/// Reads a seed file: `key: value` lines, an empty line, Markdown.
fn read(text: &str) -> Outcome<(AreaId, Draft)> {
    let (head, body) =
        text.split_once("\n\n").ok_or_else(|| Failure::fault("read a seed", "no body"))?;
    let value = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default().to_owned()
    };
    let list = |name: &str| {
        let value = value(name);
        value.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let home = AreaId::parse(&value("area")).or_missing(&areas::NOT_FOUND)?;
    let author = value("author");
    let source = value("source");
    let draft = Draft {
        kind: value("kind"),
        title: value("title"),
        summary: value("summary"),
        body: body.trim().to_owned(),
        areas: vec![home.to_string()],
        themes: list("theme"),
        audiences: list("audiences"),
        source: Source {
            name: if author.is_empty() { source } else { format!("{author}, {source}") },
            url: String::new(),
            date: Day::parse(&value("source_date")),
        },
        document: Document {
            number: value("number"),
            authority: value("issuer"),
            issued: Day::parse(&value("issued")),
            effective: None,
            subject: if value("number").is_empty() { String::new() } else { value("summary") },
        },
        ..Draft::default()
    };
    Ok((home, draft))
}

struct SeedVillage {
    name: &'static str,
    people: i64,
    households: i64,
    persons: &'static [&'static str],
}

/// Villages and people for trying things out. The names of people and all numbers are made up.
static VILLAGES: &[SeedVillage] = &[
    SeedVillage {
        name: "Nam Lanh",
        people: 212,
        households: 51,
        persons: &["Hoàng Văn Thụ", "Nông Thị Mến"],
    },
    SeedVillage {
        name: "Cao Lộc", people: 187, households: 44, persons: &["Triệu Đức Vượng"]
    },
    SeedVillage { name: "Nà Ít", people: 243, households: 60, persons: &["Lý Văn Páo"] },
    SeedVillage {
        name: "Địa Cát", people: 158, households: 39, persons: &["Bàn Thị Liên"]
    },
    SeedVillage { name: "Bó Lịn", people: 0, households: 0, persons: &["Dương Văn Khoa"] },
];

/// Gives the point its villages and its roster, once.
pub async fn settle_point(app: &AppRef) -> Outcome<()> {
    let officer = acting(app, "demo-officer", role::COMMUNE_OFFICER, COMMUNE)?;
    let commune = AreaId::parse("01969.2025").or_missing(&areas::NOT_FOUND)?;
    let known = app.db.view(async |tx| Ok(areas::villages_of(tx, &commune).await?)).await?;
    if !known.is_empty() {
        return Ok(());
    }
    for village in VILLAGES {
        settle_village(app, &officer, &commune, village).await?;
    }
    settle(app).await
}

async fn settle_village(
    app: &AppRef,
    officer: &Caller,
    commune: &AreaId,
    village: &SeedVillage,
) -> Outcome<()> {
    let today = app.now().day().iso();
    let new = areas::actions::NewVillage {
        commune: commune.clone(),
        name: village.name.to_owned(),
        kind: Some(areas::AreaType::Thon),
    };
    let id = areas::actions::add_village(&app.db, NodeRole::Point, officer, new).await?;
    // One village has no count yet: unknown is shown as unknown.
    if village.people > 0 {
        let count = areas::actions::NewPopulation {
            area: id.clone(),
            people: Some(village.people),
            households: Some(village.households),
            on: Some(app.now().day()),
            source: "số liệu mẫu để trình diễn".to_owned(),
        };
        areas::actions::record_population(&app.db, NodeRole::Point, officer, count).await?;
    }
    for name in village.persons {
        let draft = reach::model::person::PersonDraft {
            name: (*name).to_owned(),
            village: id.to_string(),
            from: today.clone(),
            reads_vietnamese: true,
            languages: vec!["vi".to_owned(), "tyz".to_owned()],
            consents: vec![reach::model::person::CONSENT_RECEIPTS.to_owned()],
            ..reach::model::person::PersonDraft::default()
        };
        reach::actions::add_person(&app.db, NodeRole::Point, officer, commune, &draft).await?;
    }
    Ok(())
}
