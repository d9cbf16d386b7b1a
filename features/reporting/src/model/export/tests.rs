//! Files are read back by other code than wrote them: the figures are the same to the last digit, whatever
//! people typed.

use std::io::{Cursor, Read};

use areas::AreaId;
use bytes::Bytes;
use calamine::{Data, Ods, Reader};
use kernel::clock::Timestamp;
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::{Field, RowAccessor},
};

use super::{About, COLUMNS, Exported, ods, parquet as columnar};
use crate::model::{CellState, DatasetId, Dimension, Life, Period, dimension::DimensionOption};

fn about() -> About {
    let option = |code: &str, name: &str| DimensionOption {
        code: code.into(),
        name: name.into(),
        name_en: String::new(),
        ended: false,
    };
    About {
        dataset: DatasetId::parse("diem-ho-tro").expect("a code"),
        title: "Điểm hỗ trợ <&> \"hai\"".to_owned(),
        period: Period::parse("nd09q-2026-4").expect("a period"),
        life: Life::Final,
        area: AreaId::parse("19.2025").expect("an area"),
        area_name: "tỉnh Thái Nguyên".to_owned(),
        as_of: Timestamp::from_millis(1_795_000_000_123),
        dimensions: vec![
            Dimension {
                code: "gt".into(),
                name: "Giới tính".into(),
                name_en: String::new(),
                sensitive: false,
                partition: true,
                options: vec![option("nu", "Nữ"), option("nam", "Nam")],
            },
            Dimension {
                code: "xa".into(),
                name: "Không dùng đến".into(),
                name_en: String::new(),
                sensitive: false,
                partition: false,
                options: Vec::new(),
            },
        ],
    }
}

fn row(element: &str, coords: &str, decimals: u32, state: CellState) -> Exported {
    Exported {
        area: ("01969.2025".into(), "xã Phủ Thông".into()),
        element: (element.into(), "Lượt người".into()),
        coords: coords.into(),
        unit: "người".into(),
        decimals,
        state,
        approved: None,
        version: 3,
    }
}

/// Figures that binary fractions do not hold, the largest there are, and words that break careless writers.
fn rows() -> Vec<Exported> {
    let hostile = "=1+1; <b>&amp;\u{0}\u{b} \"'\ndòng hai".to_owned();
    vec![
        row("10.6", "gt=nu", 0, CellState::Value(1_980)),
        row("10.6kp", "", 3, CellState::Value(306_105_123)),
        row("10.7", "", 6, CellState::Value(-999_999_999_999_999)),
        Exported { approved: Some(1), ..row("10.8", "", 2, CellState::Value(999_999_999_999_999)) },
        row("10.9", "", 0, CellState::Nil(hostile)),
        Exported {
            approved: Some(-5),
            ..row("10.9", "gt=nam", 1, CellState::NoData("mất sổ".into()))
        },
    ]
}

