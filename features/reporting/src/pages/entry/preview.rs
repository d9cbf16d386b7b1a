//! A report that nobody has begun, as its reporter will see it: what the builder looks at before publishing.

use std::collections::{BTreeMap, BTreeSet};

use areas::Area;
use kernel::{
    problem::Outcome,
    web::{Answer, Visit},
};

use super::{
    Crumb, Head,
    grid::{Ground, Kept},
    print, report,
    rows::{Growing, Line, Shown},
};
use crate::{
    actions::{
        catalogue::Catalogue,
        entry::{Sheet, Which},
    },
    model::{CellKey, document},
    pages::paper,
};

/// What is drawn.
pub(crate) struct Drawn<'a> {
    /// With the draft over it.
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) which: &'a Which,
    pub(crate) sheet: &'a Sheet,
    /// The address of the look; paper stands below it.
    pub(crate) base: String,
    /// Back to the draft.
    pub(crate) back: String,
    /// No cells.
    pub(crate) none: &'a BTreeSet<CellKey>,
}

impl Drawn<'_> {
    fn head(&self, visit: &Visit) -> Outcome<Head> {
        let head = Head::of(visit, self.catalogue, self.which, self.sheet)?;
        let crumb = Crumb { href: self.back.clone(), label: head.title.clone() };
        Ok(Head { base: self.base.clone(), crumbs: vec![crumb], ..head })
    }

    fn ground<'g>(
        &'g self,
        visit: &'g Visit,
        kept: &'g Kept,
        owners: &'g BTreeMap<i64, String>,
    ) -> Ground<'g> {
        Ground {
            visit,
            catalogue: self.catalogue,
            which: self.which,
            sheet: self.sheet,
            kept,
            wrong: self.none,
            doubtful: self.none,
            explained: (self.none, ""),
            owners,
        }
    }
}

/// On the screen.
pub(crate) fn preview(visit: &Visit, drawn: &Drawn<'_>) -> Answer {
    let form = drawn.catalogue.form_of(&drawn.which.dataset, drawn.sheet.form_version)?;
    let (kept, owners) = (Kept::new(), BTreeMap::new());
    let ground = drawn.ground(visit, &kept, &owners);
    let unsaved = super::unsaved::Unsaved::default();
    let sections = form.sections.iter();
    let sections = sections.map(|section| {
        let view = report::view_section(&ground, section, &unsaved);
        report::SectionView { growing: view.growing.map(with_blank), ..view }
    });
    let page = report::Report {
        head: drawn.head(visit)?,
        sections: sections.collect(),
        preview: drawn.back.clone(),
        revision: 1,
        ..report::Report::default()
    };
    visit.page(&report::REPORT, &page)
}

/// An empty row shows which columns a growing table has.
fn with_blank(table: Growing) -> Growing {
    let cells = vec![Shown::default(); table.columns.len()];
    Growing { rows: vec![Line { href: String::new(), cells }], ..table }
}

/// On paper.
pub(crate) fn preview_on_paper(visit: &Visit, drawn: &Drawn<'_>, above: Option<&Area>) -> Answer {
    let form = drawn.catalogue.form_of(&drawn.which.dataset, drawn.sheet.form_version)?;
    let tier = drawn.catalogue.dataset(&drawn.which.dataset)?.tier;
    let (kept, owners) = (Kept::new(), BTreeMap::new());
    let ground = drawn.ground(visit, &kept, &owners);
    let sections = form.sections.iter().enumerate();
    let sections = sections.map(|(at, section)| {
        let part = print::part(&ground, at, section);
        print::Part { growing: part.growing.map(with_blank), ..part }
    });
    let sections = sections.collect();
    let said = paper::unfilled(&visit.app, visit.lang());
    let paper = print::Paper::of(paper::letter(tier, drawn.sheet, above, &said));
    let subject = document::subject(&form.title);
    let head = drawn.head(visit)?;
    visit.page(&print::PRINT, &print::Paper { head, subject, said, sections, ..paper })
}
