//! Approved reports for another system: the kept copy of a revision, never figures as they stand now, in our own
//! JSON, as a data value set of DHIS2, or as ADX; with the names that the other system uses.

use kernel::{app::AppRef, chance::hex, db::Tx, jobs::JobKind, problem::Outcome};
use serde_json::{Value, json};

use super::wire;
use crate::{
    actions::{
        catalogue::{self, Catalogue},
        content::Content,
        exchange::import::Line,
        outward::{
            self,
            handing::{self, Ended},
            outlets::{Format, Names, Outlet, Outlets, Parcel},
        },
    },
    model::{
        CellKey, CellState, Life, Period, SubmissionId,
        exchange::{as_number_and_remark, period_name},
        outward::Content as Waiting,
    },
    store::{
        outbox::Outgoing,
        submissions::{self, Snapshot},
    },
};

/// Hands over what waits for other systems.
pub(crate) const OUTLETS: JobKind = JobKind {
    name: outward::OUTLETS,
    run: |app, _| {
        Box::pin(async move { handing::round(app, true, |app, row| Box::pin(one(app, row))).await })
    },
};

async fn one(app: &AppRef, row: &Outgoing) -> Outcome<Ended> {
    let Some(outlets) = app.port::<Outlets>() else { return Ok(Ended::NoWay) };
    let Some(outlet) = outlets.all.iter().find(|one| one.name == row.recipient) else {
        return Ok(Ended::NoWay);
    };
    let Ok(Waiting::Report { submission, revision }) = serde_json::from_str(&row.body) else {
        return Ok(Ended::Nobody("không rõ nội dung"));
    };
    let catalogue = catalogue::current(app).await?;
    let copy = app.db.view(async |tx| copy(tx, &submission, revision).await).await?;
    let Some((copy, content)) = copy else {
        return Ok(Ended::Nobody("không còn bản đã duyệt"));
    };
    let Some(period) = Period::parse(&content.period) else {
        return Ok(Ended::Nobody("không rõ kỳ"));
    };
    let report =
        Report { catalogue: &catalogue, id: &submission, copy: &copy, content: &content, period };
    let (kind, body) = report.told(outlet);
    let size = format!("{} byte, BLAKE3 {}", body.len(), &blake3::hash(&body).to_hex()[..16]);
    if outlet.dry_run {
        let said = format!("chạy thử, không gửi: {size}");
        return Ok(Ended::Told(outward::Reply::Taken(said)));
    }
    let parcel = Parcel { outlet: outlet.name.clone(), key: row.id.to_string(), kind, body };
    Ok(Ended::Told(match outlets.by.carry(&parcel).await {
        outward::Reply::Taken(answer) => outward::Reply::Taken(format!("{size}; {answer}")),
        other => other,
    }))
}

/// The approved copy of a revision with its content.
async fn copy(
    tx: &mut Tx,
    id: &SubmissionId,
    revision: i64,
) -> Outcome<Option<(Snapshot, Content)>> {
    let all = submissions::snapshots(tx, id).await?;
    let found = all.into_iter().find(|one| one.revision == revision && one.occasion == "approved");
    Ok(found.and_then(|one| {
        let content = Content::decode(&one.body)?;
        Some((one, content))
    }))
}

/// An approved report with what is needed to tell it.
struct Report<'a> {
    catalogue: &'a Catalogue,
    id: &'a SubmissionId,
    copy: &'a Snapshot,
    content: &'a Content,
    period: Period,
}

