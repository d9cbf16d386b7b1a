//! The five wire types that both engines share, with typed nulls.

/// A value bound to a placeholder.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `text`
    Text(Option<String>),
    /// `bigint`
    Int(Option<i64>),
    /// `boolean`
    Bool(Option<bool>),
    /// `double precision`
    Real(Option<f64>),
    /// `bytea`
    Bytes(Option<Vec<u8>>),
}

macro_rules! from {
    ($($kind:ident: $($source:ty => |$value:ident| $map:expr),+;)+) => {$($(
        impl From<$source> for Value {
            fn from($value: $source) -> Self { Self::$kind(Some($map)) }
        }
        impl From<Option<$source>> for Value {
            fn from(value: Option<$source>) -> Self { Self::$kind(value.map(|$value| $map)) }
        }
    )+)+};
}

from! {
    Text: String => |v| without_nul(v), &str => |v| without_nul(v.to_owned()), &String => |v| without_nul(v.clone()),
        crate::clock::Day => |v| v.iso();
    Int: i64 => |v| v, i32 => |v| i64::from(v), u32 => |v| i64::from(v), u16 => |v| i64::from(v),
        u8 => |v| i64::from(v), crate::clock::Timestamp => |v| v.millis(),
        // Lengths and counters never pass 2^63; the edge is kept rather than wrapped.
        u64 => |v| i64::try_from(v).unwrap_or(i64::MAX),
        usize => |v| i64::try_from(v).unwrap_or(i64::MAX);
    Bool: bool => |v| v;
    Real: f64 => |v| v;
    Bytes: Vec<u8> => |v| v, &[u8] => |v| v.to_vec(), &Vec<u8> => |v| v.clone();
}

/// PostgreSQL cannot hold NUL in text, and nobody means to write one.
fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Self {
        value.clone()
    }
}

/// Binds values in order to an sqlx query of either engine. In place: a query handed on with every value was copied as
/// often as a statement has values.
macro_rules! bind_all {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            let bound = match value.clone() {
                $crate::db::Value::Text(v) => query.try_bind(v),
                $crate::db::Value::Int(v) => query.try_bind(v),
                $crate::db::Value::Bool(v) => query.try_bind(v),
                $crate::db::Value::Real(v) => query.try_bind(v),
                $crate::db::Value::Bytes(v) => query.try_bind(v),
            };
            bound.map_err(sqlx::Error::Encode)?;
        }
        query
    }};
}
pub(super) use bind_all;
