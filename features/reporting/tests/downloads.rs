//! The same figures in every kind of file: what Parquet and OpenDocument hold is what the JSON says, whatever program
//! reads them.

use std::{collections::BTreeMap, io::Cursor};

use calamine::{Data, Ods, Range, Reader, Xlsx};
use kernel::axum::body::Bytes;
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};
use reporting::{
    actions::{
        entry::{Changes, save},
        figures::Edit,
    },
    model::{CellState, export::COLUMNS},
};
use serde_json::Value;
use testkit::{Kit, KitBuilder, TestEngine};

use crate::cast::{COMMUNE, cell, edit, officer, started, typed, which};

const PROVINCE: &str = "Lan|province_officer|/vn/19.2025/";
const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";

fn address(format: &str) -> String {
    format!("/so-lieu/tai?bieu=diem-ho-tro&ky=nd09q-2026-4&dia-ban=19.2025&dang={format}")
}

/// A commune that reported numbers, nothing and no data.
async fn reported(builder: KitBuilder) -> Kit {
    let kit = started(builder).await;
    let edits =
        vec![edit("10.6", 0, 1_980), edit("10.6:gt=nu", 0, 90), edit("10.6kp", 0, 306_105_500)];
    typed(&kit, &officer(&kit), &which(COMMUNE), edits).await;
    let said = |key: &str, state: CellState| Edit { key: cell(key), base: 0, state: Some(state) };
    let edits = vec![
        said("10.2", CellState::Nil("=1+1; nghỉ".to_owned())),
        said("10.5b", CellState::NoData("Sổ đang ở huyện".to_owned())),
    ];
    save(&kit.app, &officer(&kit), &which(COMMUNE), Changes { edits, ..Changes::default() })
        .await
        .expect("saved");
    kit
}

type Row = BTreeMap<String, String>;

/// The rows of the JSON file.
async fn rows(kit: &Kit) -> Vec<Row> {
    let told: Value =
        serde_json::from_str(&kit.get(PROVINCE, &address("json")).await.text).expect("JSON");
    let rows: Vec<Row> = serde_json::from_value(told["rows"].clone()).expect("rows of text");
    assert_eq!(rows.len(), 5, "{rows:?}");
    rows
}

