//! Campaigns (*báo cáo đột xuất*): a few words, a place, a day; the form comes from a template, from any data set,
//! or from a few questions that are typed on the spot.

use kernel::{
    app::App,
    caller::Caller,
    clock::Day,
    db::Tx,
    problem::{FormProblems, Outcome},
    scope::ScopePath,
};

use super::{DEFINE, keep_draft, must_be_hub};
use crate::{
    actions::catalogue::{self, Catalogue},
    model::{
        Coords, DataElement, Dataset, DatasetId, DraftId, ElementId, Life, Tier,
        amount::{unit, unit_said, units_near},
        bundle::{Bundle, is_template},
        dataset::{Deadline, DueRule, DueWhat},
        element::{Mark, Sheet, law_of_unit},
        form::{FixedTable, Form, Section, SectionBody, TableColumn, TableRow},
    },
    store::drafts,
};

/// Most questions that are typed on the spot: more are a form of its own.
pub const QUESTIONS_MOST: usize = 60;
/// Characters of an answer in words.
const ANSWER_CHARS: u32 = 4_000;
/// Units that are named beside one that nobody knows.
const NEAR_MOST: usize = 5;
/// Files of an answer.
const FILES: u32 = 10;

/// What somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Campaign {
    /// What it is called.
    pub title: String,
    /// Who asked for it, and by which instrument.
    pub basis: String,
    /// The data set whose form it takes; none for the questions.
    pub from: Option<DatasetId>,
    /// One question a line: `question | unit` asks for a figure, a line without a unit for words.
    pub questions: String,
    /// True when files may be added to the answers.
    pub files: bool,
    /// The areas whose units answer; the country when empty.
    pub areas: Vec<ScopePath>,
    /// Who answers.
    pub tier: Option<Tier>,
    /// By when communes, provinces, ministries have handed it in; only those that act have one.
    pub deadlines: Vec<(Tier, Day)>,
}

/// The data sets whose form a campaign may take: templates first.
pub fn sources(known: &Catalogue) -> Vec<&Dataset> {
    let mut all: Vec<&Dataset> = known.datasets.values().collect();
    all.sort_by_key(|one| (!is_template(one), &one.code));
    all
}

/// A draft of a campaign that begins today and ends with its last deadline.
pub async fn begin_campaign(app: &App, caller: &Caller, asked: Campaign) -> Outcome<DraftId> {
    must_be_hub(app)?;
    caller.must_somewhere(&DEFINE)?;
    app.db
        .change(async |tx| {
            let known = catalogue::read(tx).await?;
            let code = free_code(tx, &known).await?;
            let bundle = bundle(&known, &asked, code, tx.now().day())?;
            keep_draft(tx, caller, None, bundle).await
        })
        .await
}

/// `dx-20261122-1`, counted on within the day.
async fn free_code(tx: &mut Tx, known: &Catalogue) -> Outcome<DatasetId> {
    let day = tx.now().day().iso().replace('-', "");
    let taken: Vec<DatasetId> =
        drafts::all(tx).await?.into_iter().map(|draft| draft.dataset).collect();
    let code = |number: u32| kernel::ids::Id::from_text(format!("dx-{day}-{number}"));
    let free = |code: &DatasetId| !known.datasets.contains_key(code) && !taken.contains(code);
    Ok((1..10_000).map(code).find(free).unwrap_or_else(|| code(10_000)))
}

fn bundle(known: &Catalogue, asked: &Campaign, code: DatasetId, today: Day) -> Outcome<Bundle> {
    let tier = asked.tier.unwrap_or(Tier::Commune);
    let last = asked.deadlines.iter().map(|(_, day)| *day).max();
    let mut problems = FormProblems::new();
    problems.require(!asked.title.is_empty(), "title", "reporting-campaign-title");
    let acts = asked.deadlines.iter().any(|(of, _)| *of == tier);
    problems.require(acts, deadline_field(tier), "reporting-campaign-day");
    for (of, day) in &asked.deadlines {
        problems.require(*day >= today, deadline_field(*of), "reporting-campaign-day-past");
    }
    let typed = typed(&asked.questions, &code, &mut problems);
    let has_questions = !asked.questions.trim().is_empty();
    let is_from_form = asked.from.is_some();
    problems.require(is_from_form || has_questions, "questions", "reporting-campaign-nothing");
    // Which of the two was meant, only a person can say; both stay as they were typed.
    problems.require(!(is_from_form && has_questions), "questions", "reporting-campaign-both");
    problems.check()?;
    let dataset = Dataset {
        code: code.clone(),
        title: asked.title.clone(),
        scheme: "campaign".to_owned(),
        tier,
        component: None,
        estimated: false,
        deadlines: asked.deadlines.iter().map(|(tier, day)| deadline(*tier, *day)).collect(),
        from: today,
        until: last.unwrap_or(today).plus_days(1),
        areas: asked.areas.iter().map(|path| path.as_str().to_owned()).collect(),
        basis: asked.basis.clone(),
        mark: Mark::Derived,
        ended: None,
    };
    let head = Form {
        dataset: code,
        version: 1,
        title: asked.title.clone(),
        basis: asked.basis.clone(),
        sections: Vec::new(),
        rules: Vec::new(),
    };
    let (form, elements) = match &asked.from {
        Some(from) => {
            let taken = known.form(from)?.clone();
            let mut sections = taken.sections;
            if asked.files && !sections.iter().any(takes_files) {
                sections.push(files(&sections));
            }
            (Form { sections, rules: taken.rules, ..head }, Vec::new())
        }
        None => (Form { sections: sections(&typed, asked.files), ..head }, elements(&typed)),
    };
    Ok(Bundle { dataset, form, elements, dimensions: Vec::new() })
}

