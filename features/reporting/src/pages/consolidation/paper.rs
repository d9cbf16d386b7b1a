//! A summary on paper: what its page says, in the state's document format and as a workbook. A closed copy is printed
//! as it was closed, and is no draft once it is approved; the sums as they stand are a draft for ever.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use areas::{Area, AreaId, AreaLevel};
use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::{Path, Query},
        routing::get,
    },
    db::Tx,
    locale::Lang,
    problem::{Failure, OrMissing, Outcome},
    web::{Answer, Visit},
};

use super::{Asked, Wanted, actions, in_order, names_of, store, wanted};
use crate::{
    actions::{
        SEE, SUBMISSION_NOT_FOUND,
        catalogue::{self, Catalogue},
        consolidation::Summary,
        review::place_of,
    },
    model::{
        CellKey, ConsolidationId, Dataset, Life, Tier,
        document::{self, Format, Gathered, Letter, Missing, Summed},
        workbook::{Head, Report, Stamp, Standing},
    },
    pages::{
        builder::ended_in,
        download,
        paper::issued,
        private_file,
        review::{cell_name, decimals, unit_name},
    },
};

type At = Path<(String, String, String)>;

/// The addresses of the files.
pub(super) fn routes() -> Router<AppRef> {
    Router::new()
        .route(
            "/bao-cao/tong-hop/{dataset}/{period}/{life}/tong-hop.docx",
            get(|visit: Visit, at: At, asked: Query<Asked>| {
                standing(visit, at, asked, Format::Docx)
            }),
        )
        .route(
            "/bao-cao/tong-hop/{dataset}/{period}/{life}/tong-hop.pdf",
            get(|visit: Visit, at: At, asked: Query<Asked>| {
                standing(visit, at, asked, Format::Pdf)
            }),
        )
        .route(
            "/bao-cao/tong-hop/{dataset}/{period}/{life}/tong-hop.xlsx",
            get(|visit: Visit, at: At, asked: Query<Asked>| {
                standing(visit, at, asked, Format::Xlsx)
            }),
        )
        .route(
            "/bao-cao/tong-hop/ban/{id}/tong-hop.docx",
            get(|visit: Visit, id: Path<String>| copy(visit, id, Format::Docx)),
        )
        .route(
            "/bao-cao/tong-hop/ban/{id}/tong-hop.pdf",
            get(|visit: Visit, id: Path<String>| copy(visit, id, Format::Pdf)),
        )
        .route(
            "/bao-cao/tong-hop/ban/{id}/tong-hop.xlsx",
            get(|visit: Visit, id: Path<String>| copy(visit, id, Format::Xlsx)),
        )
}

/// A summary that is printed.
struct Printed {
    wanted: Wanted,
    summary: Summary,
    letter: Letter,
    /// Which copy; none for the sums as they stand.
    number: Option<i64>,
}

/// The sums as they stand.
async fn standing(
    visit: Visit,
    Path(at): At,
    Query(asked): Query<Asked>,
    format: Format,
) -> Answer {
    let (catalogue, wanted) = wanted(&visit, &at).await?;
    let printed = visit
        .app
        .db
        .view(async |tx| {
            let area = place_of(tx, &visit.caller, &SEE, &asked.dia_ban).await?;
            let summary = actions::sum_up(tx, &catalogue, &wanted, &area).await?;
            let dataset = catalogue.dataset(&wanted.dataset)?;
            let letter = letter(tx, &visit, (&catalogue, dataset), &area, &summary, None).await?;
            Ok(Printed { wanted: wanted.clone(), summary, letter, number: None })
        })
        .await?;
    sent(&visit, catalogue, printed, format).await
}

/// A copy as it was closed.
async fn copy(visit: Visit, Path(id): Path<String>, format: Format) -> Answer {
    let id = ConsolidationId::parse(&id).or_missing(&SUBMISSION_NOT_FOUND)?;
    let catalogue = catalogue::current(&visit.app).await?;
    let printed = visit
        .app
        .db
        .view(async |tx| {
            let one = actions::read(tx, &visit.caller, &id).await?;
            let summary = Summary::decode(&one.body).or_missing(&SUBMISSION_NOT_FOUND)?;
            let dataset = catalogue.dataset(&one.dataset)?;
            let period = catalogue.period(dataset, &one.period)?;
            let life = Life::from_code(one.life);
            let area = areas::find(tx, &one.area).await?.or_missing(&areas::NOT_FOUND)?;
            let shown = (&*catalogue, dataset);
            let letter = letter(tx, &visit, shown, &area, &summary, Some(&one)).await?;
            let wanted = Wanted { dataset: one.dataset.clone(), period, life };
            Ok(Printed { wanted, summary, letter, number: Some(one.number) })
        })
        .await?;
    sent(&visit, catalogue, printed, format).await
}

async fn sent(
    visit: &Visit,
    catalogue: Arc<Catalogue>,
    printed: Printed,
    format: Format,
) -> Answer {
    let name = file_name(&printed);
    let made_on = visit.app.now().day().iso();
    let written =
        tokio::task::spawn_blocking(move || written(&catalogue, &printed, made_on, format));
    let bytes = written.await.map_err(|error| Failure::fault("write a document", error))??;
    let (kind, ending) = download::kind(format);
    private_file(visit, kind, Some(format!("{name}.{ending}")), bytes)
}

