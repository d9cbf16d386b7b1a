//! What phones send: forms of 250 and of 5,000 questions by the address that ODK Collect sends to, the whole road from
//! the multipart body to the live counts, without a socket. Every question is a number.

use std::{fmt::Write, time::Instant};

use areas::AreaId;
use identity::role;
use kernel::{
    problem::{Failure, Outcome},
    scope::ScopePath,
};
use reporting::{
    actions::{
        catalogue::{self, kind},
        counts, measure,
    },
    model::{
        CellKey, Coords, DataElement, Dataset, DatasetId, Life,
        form::{FixedTable, Form, Section, SectionBody, TableColumn, TableRow},
    },
};
use serde_json::{Value, json};

use super::{
    country::{Country, invented_element, month, wrong},
    rate,
    site::Site,
};
use crate::bench::spread;

/// Phones that send at the same time, each for communes of its own.
const PHONES: usize = 16;
/// Communes of one phone's officer.
const COMMUNES_EACH: usize = 8;
/// The months that are sent, one after the other.
const MONTHS: [&str; 6] = [
    "nd09m-2026-01",
    "nd09m-2026-02",
    "nd09m-2026-03",
    "nd09m-2026-04",
    "nd09m-2026-05",
    "nd09m-2026-06",
];

/// A form with so many questions.
struct Asked {
    dataset: DatasetId,
    elements: Vec<DataElement>,
}

/// Sends forms of both sizes.
pub async fn measure(country: &Country, quick: bool) -> Outcome<Value> {
    let small = Asked::define(country, "do-odk-250", "dodk", 250).await?;
    let large = Asked::define(country, "do-odk-5000", "dodx", 5_000).await?;
    let phones = phones(country).await?;
    let (months, few) = if quick { (2, 5) } else { (MONTHS.len(), 40) };
    Ok(json!({
        "questions_250": sent(country, &phones, &small, months, usize::MAX).await?,
        "questions_5000": sent(country, &phones, &large, 1, few).await?,
    }))
}

impl Asked {
    async fn define(country: &Country, code: &str, prefix: &str, many: usize) -> Outcome<Self> {
        let elements: Vec<DataElement> = (0..many)
            .map(|at| invented_element(format!("{prefix}{at:04}"), format!("Câu hỏi số {at}")))
            .collect();
        let dataset = Dataset {
            code: DatasetId::parse(code).ok_or_else(|| wrong("no data set"))?,
            title: format!("Biểu {many} câu hỏi"),
            ..country.dataset.clone()
        };
        let row = |one: &DataElement| TableRow {
            number: String::new(),
            label: String::new(),
            element: Some(one.code.clone()),
            coords: Coords::total(),
            indent: 0,
            without: Vec::new(),
            required: false,
        };
        let table = FixedTable {
            columns: vec![TableColumn { title: "Số".to_owned(), coords: Coords::total() }],
            rows: elements.iter().map(row).collect(),
            details: Vec::new(),
        };
        let section = Section {
            code: "a".to_owned(),
            title: "Số liệu".to_owned(),
            hint: String::new(),
            body: SectionBody::Table(table),
        };
        let form = Form {
            dataset: dataset.code.clone(),
            version: 1,
            title: dataset.title.clone(),
            basis: String::new(),
            sections: vec![section],
            rules: Vec::new(),
        };
        let mut shipped = Vec::with_capacity(many + 2);
        for one in &elements {
            let code = one.code.as_str();
            shipped.push(catalogue::definition(kind::ELEMENT, code, 1, one, "shipped", "")?);
        }
        shipped.push(catalogue::definition(kind::DATASET, code, 1, &dataset, "shipped", "")?);
        shipped.push(catalogue::definition(kind::FORM, code, 1, &form, "shipped", "")?);
        catalogue::plant(&country.app.db, shipped).await?;
        Ok(Self { dataset: dataset.code, elements })
    }

    /// One instance as a phone writes it.
    fn instance(&self, month: &str, place: usize, area: &AreaId) -> String {
        let code = &self.dataset;
        let mut xml = format!(
            "<?xml version='1.0' ?><data id=\"{code}\" version=\"1\" xmlns:orx=\"http://openrosa.org/xforms\">\
             <baocao>{month}.{area}.f</baocao><s_a>"
        );
        for (at, one) in self.elements.iter().enumerate() {
            let _ = write!(xml, "<c_{}>{}</c_{}>", one.code, answer(at, place), one.code);
        }
        let _ = write!(
            xml,
            "</s_a><orx:meta><orx:instanceID>uuid:{code}.{month}.{area}</orx:instanceID></orx:meta></data>"
        );
        xml
    }
}

