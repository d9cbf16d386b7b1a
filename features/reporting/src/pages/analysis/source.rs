//! Where a figure comes from: units, people, formula, geography, completeness, approval.

use kernel::{
    axum::extract::Query as Params,
    clock::Day,
    web::{Answer, Visit},
};

use super::{
    view::{
        Block, CellView, Decimals, Link, RowView, Stat, TableView, VIEW, View, dx_decimals,
        dx_name, dx_unit, figure, gap, gap_said, note, number, source_href, tabs,
        unjoined as unjoined_words, words,
    },
    wanted::Setting,
};
use crate::{
    actions::{
        analysis::explain::{Explained, Single, explain},
        problem,
    },
    model::{
        CellState,
        amount::print_amount,
        analysis::{BAD_QUESTION, Dx, Gap, RateKind, Shown},
        element::Mark,
        formula::{Outcome as Computed, Rational},
    },
};

/// `GET /so-lieu/nguon?dx=&ky=&o=&doi=&duyet=&khung=`
pub async fn show(visit: Visit, Params(pairs): Params<Vec<(String, String)>>) -> Answer {
    visit.caller.must_somewhere(&crate::actions::SEE)?;
    let setting = Setting::read(&visit, &pairs).await?;
    if setting.dx.len() != 1 {
        return Err(problem(&BAD_QUESTION, "what", "dx"));
    }
    let question =
        setting.question(setting.dx.clone(), vec![setting.period.clone()], setting.area.level);
    let told = explain(&visit.app, &visit.caller, &question).await?;
    let page = Source { visit: &visit, setting: &setting, told: &told };
    let mut blocks = vec![page.head()];
    blocks.extend(page.formula());
    blocks.extend(page.parts());
    blocks.extend(page.brought());
    blocks.extend(page.single());
    blocks.extend(page.below());
    let view = View {
        slug: "nguon",
        tabs: tabs(&visit, "nguon", &setting),
        title: dx_name(&visit, &setting.catalogue, &told.dx),
        lede: visit.say("reporting-source-lede", &[]),
        blocks,
        area: setting.area.id.to_string(),
        ..View::default()
    };
    visit.page(&VIEW, &view)
}

struct Source<'a> {
    visit: &'a Visit,
    setting: &'a Setting,
    told: &'a Explained,
}