/// An exact decimal as the JSON writes it: `digits` whole, with `scale` decimals.
fn plain(wide: i128, scale: u32) -> String {
    let one = 10_i128.pow(scale);
    let text = format!("{}.{:0width$}", wide / one, (wide % one).abs(), width = scale as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The rows of a sheet whose first row names the columns.
fn filled(sheet: &Range<Data>) -> Vec<Row> {
    let mut lines = sheet.rows();
    let head: Vec<String> =
        lines.next().expect("a header").iter().map(ToString::to_string).collect();
    assert_eq!(head, COLUMNS);
    let row = |line: &[Data]| {
        let cells = head.iter().zip(line).filter(|(_, cell)| **cell != Data::Empty);
        cells.map(|(name, cell)| (name.clone(), cell.to_string())).collect()
    };
    lines.map(row).collect()
}

testkit::on_both_engines! {
    async fn the_page_asks_for_a_place_by_its_name_and_keeps_what_was_chosen(builder: KitBuilder) {
        let kit = reported(builder).await;
        let page = kit.get(PROVINCE, "/so-lieu/tai?bieu=diem-ho-tro").await;
        assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        assert_eq!(testkit::html::field(&page.text, "dia-ban").as_deref(), Some("Tỉnh Thái Nguyên"));
        let sent = |place: &str| format!("/so-lieu/tai?bieu=diem-ho-tro&ky=nd09q-2026-4&dang=json&dia-ban={place}");
        let named = kit.get(PROVINCE, &sent("xa%20phu%20thong")).await;
        assert!(named.status == 200 && named.text.contains("\"rows\""), "{}", named.text);
        let unknown = kit.get(PROVINCE, &sent("khong%20co")).await;
        let text = unknown.text.replace("&#x2f;", "/");
        assert!(unknown.status == 422 && text.contains("value=\"khong co\"") && text.contains("value=\"json\" selected"), "{text}");
    }

    async fn parquet_holds_what_the_json_says(builder: KitBuilder) {
        let kit = reported(builder).await;
        let expected = rows(&kit).await;
        let page = kit.get(PROVINCE, &address("parquet")).await;
        assert_eq!((page.status, &page.bytes[..4]), (200, &b"PAR1"[..]));
        let reader = SerializedFileReader::new(Bytes::from(page.bytes)).expect("a Parquet file");
        let read = reader.get_row_iter(None).expect("rows").map(|row| {
            let row = row.expect("a row");
            let columns = row.get_column_iter().filter_map(|(name, field)| {
                let text = match field {
                    Field::Str(text) => text.clone(),
                    Field::Decimal(number) => {
                        let bytes = number.data().try_into().expect("sixteen bytes");
                        plain(i128::from_be_bytes(bytes), 6)
                    }
                    Field::Null => String::new(),
                    other => {
                        assert!(!COLUMNS.contains(&name.as_str()), "{name}: {other:?}");
                        return None;
                    }
                };
                (!text.is_empty()).then(|| (name.clone(), text))
            });
            columns.collect::<Row>()
        });
        assert_eq!(read.collect::<Vec<_>>(), expected);
        assert_eq!(kit.get(OFFICER, &address("parquet")).await.status, 403, "one commune is not the province");
        assert_eq!(kit.get("", &address("parquet")).await.status, 303);
        let none = kit.get(PROVINCE, &address("parquet").replace("2026-4", "2025-4")).await;
        let reader = SerializedFileReader::new(Bytes::from(none.bytes)).expect("a Parquet file");
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }

    async fn a_spreadsheet_of_open_document_holds_what_the_json_says(builder: KitBuilder) {
        let kit = reported(builder).await;
        let expected = rows(&kit).await;
        let page = kit.get(PROVINCE, &address("ods")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let mut book: Ods<_> = Ods::new(Cursor::new(page.bytes)).expect("a spreadsheet");
        let sheet = book.worksheet_range("Số liệu").expect("the figures");
        assert_eq!(filled(&sheet), expected);
        assert_eq!(kit.get(OFFICER, &address("ods")).await.status, 403);
        let form = kit.get(PROVINCE, "/so-lieu/tai?bieu=diem-ho-tro").await;
        assert!(form.text.contains("value=\"ods\"") && form.text.contains("value=\"parquet\""), "{}", form.text);
        assert!(kit.get(PROVINCE, "/so-lieu/bang").await.text.contains("href=\"/so-lieu/tai\""));
    }
}

/// Programs of others read the file, with exactly the figures of the JSON: DuckDB and Apache Arrow (PyPI: `duckdb`,
/// `pyarrow`), pandas' reader of ODS (`odfpy`). Skipped unless `TEST_FOREIGN_READERS` names a Python that has them.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where the packages are"
)]
fn foreign_programs_read_the_same_figures() {
    let Some(python) = std::env::var("TEST_FOREIGN_READERS").ok().filter(|one| !one.is_empty())
    else {
        eprintln!("skipped: TEST_FOREIGN_READERS names no Python with duckdb, pyarrow and odfpy");
        return;
    };
    testkit::run(async move {
        let kit = reported(KitBuilder::on(TestEngine::Sqlite)).await;
        let expected = rows(&kit).await;
        let folder = kit.folder.clone();
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("written");
        write("figures.json", serde_json::to_string(&expected).expect("JSON").as_bytes());
        for format in ["parquet", "ods"] {
            write(&format!("figures.{format}"), &kit.get(PROVINCE, &address(format)).await.bytes);
        }
        let script = format!("{}/tests/foreign/readers_py.py", env!("CARGO_MANIFEST_DIR"));
        let output = testkit::tokio::process::Command::new(python)
            .arg(script)
            .arg(&folder)
            .output()
            .await
            .expect("the program runs");
        let words = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .join("\n");
        assert!(output.status.success(), "{words}");
    });
}

/// LibreOffice, where it is installed, reads the spreadsheet and saves the same figures, numbers as numbers and days
/// as days.
#[test]
fn libre_office_reads_the_spreadsheet() {
    testkit::run(async {
        let kit = reported(KitBuilder::on(TestEngine::Sqlite)).await;
        let expected = rows(&kit).await;
        let from = kit.folder.join("figures.ods");
        std::fs::write(&from, kit.get(PROVINCE, &address("ods")).await.bytes).expect("written");
        let profile = kit.folder.join("office");
        let output = std::process::Command::new("soffice")
            .arg(format!("-env:UserInstallation=file://{}", profile.display()))
            .args(["--headless", "--convert-to", "xlsx", "--outdir"])
            .args([&kit.folder, &from])
            .output();
        let Ok(output) = output else {
            eprintln!("skipped: no soffice here");
            return;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let bytes = std::fs::read(kit.folder.join("figures.xlsx")).expect("it was saved");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        let sheet = book.worksheet_range("Số liệu").expect("the figures");
        assert_eq!(filled(&sheet), expected);
        assert!(sheet.rows().skip(1).any(|line| line[9] == Data::Float(306_105.5)));
        let told = book.worksheet_range("Thông tin").expect("what it is of");
        let Some(Data::DateTime(first)) = told.get_value((3, 1)) else { panic!("{told:?}") };
        // Days since 1899-12-30: 15/9/2026.
        assert!((first.as_f64() - 46_280.0).abs() < 1e-9, "{first:?}");
    });
}
