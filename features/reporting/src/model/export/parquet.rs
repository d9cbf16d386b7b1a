//! Figures as a Parquet file (Apache Parquet, format 2): one row a figure, every column with its type, in groups of
//! rows, so that a country is written in the memory of one group. Numbers are DECIMAL and never floating point.
//! The schema is the same for every data set, so that many files read as one table; what codes mean stands in
//! the file's key-value metadata. Packed with zstd, which this program has anyway.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::clock::Day;
use parquet::{
    basic::{Compression, ZstdLevel},
    data_type::{
        ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
        Int64Type,
    },
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};
use serde_json::json;

use super::{About, Exported};
use crate::model::{Coords, Life, definition::DECIMALS_MAX};

/// Why a file could not be written.
pub type Unwritten = ParquetError;

/// Rows of a group: large enough to pack well, small enough to be held (some megabytes).
pub const GROUP: usize = 20_000;

/// Nineteen digits are whatever an amount can be, and six more the decimals that are kept at most: any figure of
/// any element fits.
const SCHEMA: &str = "message figures {
  REQUIRED BYTE_ARRAY ma_dia_ban (STRING);
  REQUIRED BYTE_ARRAY dia_ban (STRING);
  REQUIRED BYTE_ARRAY ky (STRING);
  REQUIRED INT32 ky_tu (DATE);
  REQUIRED INT32 ky_den (DATE);
  REQUIRED BYTE_ARRAY loai (STRING);
  REQUIRED BYTE_ARRAY ma_chi_tieu (STRING);
  REQUIRED BYTE_ARRAY chi_tieu (STRING);
  REQUIRED BYTE_ARRAY phan_to (STRING);
  REQUIRED BYTE_ARRAY don_vi_tinh (STRING);
  REQUIRED BYTE_ARRAY trang_thai (STRING);
  OPTIONAL FIXED_LEN_BYTE_ARRAY (16) gia_tri (DECIMAL (25, 6));
  OPTIONAL BYTE_ARRAY ly_do (STRING);
  OPTIONAL FIXED_LEN_BYTE_ARRAY (16) da_duyet (DECIMAL (25, 6));
  REQUIRED INT32 so_le;
  REQUIRED INT64 phien_ban;
  REQUIRED INT64 tinh_den (TIMESTAMP (MILLIS, true));
}";

const _: () = assert!(DECIMALS_MAX == 6, "the decimals of the schema");

/// Where the file is written to until somebody takes it away.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A file that is being written.
pub struct File {
    writer: SerializedFileWriter<Sink>,
    sink: Sink,
    about: About,
    /// Elements that occurred: name, unit, decimals.
    elements: BTreeMap<String, (String, String, u32)>,
    /// Dimensions that occurred.
    divided: BTreeSet<String>,
}

impl File {
    /// Begins a file.
    pub fn begin(about: About) -> Result<Self, Unwritten> {
        let packed = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder()
            .set_compression(packed)
            .set_created_by("Nhịp Cầu".to_owned())
            .build();
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let sink = Sink::default();
        let writer = SerializedFileWriter::new(sink.clone(), schema, Arc::new(properties))?;
        Ok(Self { writer, sink, about, elements: BTreeMap::new(), divided: BTreeSet::new() })
    }

