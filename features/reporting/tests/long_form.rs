//! A form of five thousand questions: sent by a phone in one piece, it is taken whole.

use std::fmt::Write;

use areas::view::Law;
use reporting::{
    actions::{
        catalogue::{self, kind},
        counts, entry,
        entry::Which,
    },
    model::{
        CellState, Coords, DataElement, DatasetId,
        element::{Mark, Sheet},
        form::{FixedTable, Form, Section, SectionBody, TableColumn, TableRow},
    },
};
use testkit::Kit;

use crate::{
    cast::{COMMUNE, officer, started, which},
    openrosa::submit_to,
};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const CODE: &str = "bieu-dai";
const QUESTIONS: usize = 5_000;

/// Plants a quarterly form with so many questions.
async fn define(kit: &Kit) -> Vec<DataElement> {
    let element = |at: usize| DataElement {
        code: kernel::ids::Id::from_text(format!("h{at:04}")),
        name: format!("Câu hỏi số {at}"),
        unit: "nguoi".to_owned(),
        decimals: 0,
        law: Law::Additive,
        dimensions: Vec::new(),
        component: None,
        sheet: Sheet::default(),
        mark: Mark::Derived,
    };
    let elements: Vec<DataElement> = (0..QUESTIONS).map(element).collect();
    let all = catalogue::current(&kit.app).await.expect("definitions");
    let mut dataset = all.dataset(&which(COMMUNE).dataset).expect("a data set").clone();
    dataset.code = DatasetId::parse(CODE).expect("a code");
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
        title: "Biểu dài".to_owned(),
        basis: String::new(),
        sections: vec![section],
        rules: Vec::new(),
    };
    let mut shipped = Vec::new();
    for one in &elements {
        let made = catalogue::definition(kind::ELEMENT, one.code.as_str(), 1, one, "shipped", "");
        shipped.push(made.expect("a definition"));
    }
    shipped.push(
        catalogue::definition(kind::DATASET, CODE, 1, &dataset, "shipped", "").expect("made"),
    );
    shipped.push(catalogue::definition(kind::FORM, CODE, 1, &form, "shipped", "").expect("made"));
    catalogue::plant(kit.db(), shipped).await.expect("planted");
    elements
}

testkit::on_both_engines! {
    async fn a_form_of_five_thousand_questions_is_taken_whole(builder: KitBuilder) {
        let kit = started(builder).await;
        let elements = define(&kit).await;
        let mut xml = format!("<?xml version='1.0' ?><data id=\"{CODE}\" version=\"1\" xmlns:orx=\"http://openrosa.org/xforms\"><baocao>nd09q-2026-4.{COMMUNE}.f</baocao><s_a>");
        for (at, one) in elements.iter().enumerate() {
            let _ = write!(xml, "<c_{}>{at}</c_{}>", one.code, one.code);
        }
        xml.push_str("</s_a><orx:meta><orx:instanceID>uuid:dai</orx:instanceID></orx:meta></data>");
        let reply = submit_to(&kit, OFFICER, "/v1/projects/1/submission", &xml, &[]).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let report = Which { dataset: DatasetId::parse(CODE).expect("a code"), ..which(COMMUNE) };
        let (_, sheet) = entry::open(&kit.app, &officer(&kit), &report).await.expect("it opens");
        assert_eq!(sheet.held.len(), QUESTIONS);
        for (at, one) in elements.iter().enumerate() {
            let key = one.cell(Coords::total()).expect("a cell");
            let said = CellState::Value(i64::try_from(at).expect("small"));
            assert_eq!(sheet.held.get(&key).map(|held| &held.state), Some(&said), "{key:?}");
        }
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }
}