/// A decimal with six digits after the point, as text without the zeros at its end.
fn plain(field: &Field) -> Option<String> {
    let Field::Decimal(decimal) = field else { return None };
    assert_eq!((decimal.scale(), decimal.precision()), (6, 25));
    let bytes: [u8; 16] = decimal.data().try_into().expect("sixteen bytes");
    let wide = i128::from_be_bytes(bytes);
    let (whole, rest) = (wide / 1_000_000, (wide % 1_000_000).abs());
    let sign = if wide < 0 && whole == 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{rest:06}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

#[test]
fn parquet_keeps_every_digit_and_says_what_codes_mean() {
    let rows = rows();
    let mut file = columnar::File::begin(about()).expect("begun");
    let mut bytes = Vec::new();
    // Three groups: what was written is taken away between them.
    for group in rows.chunks(2) {
        file.rows(group).expect("written");
        bytes.extend(file.written());
    }
    bytes.extend(file.finish().expect("finished"));
    let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("a Parquet file");
    let told = reader.metadata();
    assert_eq!((told.num_row_groups(), told.file_metadata().num_rows()), (3, 6));
    let read: Vec<_> =
        reader.get_row_iter(None).expect("rows").collect::<Result<_, _>>().expect("rows");
    let name = |row: &parquet::record::Row, column: &str| -> Field {
        let found = row.get_column_iter().find(|(name, _)| *name == column);
        found.expect("a column").1.clone()
    };
    for (was, row) in rows.iter().zip(&read) {
        let columns = was.columns(&about(), false);
        for (at, column) in COLUMNS.iter().enumerate() {
            let expected = columns[at].as_str();
            match name(row, column) {
                Field::Str(text) => assert_eq!(text, expected, "{column}"),
                Field::Null => assert_eq!("", expected, "{column}"),
                field => assert_eq!(plain(&field).as_deref(), Some(expected), "{column}"),
            }
        }
        let decimals = i32::try_from(was.decimals).expect("few");
        assert_eq!(name(row, "so_le"), Field::Int(decimals));
        assert_eq!(name(row, "phien_ban"), Field::Long(3));
        assert_eq!(name(row, "tinh_den"), Field::TimestampMillis(1_795_000_000_123));
        // The fourth quarter of 2026: 15/9 to 14/12.
        assert_eq!(name(row, "ky_tu"), Field::Date(20_711));
        assert_eq!(name(row, "ky_den"), Field::Date(20_801));
    }
    assert_eq!(read[0].get_string(6).expect("text"), "10.6");
    let pairs = told.file_metadata().key_value_metadata().expect("told");
    let value = |key: &str| {
        let found = pairs.iter().find(|one| one.key == format!("nhipcau.{key}"));
        found.and_then(|one| one.value.clone()).unwrap_or_default()
    };
    assert_eq!(value("dataset"), "diem-ho-tro");
    assert_eq!(value("period"), "nd09q-2026-4");
    let json =
        |key: &str| -> serde_json::Value { serde_json::from_str(&value(key)).expect("JSON") };
    assert_eq!(json("column.ma_chi_tieu")["10.6kp"]["decimals"], 3);
    assert_eq!(json("column.phan_to")["gt"]["options"]["nu"], "Nữ");
    assert_eq!(json("column.phan_to").as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(json("column.trang_thai")["kps"], "không phát sinh");
}

#[test]
fn a_parquet_file_of_nothing_is_a_parquet_file() {
    let file = columnar::File::begin(about()).expect("begun");
    let bytes = file.finish().expect("finished");
    let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("a Parquet file");
    assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    assert_eq!(reader.metadata().file_metadata().schema().get_fields().len(), 17);
}

#[test]
fn a_spreadsheet_of_open_document_has_typed_cells() {
    let rows = rows();
    let bytes = ods::write(&about(), &rows).expect("written");
    // A file of this kind is known by its first bytes.
    assert_eq!(&bytes[30..38], b"mimetype");
    assert_eq!(&bytes[38..38 + ods::MIME.len()], ods::MIME.as_bytes());
    let mut book: Ods<_> = Ods::new(Cursor::new(bytes.clone())).expect("a spreadsheet");
    assert_eq!(book.sheet_names(), ["Số liệu", "Thông tin"]);
    let sheet = book.worksheet_range("Số liệu").expect("the figures");
    let cell =
        |row: u32, column: u32| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    for (at, name) in (0..).zip(COLUMNS) {
        assert_eq!(cell(0, at), Data::String(name.to_owned()));
    }
    assert_eq!(cell(1, 0), Data::String("01969.2025".to_owned()));
    assert_eq!(cell(1, 9), Data::Float(1_980.0));
    assert_eq!(cell(2, 9), Data::Float(306_105.123));
    assert_eq!(cell(3, 9), Data::Float(-999_999_999.999_999));
    assert_eq!(cell(4, 11), Data::Float(0.01));
    assert_eq!(cell(5, 8), Data::String("kps".to_owned()));
    assert_eq!(cell(5, 9), Data::Empty);
    let Data::String(reason) = cell(5, 10) else { panic!("{:?}", cell(5, 10)) };
    assert_eq!(reason, "=1+1; <b>&amp; \"'\ndòng hai");
    assert_eq!(cell(6, 11), Data::Float(-0.5));
    let told = book.worksheet_range("Thông tin").expect("what it is of");
    assert_eq!(told.get_value((0, 1)), Some(&Data::String("Điểm hỗ trợ <&> \"hai\"".to_owned())));
    assert_eq!(told.get_value((3, 1)), Some(&Data::DateTimeIso("2026-09-15".to_owned())));
    assert_eq!(told.get_value((4, 1)), Some(&Data::DateTimeIso("2026-12-14".to_owned())));
    // The digits as they are, and as they are shown.
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut xml = String::new();
    archive.by_name("content.xml").expect("the sheet").read_to_string(&mut xml).expect("text");
    assert!(xml.contains("office:value=\"306105.123\""), "{xml}");
    assert!(xml.contains("<text:p>306.105,123</text:p>"), "{xml}");
    assert!(xml.contains("office:value=\"9999999999999.99\""), "{xml}");
    let mut manifest = String::new();
    let mut part = archive.by_name("META-INF/manifest.xml").expect("the manifest");
    part.read_to_string(&mut manifest).expect("text");
    assert!(manifest.contains("full-path=\"content.xml\"") && manifest.contains(ods::MIME));
}