    /// Writes a group of rows.
    pub fn rows(&mut self, rows: &[Exported]) -> Result<(), Unwritten> {
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            if !self.elements.contains_key(&row.element.0) {
                let told = (row.element.1.clone(), row.unit.clone(), row.decimals);
                self.elements.insert(row.element.0.clone(), told);
            }
            if let Some(coords) = Coords::parse(&row.coords) {
                self.divided.extend(coords.iter().map(|(dimension, _)| dimension.to_owned()));
            }
        }
        let mut group = Group { group: self.writer.next_row_group()?, rows };
        let about = &self.about;
        let last = about.period.until.plus_days(-1);
        group.text(|row| &row.area.0)?;
        group.text(|row| &row.area.1)?;
        group.same::<ByteArrayType>(about.period.id().into())?;
        group.same::<Int32Type>(days(about.period.from))?;
        group.same::<Int32Type>(days(last))?;
        group.same::<ByteArrayType>(about.life.slug().into())?;
        group.text(|row| &row.element.0)?;
        group.text(|row| &row.element.1)?;
        group.text(|row| &row.coords)?;
        group.text(|row| &row.unit)?;
        group.text(|row| row.said().0)?;
        group.amount(|row| row.said().1)?;
        group.some::<ByteArrayType>(|row| {
            let reason = row.state.reason();
            (!reason.is_empty()).then(|| reason.into())
        })?;
        group.amount(|row| row.approved)?;
        let decimals: Vec<i32> =
            rows.iter().map(|row| i32::try_from(row.decimals).unwrap_or(0)).collect();
        group.write::<Int32Type>(&decimals, None)?;
        let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
        group.write::<Int64Type>(&versions, None)?;
        group.same::<Int64Type>(about.as_of.millis())?;
        group.group.close()?;
        Ok(())
    }

    /// What has been written since this was asked last.
    pub fn written(&self) -> Vec<u8> {
        self.sink.taken()
    }

    /// Ends the file; gives what is left of it.
    pub fn finish(mut self) -> Result<Vec<u8>, Unwritten> {
        for (key, value) in self.metadata() {
            self.writer.append_key_value_metadata(KeyValue::new(key, value));
        }
        self.writer.into_inner()?;
        Ok(self.sink.taken())
    }

    /// What the file is of, and under `nhipcau.column.{column}` what the codes of a column mean, in JSON.
    fn metadata(&self) -> Vec<(String, String)> {
        let about = &self.about;
        let life = if about.life == Life::Estimate { "estimate" } else { "final" };
        let elements: serde_json::Map<_, _> = self
            .elements
            .iter()
            .map(|(code, (name, unit, decimals))| {
                (code.clone(), json!({ "name": name, "unit": unit, "decimals": decimals }))
            })
            .collect();
        let divided = about.dimensions.iter().filter(|one| self.divided.contains(&one.code));
        let dimensions: serde_json::Map<_, _> = divided
            .map(|one| {
                let options: BTreeMap<&str, &str> = one
                    .options
                    .iter()
                    .map(|option| (option.code.as_str(), option.name.as_str()))
                    .collect();
                (one.code.clone(), json!({ "name": one.name, "options": options }))
            })
            .collect();
        let plain = [
            ("dataset", about.dataset.to_string()),
            ("title", about.title.clone()),
            ("period", about.period.id().to_owned()),
            ("life", life.to_owned()),
            ("area", about.area.to_string()),
            ("area-name", about.area_name.clone()),
            ("as-of", about.as_of.rfc3339()),
            ("column.ma_chi_tieu", serde_json::Value::Object(elements).to_string()),
            ("column.phan_to", serde_json::Value::Object(dimensions).to_string()),
            (
                "column.trang_thai",
                json!({ "so": "có số", "kps": "không phát sinh", "ksl": "không có số liệu" })
                    .to_string(),
            ),
            (
                "column.loai",
                json!({ "chinh-thuc": "chính thức", "uoc": "ước thực hiện" }).to_string(),
            ),
        ];
        plain.map(|(key, value)| (format!("nhipcau.{key}"), value)).to_vec()
    }
}

/// Days since 1970-01-01, as Parquet counts them.
fn days(day: Day) -> i32 {
    Day::new(1970, 1, 1).map_or(0, |first| day.days_since(first))
}

/// An amount with the decimals of the column, in big-endian two's complement.
fn decimal(amount: i64, decimals: u32) -> FixedLenByteArray {
    let more = DECIMALS_MAX.saturating_sub(decimals);
    let wide = i128::from(amount) * 10_i128.pow(more);
    wide.to_be_bytes().to_vec().into()
}

/// Columns of a group, one after the other as the schema has them.
struct Group<'g> {
    group: SerializedRowGroupWriter<'g, Sink>,
    rows: &'g [Exported],
}

impl<'g> Group<'g> {
    fn write<T: DataType>(
        &mut self,
        values: &[T::T],
        present: Option<&[i16]>,
    ) -> Result<(), Unwritten> {
        let column = self.group.next_column()?;
        let mut column =
            column.ok_or_else(|| ParquetError::General("the schema has fewer columns".into()))?;
        column.typed::<T>().write_batch(values, present, None)?;
        column.close()
    }

    fn text<'r>(&mut self, of: impl Fn(&'g Exported) -> &'r str) -> Result<(), Unwritten>
    where
        'g: 'r,
    {
        let values: Vec<ByteArray> = self.rows.iter().map(|row| ByteArray::from(of(row))).collect();
        self.write::<ByteArrayType>(&values, None)
    }

    fn same<T: DataType>(&mut self, value: T::T) -> Result<(), Unwritten> {
        let values = vec![value; self.rows.len()];
        self.write::<T>(&values, None)
    }

    fn some<T: DataType>(
        &mut self,
        of: impl Fn(&'g Exported) -> Option<T::T>,
    ) -> Result<(), Unwritten> {
        let all: Vec<Option<T::T>> = self.rows.iter().map(of).collect();
        let present: Vec<i16> = all.iter().map(|one| i16::from(one.is_some())).collect();
        let values: Vec<T::T> = all.into_iter().flatten().collect();
        self.write::<T>(&values, Some(&present))
    }

    fn amount(&mut self, of: impl Fn(&'g Exported) -> Option<i64>) -> Result<(), Unwritten> {
        self.some::<FixedLenByteArrayType>(|row| {
            of(row).map(|amount| decimal(amount, row.decimals))
        })
    }
}