impl Report<'_> {
    /// In the form that a system wants: media type and body.
    fn told(&self, outlet: &Outlet) -> (&'static str, Vec<u8>) {
        let names = &outlet.names;
        match outlet.format {
            Format::Own => ("application/json", self.own(names).to_string().into_bytes()),
            Format::Dxf => ("application/json", self.dxf(names).to_string().into_bytes()),
            Format::Adx => {
                let at = self.copy.at.rfc3339();
                let mut lines: Vec<Line> = self.lines(names, true);
                lines.sort_by(|a, b| (&a.element, &a.combo).cmp(&(&b.element, &b.combo)));
                ("application/adx+xml", wire::adx::write(&lines, &at).into_bytes())
            }
        }
    }

    fn decimals(&self, key: &CellKey) -> u32 {
        self.catalogue.elements.get(&key.element).map_or(0, |one| one.decimals)
    }

    fn lines(&self, names: &Names, adx: bool) -> Vec<Line> {
        let all = self.content.cells();
        let line = |(key, state): (&CellKey, &CellState)| {
            let (value, comment) = as_number_and_remark(state, self.decimals(key));
            let coords = key.coords.text();
            let combo = match names.combos.get(&coords) {
                Some(theirs) => theirs.clone(),
                None if coords.is_empty() && !adx => "default".to_owned(),
                None => coords,
            };
            let attribute = match (self.content.life, adx) {
                (Life::Final, true) => "",
                (Life::Final, false) => "default",
                (Life::Estimate, true) => "e",
                (Life::Estimate, false) => "estimate",
            };
            Line {
                dataset: theirs(&names.datasets, &self.content.dataset),
                element: theirs(&names.elements, key.element.as_str()),
                period: if adx { self.period.interval() } else { period_name(&self.period) },
                unit: theirs(&names.units, &self.content.area),
                combo,
                attribute: attribute.to_owned(),
                value,
                comment,
                deleted: false,
            }
        };
        all.iter().map(line).collect()
    }

    fn dxf(&self, names: &Names) -> Value {
        let lines = self.lines(names, false);
        json!({
            "dataSet": theirs(&names.datasets, &self.content.dataset),
            "completeDate": self.copy.at.day().iso(),
            "period": period_name(&self.period),
            "orgUnit": theirs(&names.units, &self.content.area),
            "dataValues": lines.iter().map(wire::json::one).collect::<Vec<_>>(),
        })
    }

    /// Our own form. Fields are only ever added.
    fn own(&self, names: &Names) -> Value {
        let figure = |(key, state): (&CellKey, &CellState)| {
            let (value, _) = as_number_and_remark(state, self.decimals(key));
            let (told, reason) = match state {
                CellState::Value(_) => ("value", ""),
                CellState::Nil(reason) => ("nil", reason.as_str()),
                CellState::NoData(reason) => ("noData", reason.as_str()),
            };
            let coords = key.coords.text();
            json!({
                "element": theirs(&names.elements, key.element.as_str()),
                "coordinates": names.combos.get(&coords).cloned().unwrap_or(coords),
                "state": told,
                "value": value,
                "reason": reason,
            })
        };
        let cells = self.content.cells();
        let signed = |one: &Option<(String, i64)>| {
            one.as_ref().map(|(_, at)| kernel::clock::Timestamp::from_millis(*at).rfc3339())
        };
        json!({
            "format": "nhipcau-report/1",
            "report": self.id.as_str(),
            "revision": self.copy.revision,
            "dataSet": theirs(&names.datasets, &self.content.dataset),
            "formVersion": self.content.form_version,
            "unit": theirs(&names.units, &self.content.area),
            "period": {
                "id": self.period.id(),
                "from": self.period.from.iso(),
                "until": self.period.last_day().iso(),
            },
            "life": if self.content.life == Life::Estimate { "estimate" } else { "final" },
            "nil": self.content.nil,
            "certifiedAt": signed(&self.content.certified),
            "submittedAt": signed(&self.content.submitted),
            "approvedAt": self.copy.at.rfc3339(),
            "blake3": hex(&self.copy.hash),
            "figures": cells.iter().map(figure).collect::<Vec<_>>(),
        })
    }
}

/// What the other system calls it; our own name where it says nothing.
fn theirs(names: &std::collections::BTreeMap<String, String>, own: &str) -> String {
    names.get(own).map_or_else(|| own.to_owned(), Clone::clone)
}
