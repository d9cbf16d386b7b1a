//! Phones that report: forms of which something waits for a person (seen, recorded once the report is open again,
//! or set aside), and the keys of one's own phones.

mod keys;

use kernel::{
    app::AppRef,
    axum::{
        Router,
        routing::{get, post},
    },
    problem::Outcome,
    web::{Answer, FieldError, Posted, Sample, Template, Visit},
};
use serde::Serialize;

use super::entry;
use crate::{
    actions::{
        catalogue::{self, Catalogue},
        openrosa::{self, Left, Waiting},
    },
    model::{CellKey, Period},
};

/// The page.
const PHONES: Template<Phones> = Template::new("reporting/phones.html");
const HERE: &str = "/bao-cao/tu-dien-thoai";

/// Its addresses.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao/tu-dien-thoai", get(show).post(settle))
        .route("/bao-cao/tu-dien-thoai/ma", post(keys::make))
        .route("/bao-cao/tu-dien-thoai/ma/{key}/thu-hoi", post(keys::end))
}

/// What it shows.
#[derive(Clone, Debug, Default, Serialize)]
struct Phones {
    list: Vec<Line>,
    /// The keys of one's own phones.
    keys: Vec<keys::KeyLine>,
    /// What was typed as the name of a phone.
    name: String,
    errors: Vec<FieldError>,
}

/// An instance.
#[derive(Clone, Debug, Default, Serialize)]
struct Line {
    instance: String,
    title: String,
    area: String,
    period: String,
    href: String,
    by: String,
    at: String,
    /// True when nothing of it was written.
    whole: bool,
    left: Vec<String>,
}

async fn show(visit: Visit) -> Answer {
    let page = view(&visit).await?;
    visit.page(&PHONES, &page)
}

async fn view(visit: &Visit) -> Outcome<Phones> {
    let all = openrosa::waiting(&visit.app, &visit.caller).await?;
    let catalogue = catalogue::current(&visit.app).await?;
    let names = visit
        .app
        .db
        .view(async |tx| Ok(areas::find_many(tx, all.iter().map(|one| &one.which.area)).await?))
        .await?;
    let list = all.iter().map(|one| {
        let area = names.get(&one.which.area).map(areas::Area::title).unwrap_or_default();
        line(visit, &catalogue, one, area)
    });
    let keys = keys::own(visit).await?;
    Ok(Phones { list: list.collect(), keys, ..Phones::default() })
}

fn line(visit: &Visit, catalogue: &Catalogue, one: &Waiting, area: String) -> Line {
    let period = Period::parse(&one.which.period).map(|period| period.label(visit.lang()));
    let title = catalogue.datasets.get(&one.which.dataset).map(|dataset| dataset.title.clone());
    let left = one.left.iter().map(|left| {
        let what = named(catalogue, one, &left.what);
        openrosa::left_words(|key, args| visit.say(key, args), &[Left { what, ..left.clone() }])
    });
    Line {
        instance: one.instance.instance.clone(),
        title: title.unwrap_or_default(),
        area,
        period: period.unwrap_or_default(),
        href: entry::href(&one.which),
        by: one.instance.by_name.clone(),
        at: one.instance.at.short(),
        whole: one.whole,
        left: left.collect(),
    }
}

/// What a cell or a section is called.
fn named(catalogue: &Catalogue, one: &Waiting, what: &str) -> String {
    let form = catalogue.form_of(&one.which.dataset, one.instance.form_version).ok();
    let section = form.and_then(|form| form.sections.iter().find(|section| section.code == what));
    if let Some(section) = section {
        return section.title.clone();
    }
    let key = CellKey::parse(what);
    let element = key.as_ref().and_then(|key| catalogue.elements.get(&key.element));
    match (key, element) {
        (Some(key), Some(element)) => {
            let options = key.coords.iter().filter_map(|(dimension, option)| {
                Some(catalogue.dimensions.get(dimension)?.option(option)?.name.clone())
            });
            std::iter::once(element.name.clone()).chain(options).collect::<Vec<_>>().join(" – ")
        }
        _ => what.to_owned(),
    }
}

async fn settle(visit: Visit, Posted { fields }: Posted) -> Answer {
    let instance = fields.raw("instance");
    if fields.has("apply") {
        let which = openrosa::apply_again(&visit.app, &visit.caller, instance).await?;
        return visit.done(&entry::href(&which), "reporting-phones-applied");
    }
    openrosa::set_aside(&visit.app, &visit.caller, instance).await?;
    visit.done(HERE, "reporting-phones-set-aside")
}

/// The page with what it must survive.
pub(super) fn samples() -> Vec<Sample> {
    let hostile = "<script>alert(1)</script> & \"Xã Phủ Thông\"";
    let line = Line {
        instance: "uuid:1".to_owned(),
        title: hostile.to_owned(),
        area: hostile.to_owned(),
        period: "Quý IV năm 2026".to_owned(),
        href: "/bao-cao/a/b/c/chinh-thuc".to_owned(),
        by: hostile.to_owned(),
        at: "10:00 22/11/2026".to_owned(),
        whole: true,
        left: vec![hostile.to_owned(), "Báo cáo đã khóa".to_owned()],
    };
    let part = Line { whole: false, ..line.clone() };
    let keys = keys::sample_lines(hostile);
    let full =
        Phones { list: vec![line, part], keys, name: hostile.to_owned(), errors: Vec::new() };
    let mut all = vec![PHONES.sample(&full), PHONES.sample(&Phones::default())];
    all.extend(keys::samples(hostile));
    all
}