/// The law of the answers.
fn answer(question: usize, place: usize) -> i64 {
    i64::try_from((question * 7_919 + place * 104_729) % 1_000).unwrap_or(0)
}

/// An officer for each phone, who works in some communes. Neighbours send at the same time.
async fn phones(country: &Country) -> Outcome<Vec<Site>> {
    let mut all = Vec::with_capacity(PHONES);
    for phone in 0..PHONES {
        let scopes: Vec<ScopePath> =
            places_of(phone).map(|place| country.communes[place].1.clone()).collect();
        let name = format!("do-tai-may-{phone}");
        let site = Site::open_as(&country.app, &name, role::COMMUNE_OFFICER, scopes).await?;
        // Its password is looked at here, and not with the first form that it sends.
        if site.forms().await?.status != 200 {
            return Err(wrong("a phone sees no forms"));
        }
        all.push(site);
    }
    Ok(all)
}

fn places_of(phone: usize) -> impl Iterator<Item = usize> {
    (0..COMMUNES_EACH).map(move |at| at * PHONES + phone)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and drives many phones"
)]
async fn sent(
    country: &Country,
    phones: &[Site],
    asked: &Asked,
    months: usize,
    most: usize,
) -> Outcome<Value> {
    let db = &country.app.db;
    let before = measure::figures(db).await?;
    let mut expected = 0_i64;
    let (mut bytes, mut many) = (0, 0_usize);
    let mut hands: Vec<Vec<String>> = vec![Vec::new(); phones.len()];
    for month in &MONTHS[..months] {
        for place in (0..PHONES * COMMUNES_EACH).take(most) {
            let xml = asked.instance(month, place, &country.communes[place].0);
            bytes = xml.len();
            many += 1;
            expected += answer(asked.elements.len() - 1, place);
            hands[place % PHONES].push(xml);
        }
    }
    let begun = Instant::now();
    let mut sending = Vec::new();
    for (phone, mine) in phones.iter().zip(hands) {
        let phone = phone.clone();
        sending.push(tokio::spawn(async move {
            let (mut millis, mut failed) = (Vec::with_capacity(mine.len()), 0_usize);
            for xml in &mine {
                let answer = phone.submit(xml).await?;
                if answer.status != 201 {
                    failed += 1;
                    eprintln!("{}: {}", answer.status, answer.text());
                }
                millis.push(answer.millis);
            }
            Ok::<_, Failure>((millis, failed))
        }));
    }
    let (mut millis, mut failed) = (Vec::with_capacity(many), 0);
    for one in sending {
        let done = one.await.map_err(|error| Failure::fault("drive the phones", error))?;
        let (mine, not_taken) = done?;
        millis.extend(mine);
        failed += not_taken;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let last = asked.elements.last().and_then(|one| one.cell(Coords::total()));
    let sum = sum_of(country, &last.ok_or_else(|| wrong("no last question"))?, months).await?;
    let written = measure::figures(db).await? - before;
    Ok(json!({
        "questions": asked.elements.len(),
        "instance_bytes": bytes,
        "submissions": many,
        "phones": phones.len(),
        "seconds": seconds,
        "per_second": rate(many as u64, seconds),
        "each_with_its_wait": spread(millis),
        "failed": failed,
        "figures_written": written,
        // On a database that has them already, what was sent changes nothing.
        "nothing_lost": failed == 0 && sum == expected && [0, (many * asked.elements.len()) as u64].contains(&written),
    }))
}

/// What the live counts say of one question, over all communes and months.
async fn sum_of(country: &Country, cell: &CellKey, months: usize) -> Outcome<i64> {
    let periods: Vec<String> =
        MONTHS[..months].iter().map(|id| Ok(month(id)?.id().to_owned())).collect::<Outcome<_>>()?;
    let sums =
        country.app.db.view(async |tx| counts::sums(tx, cell, &periods, Life::Final).await).await?;
    Ok(sums.iter().map(|one| one.sum).sum())
}