/// The field in which the deadline of a tier is typed.
pub(crate) const fn deadline_field(tier: Tier) -> &'static str {
    match tier {
        Tier::Commune => "due_commune",
        Tier::Province => "due_province",
        Tier::Ministry => "due_ministry",
    }
}

const fn deadline(tier: Tier, day: Day) -> Deadline {
    Deadline { tier, life: Life::Final, what: DueWhat::Submission, due: DueRule::On { day } }
}

/// A question that was typed.
struct Typed {
    words: String,
    /// The element and the unit of a figure; none for words.
    figure: Option<(ElementId, &'static str)>,
}

fn typed(text: &str, code: &DatasetId, problems: &mut FormProblems) -> Vec<Typed> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut all = Vec::new();
    for line in lines {
        if all.len() == QUESTIONS_MOST {
            let most = vec![("most", QUESTIONS_MOST.to_string())];
            problems.add_with("questions", "reporting-campaign-many", most);
            break;
        }
        let (words, said) = line.rsplit_once('|').unwrap_or((line, ""));
        let (words, said) = (words.trim().to_owned(), said.trim());
        let unit = unit_said(said);
        if !said.is_empty() && unit.is_none() {
            unknown(&words, said, problems);
            continue;
        }
        let number = all.len() + 1;
        let element = ElementId::parse(&format!("{code}.{number}"));
        let figure = element.zip(unit.filter(|_| !said.is_empty()).map(|unit| unit.code.as_str()));
        all.push(Typed { words, figure });
    }
    all
}

/// Tells of a unit that there is none, with the question and the units that may have been meant.
fn unknown(question: &str, said: &str, problems: &mut FormProblems) {
    let short = |text: &str| text.chars().take(40).collect::<String>();
    let near: Vec<&str> = units_near(said, NEAR_MOST).iter().map(|it| it.name.as_str()).collect();
    let mut args = vec![("question", short(question)), ("unit", short(said))];
    if near.is_empty() {
        problems.add_with("questions", "reporting-campaign-unit", args);
    } else {
        args.push(("near", near.join(", ")));
        problems.add_with("questions", "reporting-campaign-unit-near", args);
    }
}

fn elements(typed: &[Typed]) -> Vec<DataElement> {
    let element = |one: &Typed| {
        let (code, unit) = one.figure.clone()?;
        Some(DataElement {
            code,
            name: one.words.clone(),
            unit: unit.to_owned(),
            decimals: decimals(unit),
            law: law_of_unit(unit),
            dimensions: Vec::new(),
            component: None,
            sheet: Sheet::default(),
            mark: Mark::Derived,
        })
    };
    typed.iter().filter_map(element).collect()
}

/// Things are counted, money and land are measured.
fn decimals(code: &str) -> u32 {
    let kind = unit(code).map_or("", |one| one.kind.as_str());
    match kind {
        _ if code == "dong" => 0,
        "money" | "length" => 3,
        "area" | "mass" => 2,
        kind if kind.starts_with("percent") => 2,
        _ => 0,
    }
}

fn sections(typed: &[Typed], with_files: bool) -> Vec<Section> {
    let mut all = Vec::new();
    let rows: Vec<TableRow> = typed.iter().filter_map(row).collect();
    if !rows.is_empty() {
        let column = TableColumn { title: "Số liệu".to_owned(), coords: Coords::total() };
        let rows = (1..)
            .zip(rows)
            .map(|(number, row): (u32, TableRow)| TableRow { number: number.to_string(), ..row });
        let table = FixedTable { columns: vec![column], rows: rows.collect(), details: Vec::new() };
        all.push(section("solieu", "Số liệu", SectionBody::Table(table)));
    }
    for (number, one) in (1..).zip(typed.iter().filter(|one| one.figure.is_none())) {
        let body = SectionBody::Narrative { max_chars: ANSWER_CHARS, required: true };
        let code: String = format!("cau{number}");
        all.push(section(&code, &one.words, body));
    }
    if with_files {
        all.push(files(&all));
    }
    all
}

const fn takes_files(section: &Section) -> bool {
    matches!(section.body, SectionBody::Attachments { .. })
}

/// The section for files, behind these.
fn files(before: &[Section]) -> Section {
    let taken = |code: &String| before.iter().any(|section| section.code == *code);
    let others = (2..).map(|number: u32| format!("minhchung{number}"));
    let code = std::iter::once("minhchung".to_owned()).chain(others).find(|code| !taken(code));
    let body = SectionBody::Attachments { max_files: FILES };
    section(&code.unwrap_or_default(), "Tài liệu, hình ảnh kèm theo", body)
}

fn row(one: &Typed) -> Option<TableRow> {
    let (element, _) = one.figure.clone()?;
    Some(TableRow {
        number: String::new(),
        label: one.words.clone(),
        element: Some(element),
        coords: Coords::total(),
        indent: 0,
        without: Vec::new(),
        required: true,
    })
}

fn section(code: &str, title: &str, body: SectionBody) -> Section {
    Section { code: code.to_owned(), title: title.to_owned(), hint: String::new(), body }
}
