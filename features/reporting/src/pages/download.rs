//! Figures and reports as files: a whole data set below an area as CSV, JSON, Parquet, XLSX or ODS, and one report
//! as an administrative document (DOCX, PDF).

mod figures;
pub mod samples;

use areas::AreaLevel;
use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::{Path, Query},
        routing::get,
    },
    clock::Day,
    locale::Lang,
    problem::{Failure, OrMissing, Outcome},
    web::{Answer, FieldError, Fields, Template, Visit},
};
use serde::Serialize;

use super::{
    paper::{self, Said},
    parameters,
    place::{self, Asked},
    workbook::{Named, which},
};
use crate::{
    actions::{
        SEE,
        catalogue::{self, Catalogue},
        download,
        exchange_xlsx::{self, Opened},
    },
    model::{
        Dataset, DatasetId, Life, Period,
        document::{self, Format, Letter},
        file_kind::FileKind,
    },
};

const PDF: &str = "application/pdf";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// The form to choose what is downloaded.
pub const FORM: Template<Form> = Template::new("reporting/download.html");

pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/so-lieu/tai", get(data))
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/bao-cao.docx", get(letter))
        .route("/bao-cao/{dataset}/{period}/{area}/{life}/bao-cao.pdf", get(printed))
}

/// What the form shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Form {
    /// Data sets.
    pub datasets: Vec<Choice>,
    /// The one that is chosen; empty before.
    pub dataset: String,
    /// What it is called.
    pub title: String,
    /// Its last periods, once it is chosen.
    pub periods: Vec<Choice>,
    /// The one that is chosen.
    pub period: String,
    /// True when its figures have two lives.
    pub estimated: bool,
    /// Estimated or final.
    pub life: String,
    /// The kind of file.
    pub format: String,
    /// The area.
    pub(crate) area: Asked,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// Something to choose.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Choice {
    /// Sent.
    pub value: String,
    /// Shown.
    pub label: String,
}

/// `GET /so-lieu/tai?bieu=&ky=&loai=&dia-ban=&dang=csv|csv-chuan|json|parquet|xlsx|ods`; without a period, the form.
/// The area is named as people do, or by its id.
pub async fn data(visit: Visit, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    visit.caller.must_somewhere(&SEE)?;
    let catalogue = catalogue::current(&visit.app).await?;
    let fields = Fields::from_pairs(pairs);
    if !fields.has("ky") {
        let area = place::own(&visit, &SEE).await?;
        return visit.page(&FORM, &Form { area, ..form(&visit, &catalogue, &fields) });
    }
    if !fields.has("bieu") {
        return Err(parameters::missing("bieu"));
    }
    let refused = parameters::wrong;
    let dataset = fields.line("bieu");
    let dataset = DatasetId::parse(&dataset).ok_or_else(|| refused("bieu", &dataset))?;
    let life = match fields.line("loai").as_str() {
        "" | "chinh-thuc" => Life::Final,
        "uoc" => Life::Estimate,
        other => return Err(refused("loai", other)),
    };
    let (asked, found) = place::find(&visit, &fields, "dia-ban", &SEE).await;
    let area = match found {
        Ok(area) => area.id,
        Err(failure) => {
            let form = form(&visit, &catalogue, &fields);
            return visit.form_again(failure, &FORM, |errors| Form { area: asked, errors, ..form });
        }
    };
    let which = (&dataset, fields.raw("ky"), &area, life);
    let wanted = download::wanted(&visit.app, &visit.caller, &catalogue, which).await?;
    let name = format!("{dataset}-{}-{area}", wanted.about.period.id());
    figures::sent(&visit, catalogue, wanted, fields.raw("dang"), &name).await
}

fn form(visit: &Visit, catalogue: &Catalogue, fields: &Fields) -> Form {
    let chosen = DatasetId::parse(&fields.line("bieu"));
    let chosen = chosen.and_then(|code| catalogue.datasets.get(&code));
    let choice = |period: Period| Choice {
        value: period.id().to_owned(),
        label: period.label(visit.lang()),
    };
    let periods = chosen.map_or_else(Vec::new, |one| periods(one, visit.app.now().day()));
    Form {
        datasets: catalogue
            .datasets
            .values()
            .map(|one| Choice { value: one.code.to_string(), label: one.title.clone() })
            .collect(),
        dataset: chosen.map(|dataset| dataset.code.to_string()).unwrap_or_default(),
        title: chosen.map(|dataset| dataset.title.clone()).unwrap_or_default(),
        periods: periods.into_iter().map(choice).collect(),
        period: fields.line("ky"),
        estimated: chosen.is_some_and(|dataset| dataset.estimated),
        life: fields.line("loai"),
        format: fields.line("dang"),
        ..Form::default()
    }
}

/// The last periods of a data set, the latest first; a campaign has one.
fn periods(dataset: &Dataset, today: Day) -> Vec<Period> {
    if let Some(campaign) = dataset.campaign() {
        return vec![campaign];
    }
    let now = dataset.period_on(today);
    let mut last = now.map_or_else(Vec::new, |now| now.last_n(8));
    last.reverse();
    last
}

/// `GET /bao-cao/{dataset}/{period}/{area}/{life}/bao-cao.docx`
pub async fn letter(visit: Visit, Path(named): Path<Named>) -> Answer {
    document(&visit, &named, Format::Docx).await
}

/// `GET /bao-cao/{dataset}/{period}/{area}/{life}/bao-cao.pdf`
pub async fn printed(visit: Visit, Path(named): Path<Named>) -> Answer {
    document(&visit, &named, Format::Pdf).await
}

async fn document(visit: &Visit, named: &Named, format: Format) -> Answer {
    let which = which(named)?;
    let opened = exchange_xlsx::open(&visit.app, &visit.caller, &which).await?;
    // Documents of the state are in Vietnamese, whatever their reader reads.
    let said = paper::said(&visit.app, Lang::Vi, opened.sheet.submission.as_ref()).await?;
    let letter = letter_of(&opened, &said)?;
    let written = tokio::task::spawn_blocking(move || {
        let bytes = document::write(&opened.report()?, &letter, format);
        bytes.map_err(|error| Failure::fault("write a document", error))
    });
    let bytes = written.await.map_err(|error| Failure::fault("write a document", error))??;
    let (kind, ending) = kind(format);
    super::private_file(visit, kind, Some(exchange_xlsx::file_name(&which, ending)), bytes)
}

/// What a document is called among files, and how its name ends.
pub(super) fn kind(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Docx => (DOCX, "docx"),
        Format::Pdf => (PDF, "pdf"),
        Format::Xlsx => (FileKind::Xlsx.media_type(), "xlsx"),
    }
}

/// The document, with the files that belong to it.
fn letter_of(opened: &Opened, said: &Said) -> Outcome<Letter> {
    let dataset =
        DatasetId::parse(&opened.stamp.dataset).or_missing(&crate::actions::DATASET_NOT_FOUND)?;
    let tier = opened.catalogue.dataset(&dataset)?.tier;
    let province = opened.above.iter().find(|one| one.level == AreaLevel::Province);
    let enclosures = paper::enclosures(opened.form()?, &opened.sheet);
    Ok(Letter { enclosures, ..paper::letter(tier, &opened.sheet, province, said) })
}