impl Source<'_> {
    fn say(&self, key: &str) -> String {
        self.visit.say(key, &[])
    }

    fn decimals(&self) -> Decimals {
        dx_decimals(&self.setting.catalogue, &self.told.dx)
    }

    /// A reported amount.
    fn amount(&self, amount: i64) -> String {
        print_amount(amount, self.decimals().most)
    }

    /// How many units' figures are approved, and what is when that is not what stands there now.
    fn approval(&self, shown: &Shown, approved: Option<&Shown>) -> String {
        let said = |one: Option<Rational>| one.map(|one| self.decimals().said(one));
        let numbers = said(shown.number).zip(said(approved.and_then(|one| one.number)));
        let mut args = vec![
            ("approved", shown.approved.to_string()),
            ("reported", shown.reported.to_string()),
        ];
        let key = match numbers {
            Some((now, sum)) if now != sum => {
                args.extend([("sum", sum), ("now", now)]);
                // As many as ever were approved: some were corrected since.
                if shown.approved < shown.reported {
                    "reporting-approved-some"
                } else {
                    "reporting-approved-before"
                }
            }
            _ => "reporting-approved-of",
        };
        self.visit.say(key, &args)
    }

    fn fact(&self, key: &str, value: impl Into<String>) -> RowView {
        RowView { title: self.say(key), href: String::new(), cells: vec![words(value)] }
    }

    /// The figure and the conditions under which it holds.
    fn head(&self) -> Block {
        let (told, visit, catalogue) = (self.told, self.visit, &self.setting.catalogue);
        let shown = &told.figure;
        let value = shown.number.map_or_else(|| gap(visit, shown), |one| self.decimals().said(one));
        let unit = dx_unit(catalogue, &told.dx);
        let stat = Stat {
            value: if shown.number.is_some() { format!("{value} {unit}") } else { value },
            label: format!("{} – {}", told.area.title(), told.period.label(visit.lang())),
            note: note(visit, shown, self.decimals()),
        };
        let mut rows = vec![
            self.fact("reporting-source-code", told.dx.text()),
            self.fact(
                "reporting-source-period",
                format!("{}: {}", visit.say(told.period.scheme.name(), &[]), told.period.window()),
            ),
            self.fact("reporting-source-frame", told.frame.short()),
            self.fact(
                "reporting-source-life",
                visit.say(&format!("reporting-life-{}", self.setting.life.slug()), &[]),
            ),
        ];
        // What nobody has reported yet has no quality.
        if !matches!(shown.gap, Some(Gap::NotReported | Gap::NotOwed | Gap::NoData)) {
            let grade = visit.say(&format!("reporting-grade-{}", shown.grade.code()), &[]);
            rows.push(self.fact("reporting-source-quality", grade));
        }
        rows.push(self.fact("reporting-source-asof", told.as_of.short()));
        if shown.expected > 0 {
            let args = [
                ("reported", shown.reported.to_string()),
                ("expected", shown.expected.to_string()),
            ];
            rows.push(
                self.fact("reporting-source-complete", visit.say("reporting-flag-partial", &args)),
            );
        }
        if shown.expected > 0 && shown.reported > 0 {
            let approved = told.approved.as_ref().and_then(|answer| answer.at(0, 0, 0));
            rows.push(self.fact("reporting-source-approved", self.approval(shown, approved)));
        }
        rows.extend(self.sheet());
        let caption = self.say("reporting-source-conditions");
        let table = TableView {
            caption,
            corner: self.say("reporting-source-fact"),
            head: vec![self.say("reporting-source-value")],
            rows,
        };
        let unjoined = shown.gap == Some(Gap::NoSource);
        let periods: Vec<String> =
            unjoined.then(|| told.period.label(visit.lang())).into_iter().collect();
        let why = unjoined_words(visit, &told.area.title(), &periods);
        Block { stats: vec![stat], tables: vec![table], ..why }
    }

    /// The definition sheet, as far as it is told. What is only from memory says so.
    fn sheet(&self) -> Vec<RowView> {
        let catalogue = &self.setting.catalogue;
        let (sheet, mark) = match &self.told.dx {
            Dx::Cell(key) => match catalogue.elements.get(&key.element) {
                Some(one) => (&one.sheet, one.mark),
                None => return Vec::new(),
            },
            Dx::Indicator(id) => match catalogue.indicators.get(id) {
                Some(one) => (&one.sheet, one.mark),
                None => return Vec::new(),
            },
            Dx::Rate(..) => return Vec::new(),
        };
        let code = match mark {
            Mark::Found => "found",
            Mark::Memory => "memory",
            Mark::Derived => "derived",
            Mark::Computed => "computed",
        };
        let told = [
            ("reporting-sheet-concept", &sheet.concept),
            ("reporting-sheet-method", &sheet.method),
            ("reporting-sheet-source", &sheet.source),
        ];
        let mut rows: Vec<RowView> = told
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(key, text)| self.fact(key, text.clone()))
            .collect();
        rows.push(self.fact("reporting-sheet-mark", self.say(&format!("reporting-mark-{code}"))));
        let href = super::view::sheet_href(&self.told.dx).unwrap_or_default();
        let cell = CellView { text: self.say("reporting-sheet-open"), href, ..CellView::default() };
        rows.push(RowView {
            title: self.say("reporting-sheet"),
            href: String::new(),
            cells: vec![cell],
        });
        rows
    }

    fn formula(&self) -> Option<Block> {
        if self.told.trace.is_empty() {
            return None;
        }
        let area = self.told.area.id.as_str();
        // What the map does not join is undefined in every step.
        let unjoined = self.told.figure.gap.filter(|gap| *gap == Gap::NoSource);
        let rows = self.told.trace.iter().map(|step| {
            let value = match &step.outcome {
                Computed::Number(one) => number(one.words(6)),
                Computed::Truth(truth) => {
                    words(self.say(if *truth { "reporting-true" } else { "reporting-false" }))
                }
                Computed::Missing(_) => words(gap_said(self.visit, unjoined.or(step.gap))),
                Computed::Problem(problem) => {
                    let below = match problem {
                        crate::model::formula::Problem::ZeroBelow(below) => below.clone(),
                        crate::model::formula::Problem::TooLarge => String::new(),
                    };
                    words(self.visit.say(problem.words(), &[("below", below)]))
                }
            };
            let (title, href) = match &step.dx {
                Some((dx, period)) => (
                    format!(
                        "{} – {}",
                        dx_name(self.visit, &self.setting.catalogue, dx),
                        period.label(self.visit.lang())
                    ),
                    source_href(dx, period, area, self.setting),
                ),
                None => (String::new(), String::new()),
            };
            let name = CellView { text: title, href, ..CellView::default() };
            RowView { title: step.text.clone(), href: String::new(), cells: vec![name, value] }
        });
        let head = vec![self.say("reporting-what"), self.say("reporting-result")];
        let table = TableView {
            caption: self.say("reporting-source-formula"),
            corner: self.say("reporting-source-step"),
            head,
            rows: rows.collect(),
        };
        Some(Block {
            title: self.say("reporting-source-formula"),
            text: vec![self.say("reporting-source-formula-note")],
            tables: vec![table],
            ..Block::default()
        })
    }

    fn parts(&self) -> Option<Block> {
        if self.told.parts.len() < 2 {
            return None;
        }
        let links = self.told.parts.iter().map(|period| Link {
            href: source_href(&self.told.dx, period, self.told.area.id.as_str(), self.setting),
            label: period.label(self.visit.lang()),
            current: false,
        });
        Some(Block {
            title: self.say("reporting-source-parts"),
            links: links.collect(),
            ..Block::default()
        })
    }

    fn brought(&self) -> Option<Block> {
        if self.told.brought.is_empty() {
            return None;
        }
        let said = |amount: Option<i64>, without: Option<Gap>| match amount {
            Some(amount) => number(self.amount(amount)),
            None => words(gap_said(self.visit, without)),
        };
        let rows = self.told.brought.iter().map(|one| {
            let day = self.told.period.last_day();
            let query = super::view::form(&[
                ("dx", &self.told.dx.text()),
                ("ky", self.told.period.id()),
                ("o", one.area.as_str()),
                ("khung", &Day::iso(day)),
            ]);
            RowView {
                title: one.title.clone(),
                href: format!("/so-lieu/nguon?{query}"),
                cells: vec![
                    said(one.amount, one.gap),
                    // What was reported and is not counted here lacks its share, not its report.
                    said(one.part, one.gap.or(Some(Gap::ShareUnknown))),
                    words(self.say(if one.whole {
                        "reporting-share-whole"
                    } else {
                        "reporting-share-part"
                    })),
                    words(one.instruments.join("; ")),
                ],
            }
        });
        let head = [
            "reporting-result",
            "reporting-counted-here",
            "reporting-share",
            "reporting-legal-basis",
        ];
        let table = TableView {
            caption: self.say("reporting-source-brought"),
            corner: self.say("reporting-axis-noi"),
            head: head.map(|key| self.say(key)).to_vec(),
            rows: rows.collect(),
        };
        Some(Block {
            title: self.say("reporting-source-brought"),
            tables: vec![table],
            ..Block::default()
        })
    }

    fn single(&self) -> Option<Block> {
        let one = self.told.single.as_ref()?;
        let now = &one.now;
        let version =
            |state: &CellState, version: i64, author: &str, at: kernel::clock::Timestamp| RowView {
                title: version.to_string(),
                href: String::new(),
                cells: vec![self.state(state), words(author), words(at.short())],
            };
        // Of what came with a report only the signer is known.
        let author = |name: &str, signed: bool| {
            if signed {
                self.visit.say("reporting-author-report", &[("by", name.to_owned())])
            } else {
                name.to_owned()
            }
        };
        let by = author(&now.author_name, now.came_signed());
        let mut rows = vec![version(&one.state(), now.version, &by, now.at)];
        rows.extend(one.before.iter().filter_map(|past| {
            let by = author(&past.author_name, past.came_signed());
            Some(version(&past.state()?, past.version, &by, past.at))
        }));
        let head = ["reporting-result", "reporting-author", "reporting-when"];
        let mut tables = vec![TableView {
            caption: self.say("reporting-source-versions"),
            corner: self.say("reporting-version"),
            head: head.map(|key| self.say(key)).to_vec(),
            rows,
        }];
        let approved = match now.approved {
            Some(amount) => {
                self.visit.say("reporting-approved-as", &[("amount", self.amount(amount))])
            }
            None => self.say("reporting-not-approved"),
        };
        tables.extend(self.steps(one));
        let links = one.report.iter().map(|(which, state, revision, _)| {
            let args = [
                ("state", self.say(&format!("reporting-analysis-state-{}", state.code()))),
                ("revision", revision.to_string()),
            ];
            Link {
                href: format!(
                    "/bao-cao/{}/{}/{}/{}",
                    which.dataset,
                    which.period,
                    which.area,
                    which.life.slug()
                ),
                label: self.visit.say("reporting-source-report", &args),
                current: false,
            }
        });
        Some(Block {
            title: self.say("reporting-source-single"),
            text: vec![approved],
            links: links.collect(),
            tables,
            ..Block::default()
        })
    }

    fn steps(&self, one: &Single) -> Option<TableView> {
        let (_, _, _, steps) = one.report.as_ref()?;
        let rows = steps.iter().map(|step| RowView {
            title: self.say(&format!("reporting-analysis-step-{}", step.step)),
            href: String::new(),
            cells: vec![
                words(step.by_name.clone()),
                words(step.at.short()),
                words(step.note.clone()),
            ],
        });
        let head = ["reporting-author", "reporting-when", "reporting-note"];
        Some(TableView {
            caption: self.say("reporting-source-steps"),
            corner: self.say("reporting-step"),
            head: head.map(|key| self.say(key)).to_vec(),
            rows: rows.collect(),
        })
    }

    fn state(&self, state: &CellState) -> CellView {
        match state {
            CellState::Value(amount) => number(self.amount(*amount)),
            CellState::Nil(why) => {
                words(self.visit.say("reporting-state-nil", &[("why", why.clone())]))
            }
            CellState::NoData(why) => {
                words(self.visit.say("reporting-state-no-data", &[("why", why.clone())]))
            }
        }
    }

    fn below(&self) -> Option<Block> {
        let answer = self.told.below.as_ref()?;
        let rows = answer.places.iter().enumerate().filter_map(|(at, place)| {
            let shown = answer.at(0, 0, at)?;
            let href =
                source_href(&self.told.dx, &self.told.period, place.id.as_str(), self.setting);
            let rate = matches!(self.told.dx, Dx::Rate(_, RateKind::Approved));
            let approved = if shown.approved > 0 && !rate {
                let approved = self.told.approved_below.as_ref();
                self.approval(shown, approved.and_then(|answer| answer.at(0, 0, at)))
            } else {
                String::new()
            };
            Some(RowView {
                title: place.title.clone(),
                href: String::new(),
                cells: vec![figure(self.visit, shown, self.decimals(), href), words(approved)],
            })
        });
        let head = vec![self.say("reporting-result"), self.say("reporting-source-approved")];
        let table = TableView {
            caption: self.say("reporting-source-below"),
            corner: self.say("reporting-axis-noi"),
            head,
            rows: rows.collect(),
        };
        Some(Block {
            title: self.say("reporting-source-below"),
            tables: vec![table],
            ..Block::default()
        })
    }
}
