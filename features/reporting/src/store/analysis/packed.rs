//! What thousands of places reported in one cell, and what one place reported in hundreds of cells: a row a period. A
//! row costs a driver more than the figure that it brings.

use kernel::{
    db::{Column, DbError, Row, Tx, Value},
    row_struct, sql,
};

use super::{Window, list};
use crate::model::{Life, Period};

/// One text, with blanks between the figures: `place=amount` of a number that nobody approved, `place!amount` of one
/// that is approved as it stands, `place:state:amount:approved` of any other; what is not there is empty. Half the
/// time of an answer about all communes is the making of this text, so the usual two are short.
macro_rules! figures {
    () => {
        "string_agg(v.place || case when v.state = 0 and v.approved is null then coalesce('=' || v.amount, ':0') when v.state = 0 and v.approved = v.amount then '!' || v.amount else ':' || v.state || ':' || coalesce(cast(v.amount as text), '') || ':' || coalesce(cast(v.approved as text), '') end, ' ')"
    };
}

row_struct! {
    /// What places reported in one cell for one period.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Packed {
        pub period: String,
        pub figures: Figures,
    }
}

/// What one place reported, where cell and period are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The place's number.
    pub place: i64,
    /// As [`CellState`](crate::model::CellState) is stored.
    pub state: i64,
    /// The amount.
    pub amount: Option<i64>,
    /// What of it is approved.
    pub approved: Option<i64>,
}

impl Figure {
    fn unpack(text: &str) -> Option<Self> {
        let (place, rest) = text.split_at(text.find(['=', '!', ':'])?);
        let place = place.parse().ok()?;
        let whole = |rest: &str| rest.parse().ok();
        if let Some(amount) = rest.strip_prefix('=') {
            return Some(Self { place, state: 0, amount: whole(amount), approved: None });
        }
        if let Some(amount) = rest.strip_prefix('!').map(whole) {
            return Some(Self { place, state: 0, amount, approved: amount });
        }
        let mut parts = rest.split(':').skip(1);
        let state = parts.next()?.parse().ok()?;
        let mut number = || parts.next()?.parse().ok();
        Some(Self { place, state, amount: number(), approved: number() })
    }
}

/// Figures of one cell and period, one a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures(pub Vec<Figure>);

impl Figures {
    fn unpack(text: &str) -> Self {
        Self(text.split(' ').filter_map(Figure::unpack).collect())
    }
}

impl Column for Figures {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        let text: Option<String> = row.get(name)?;
        Ok(text.as_deref().map(Self::unpack).unwrap_or_default())
    }
}

/// What some places reported in one cell, for all periods within a window: read by (cell, period, life, place). A
/// period comes more than once when many places are named.
pub async fn reported(
    tx: &mut Tx,
    window: Window,
    cell: i64,
    places: &[i64],
) -> Result<Vec<Packed>, DbError> {
    let mut first = window.values();
    first.push(cell.into());
    tx.all_in_then(
        concat!(
            "select p.id as period, (select ",
            figures!(),
            " from reporting_values v \
             where v.cell = $4 and v.period = p.no and v.life = $3 and v.place in"
        ),
        ") as figures from reporting_periods p where p.from_day >= $1 and p.until_day <= $2",
        &first,
        &list(places),
    )
    .await
}

/// What every place reported in one cell, for all periods within a window.
pub async fn reported_everywhere(
    tx: &mut Tx,
    window: Window,
    cell: i64,
) -> Result<Vec<Packed>, DbError> {
    let mut values = window.values();
    values.push(cell.into());
    tx.all(
        sql!(concat!(
            "select p.id as period, (select ",
            figures!(),
            " from reporting_values v where v.cell = $4 and v.period = p.no and v.life = $3) as figures \
             from reporting_periods p where p.from_day >= $1 and p.until_day <= $2"
        )),
        &values,
    )
    .await
}

row_struct! {
    /// What a place reported for one period.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct AmountsAt {
        pub period: String,
        pub amounts: Amounts,
    }
}

/// Cells by number, each with its amount: what did not occur is none of it, and of what there are no data nothing is
/// told ([`CellState::amount`](crate::model::CellState::amount)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts(pub Vec<(i64, i64)>);

impl Amounts {
    fn unpack(text: &str) -> Self {
        let one = |part: &str| {
            let (cell, amount) = part.split_once('=')?;
            Some((cell.parse().ok()?, amount.parse().ok()?))
        };
        Self(text.split(' ').filter_map(one).collect())
    }
}

impl Column for Amounts {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        let text: Option<String> = row.get(name)?;
        Ok(text.as_deref().map(Self::unpack).unwrap_or_default())
    }
}

/// What a place reported in all its cells in some of the periods, where it reported at all.
pub async fn amounts_at(
    tx: &mut Tx,
    place: i64,
    life: Life,
    periods: &[Period],
) -> Result<Vec<AmountsAt>, DbError> {
    let ids: Vec<Value> = periods.iter().map(|period| period.id().into()).collect();
    tx.all_in(
        "select p.id as period, (select string_agg(v.cell || '=' || case v.state when 1 then 0 else v.amount end, ' ') \
          from reporting_values v where v.period = p.no and v.place = $1 and v.life = $2 and v.state < 2) as amounts \
         from reporting_periods p where p.id in",
        &[place.into(), life.code().into()],
        &ids,
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::{Amounts, Figure, Figures};

    #[test]
    fn packed_figures_are_read_with_what_is_not_there() {
        let text = "7=12 8!-3 9:1:: 10:0:5:4 11:2:: 12:0 13:0::6 x y=1 14";
        let figure = |place, state, amount, approved| Figure { place, state, amount, approved };
        let meant = [
            figure(7, 0, Some(12), None),
            figure(8, 0, Some(-3), Some(-3)),
            figure(9, 1, None, None),
            figure(10, 0, Some(5), Some(4)),
            figure(11, 2, None, None),
            figure(12, 0, None, None),
            figure(13, 0, None, Some(6)),
        ];
        assert_eq!(Figures::unpack(text).0, meant);
        assert_eq!(Figures::unpack("").0, []);
    }
    #[test]
    fn packed_amounts_are_read_with_their_cells() {
        assert_eq!(Amounts::unpack("3=12 4=-5 x=1 5= 6").0, [(3, 12), (4, -5)]);
        assert_eq!(Amounts::unpack("").0, []);
    }
}