fn written(
    catalogue: &Catalogue,
    printed: &Printed,
    made_on: String,
    format: Format,
) -> Outcome<Vec<u8>> {
    let Printed { wanted, summary, letter, .. } = printed;
    let form = catalogue.form(&wanted.dataset)?;
    let head = Head {
        title: form.title.clone(),
        basis: form.basis.clone(),
        area: letter.office.clone(),
        period: wanted.period.label_vi(),
        due: String::new(),
        made_on,
    };
    let stamp = Stamp {
        dataset: wanted.dataset.to_string(),
        form_version: form.version,
        period: wanted.period.id().to_owned(),
        area: summary.area.clone(),
        life: wanted.life,
    };
    let report = Report {
        form,
        elements: &catalogue.elements,
        dimensions: &catalogue.dimensions,
        components: &[],
        stamp: &stamp,
        head: &head,
        standing: &Standing::default(),
    };
    let bytes = document::write(&report, letter, format);
    bytes.map_err(|error| Failure::fault("write a document", error))
}

fn file_name(printed: &Printed) -> String {
    let Printed { wanted, summary, number, .. } = printed;
    let life = if wanted.life == Life::Estimate { "-uoc" } else { "" };
    let which = number.map_or_else(|| "du-thao".to_owned(), |number| format!("ban-{number}"));
    let name = format!(
        "tong-hop-{}-{}-{}{life}-{which}",
        wanted.dataset,
        wanted.period.id(),
        summary.area
    );
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// Whose summary it is, who approved it, and what it says of the reports in it. Documents of the state are in
/// Vietnamese, whatever their reader reads.
async fn letter(
    tx: &mut Tx,
    visit: &Visit,
    (catalogue, dataset): (&Catalogue, &Dataset),
    area: &Area,
    summary: &Summary,
    copy: Option<&store::Consolidation>,
) -> Outcome<Letter> {
    let say =
        |key: &str, args: &[(&str, String)]| visit.app.words.say(Lang::Vi, key, args).into_owned();
    let tier = match area.level {
        AreaLevel::Country => Tier::Ministry,
        AreaLevel::Province => Tier::Province,
        _ => Tier::Commune,
    };
    let above = areas::ancestors(tx, area).await?;
    let province = above.iter().find(|one| one.level == AreaLevel::Province);
    let signed = copy.and_then(store::Consolidation::approved);
    let as_of = kernel::clock::Timestamp::from_millis(summary.as_of).short();
    let again = copy.map(|one| {
        let args = [("number", one.number.to_string()), ("when", one.at.short())];
        say("reporting-paper-copy", &args)
    });
    let included = summary.included.len();
    let args = [("included", included.to_string()), ("expected", summary.expected().to_string())];
    let from = format!(
        "{} {}",
        say("reporting-included", &args),
        say("reporting-as-of", &[("when", as_of)])
    );
    let missing_title = match summary.missing.len() {
        0 => String::new(),
        count => say("reporting-missing", &[("count", count.to_string())]),
    };
    let sums = summary.sums.iter().filter_map(|sum| {
        let key = CellKey::parse(&sum.cell)?;
        let shown = sum.shown();
        let summed = Summed {
            name: cell_name(catalogue, &key),
            unit: unit_name(catalogue, &key),
            sum: shown.ok(),
            gap: shown.err().map_or_else(String::new, |key| say(key, &[])),
            decimals: decimals(catalogue, &key),
            units: (sum.count, sum.no_data),
        };
        Some((key, summed))
    });
    let gathered = Gathered {
        from,
        reports: i64::try_from(included).unwrap_or(i64::MAX),
        twice: dataset.estimated,
        note: ended_in(&visit.app, Lang::Vi, dataset),
        missing_title,
        missing: missing(tx, area, summary).await?,
        sums: sums.collect(),
    };
    Ok(Letter {
        again: again.unwrap_or_default(),
        gathered: Some(gathered),
        ..issued(tier, area, province, signed.as_ref())
    })
}

/// Who is missing, in the order of the register: of the whole country by province, for places of two provinces are
/// called alike.
async fn missing(tx: &mut Tx, area: &Area, summary: &Summary) -> Outcome<Vec<Missing>> {
    let names = names_of(tx, summary.missing.iter().map(|one| one.0.as_str())).await?;
    let units = in_order(&summary.missing, &names, |one| (&one.0, &one.1));
    let mut groups: Vec<(Option<AreaId>, Vec<String>)> = Vec::new();
    let mut places: BTreeMap<Option<AreaId>, usize> = BTreeMap::new();
    for (id, name) in units {
        let under = province_of(area, &names, id);
        let at = *places.entry(under.clone()).or_insert_with(|| {
            groups.push((under, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, units)) = groups.get_mut(at) {
            units.push(name.clone());
        }
    }
    let provinces = areas::find_many(tx, groups.iter().filter_map(|one| one.0.as_ref())).await?;
    let group = |(under, units): (Option<AreaId>, Vec<String>)| {
        let under = under.and_then(|id| provinces.get(&id).map(Area::title));
        Missing { under: under.unwrap_or_default(), units }
    };
    Ok(groups.into_iter().map(group).collect())
}

/// In which province a unit lies, when the summary is of the whole country and the unit is no province itself.
fn province_of(area: &Area, names: &HashMap<AreaId, Area>, unit: &str) -> Option<AreaId> {
    if area.level != AreaLevel::Country {
        return None;
    }
    let unit = names.get(&AreaId::parse(unit)?)?;
    let province = unit.path.as_str().split('/').nth(2)?;
    AreaId::parse(province).filter(|province| *province != unit.id)
}
