//! What reports cost in bytes and rows, beside what was promised. The figures are those of `nhipcau bench reporting`,
//! by the same law; times are never asserted.

use std::collections::BTreeMap;

use kernel::chance::Chance;
use reporting::{
    actions::{
        catalogue::{self, kind},
        content::Content,
        entry::Which,
        figures::Edit,
        measure,
    },
    model::{
        CellKey, CellState, Coords, DataElement, DatasetId, Dimension,
        dimension::DimensionOption,
        element::{Mark, Sheet},
        form::{FixedTable, Form, Section, SectionBody, TableColumn, TableRow},
    },
};
use sync::{
    keys::NodeKeys,
    upstream::{ChainHash, NoColumns, Row, seal},
};
use testkit::Kit;

use crate::cast::{COMMUNE, officer, piece, signed_content, started, typed, which};

/// The dimensions of a form of 63,600 possible cells (G14).
const SIZES: [(&str, usize); 4] = [("pa", 6), ("pb", 10), ("pc", 20), ("pd", 53)];
const SPARSE: &str = "do-phan-to";
const ELEMENT: &str = "dtpt";

/// The first cells of a commune's report by the law of the bench.
fn figures(cells: usize) -> BTreeMap<String, BTreeMap<String, CellState>> {
    let mut all: BTreeMap<String, BTreeMap<String, CellState>> = BTreeMap::new();
    for cell in 0..cells {
        let mixed = cell * 7_919;
        let state = if mixed.is_multiple_of(97) {
            CellState::Nil("không phát sinh".to_owned())
        } else if mixed.is_multiple_of(193) {
            CellState::NoData("chưa rà soát".to_owned())
        } else {
            CellState::Value(i64::try_from(mixed % 1_000).expect("small"))
        };
        let coords = ["", "gt=nu", "dtts=dtts"][cell % 3];
        all.entry(format!("dt{:03}", cell / 3)).or_default().insert(coords.to_owned(), state);
    }
    all
}

/// One report compressed, sealed to the hub and signed, without HTTP.
fn on_the_wire(cells: usize) -> usize {
    let content = Content { figures: figures(cells), ..signed_content(&which(COMMUNE), 1) };
    let row = Row { kind: 60, body: piece(&which(COMMUNE), &content) };
    let keys = NodeKeys::from_seed(&[7; 32]);
    let mut rng = Chance::seeded(1).rng();
    let start = ChainHash::genesis(keys.node_id(), 1);
    let sealed = seal(&keys, keys.public(), 1, 1, start, &[row], &NoColumns, &mut rng);
    sealed.expect("it is sealed").0.len()
}

/// The promise is 10 KB (G12); what it takes today stands close below each of these.
#[test]
fn a_monthly_report_weighs_no_more_than_promised() {
    for (cells, most) in [(200, 950), (660, 2_200), (1_500, 4_500)] {
        let bytes = on_the_wire(cells);
        assert!(bytes <= most, "{cells} cells: {bytes} bytes of {most}");
    }
}

fn coords(at: usize) -> Coords {
    let part = |(code, size): &(&str, usize)| format!("{code}=o{}", (at / 3 + at) % size);
    let parts: Vec<String> = SIZES.iter().map(part).collect();
    Coords::parse(&parts.join(",")).expect("coordinates")
}

async fn define(kit: &Kit) -> DataElement {
    let mut shipped = Vec::new();
    for (code, size) in SIZES {
        let options = (0..size).map(|at| DimensionOption {
            code: format!("o{at}"),
            name: format!("Lựa chọn {at}"),
            name_en: String::new(),
            ended: false,
        });
        let one = Dimension {
            code: code.to_owned(),
            name: format!("Phân tổ {code}"),
            name_en: String::new(),
            sensitive: false,
            partition: true,
            options: options.collect(),
        };
        shipped.push(catalogue::definition(kind::DIMENSION, code, 1, &one, "shipped", ""));
    }
    let codes = || SIZES.iter().map(|(code, _)| (*code).to_owned()).collect::<Vec<_>>();
    let element = DataElement {
        code: kernel::ids::Id::from_text(ELEMENT.to_owned()),
        name: "Chỉ tiêu chia nhiều phân tổ".to_owned(),
        unit: "nguoi".to_owned(),
        decimals: 0,
        law: areas::view::Law::Additive,
        dimensions: codes(),
        component: None,
        sheet: Sheet::default(),
        mark: Mark::Derived,
    };
    let all = catalogue::current(&kit.app).await.expect("definitions");
    let mut dataset = all.dataset(&which(COMMUNE).dataset).expect("a data set").clone();
    dataset.code = DatasetId::parse(SPARSE).expect("a code");
    let row = TableRow {
        number: String::new(),
        label: String::new(),
        element: Some(element.code.clone()),
        coords: Coords::total(),
        indent: 0,
        without: Vec::new(),
        required: false,
    };
    let table = FixedTable {
        columns: vec![TableColumn { title: "Tổng".to_owned(), coords: Coords::total() }],
        rows: vec![row],
        details: codes(),
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
        title: "Biểu nhiều phân tổ".to_owned(),
        basis: String::new(),
        sections: vec![section],
        rules: Vec::new(),
    };
    shipped.push(catalogue::definition(kind::ELEMENT, ELEMENT, 1, &element, "shipped", ""));
    shipped.push(catalogue::definition(kind::DATASET, SPARSE, 1, &dataset, "shipped", ""));
    shipped.push(catalogue::definition(kind::FORM, SPARSE, 1, &form, "shipped", ""));
    let shipped = shipped.into_iter().collect::<Result<Vec<_>, _>>().expect("definitions");
    catalogue::plant(kit.db(), shipped).await.expect("planted");
    element
}

testkit::on_both_engines! {
    async fn possible_cells_cost_nothing_and_reported_ones_a_row_each(builder: KitBuilder) {
        let kit = started(builder).await;
        let before = measure::cells(kit.db()).await.expect("counted");
        let element = define(&kit).await;
        assert_eq!(measure::cells(kit.db()).await.expect("counted"), before, "63,600 cells that nobody reported");
        let keys: std::collections::BTreeSet<CellKey> = (0..60).map(|at| element.cell(coords(at)).expect("a cell")).collect();
        let many = keys.len();
        let edits = keys.into_iter().map(|key| Edit { key, base: 0, state: Some(CellState::Value(1)) }).collect();
        let report = Which { dataset: DatasetId::parse(SPARSE).expect("a code"), ..which(COMMUNE) };
        typed(&kit, &officer(&kit), &report, edits).await;
        assert_eq!(measure::cells(kit.db()).await.expect("counted"), before + many);
    }
}
