//! Figures and reports as files: a whole data set below an area as CSV, JSON, Parquet, XLSX or ODS, and one report
//! as an administrative document (DOCX, PDF).

mod figures;
pub mod samples;

use areas::{AreaId, AreaLevel};
use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::{Path, Query},
        routing::get,
    },
    locale::Lang,
    problem::{Failure, OrMissing, Outcome},
    web::{Answer, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    paper::{self, Said},
    parameters,
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
        DatasetId, Life, Period, Scheme,
        document::{self, Format, Letter},
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
    /// Its last periods, once it is chosen.
    pub periods: Vec<Choice>,
    /// True when its figures have two lives.
    pub estimated: bool,
    /// The area's id.
    pub area: String,
}

/// Something to choose.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Choice {
    /// Sent.
    pub value: String,
    /// Shown.
    pub label: String,
}

/// What is asked for in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asking {
    #[serde(rename = "bieu")]
    dataset: String,
    #[serde(rename = "ky")]
    period: String,
    #[serde(rename = "loai")]
    life: String,
    #[serde(rename = "dia-ban")]
    area: String,
    #[serde(rename = "dang")]
    format: String,
}

/// `GET /so-lieu/tai?bieu=&ky=&loai=&dia-ban=&dang=csv|csv-chuan|json|parquet|xlsx|ods`; without a period, the form.
pub async fn data(visit: Visit, Query(asking): Query<Asking>) -> Answer {
    visit.caller.must_somewhere(&SEE)?;
    let catalogue = catalogue::current(&visit.app).await?;
    if asking.period.is_empty() {
        return visit.page(&FORM, &form(&visit, &catalogue, &asking));
    }
    for (name, given) in [("bieu", &asking.dataset), ("dia-ban", &asking.area)] {
        if given.is_empty() {
            return Err(parameters::missing(name));
        }
    }
    let refused = parameters::wrong;
    let dataset = DatasetId::parse(&asking.dataset);
    let dataset = dataset.ok_or_else(|| refused("bieu", &asking.dataset))?;
    let area = AreaId::parse(&asking.area);
    let area = area.ok_or_else(|| refused("dia-ban", &asking.area))?;
    let life = match asking.life.as_str() {
        "" | "chinh-thuc" => Life::Final,
        "uoc" => Life::Estimate,
        other => return Err(refused("loai", other)),
    };
    let wanted = download::wanted(
        &visit.app,
        &visit.caller,
        &catalogue,
        (&dataset, &asking.period, &area, life),
    )
    .await?;
    let name = format!("{dataset}-{}-{area}", wanted.about.period.id());
    figures::sent(&visit, catalogue, wanted, &asking.format, &name).await
}

fn form(visit: &Visit, catalogue: &Catalogue, asking: &Asking) -> Form {
    let chosen = DatasetId::parse(&asking.dataset).and_then(|code| catalogue.datasets.get(&code));
    let scope = visit.caller.scopes_for(&SEE).next();
    let area = scope.and_then(|scope| scope.last()).unwrap_or("vn").to_owned();
    let datasets = catalogue.datasets.values();
    let today = visit.app.now().day();
    let periods = chosen.and_then(|dataset| {
        let now = Scheme::parse(&dataset.scheme)?.containing(today)?;
        let mut last: Vec<Period> = now.last_n(8);
        last.reverse();
        Some(last)
    });
    let choice = |period: Period| Choice {
        value: period.id().to_owned(),
        label: period.label(visit.lang()),
    };
    Form {
        datasets: datasets
            .map(|one| Choice { value: one.code.to_string(), label: one.title.clone() })
            .collect(),
        dataset: chosen.map(|dataset| dataset.code.to_string()).unwrap_or_default(),
        periods: periods.unwrap_or_default().into_iter().map(choice).collect(),
        estimated: chosen.is_some_and(|dataset| dataset.estimated),
        area,
    }
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
    let (kind, ending) = match format {
        Format::Docx => (DOCX, "docx"),
        Format::Pdf => (PDF, "pdf"),
    };
    super::private_file(visit, kind, Some(exchange_xlsx::file_name(&which, ending)), bytes)
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
