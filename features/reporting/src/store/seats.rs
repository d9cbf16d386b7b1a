//! Where a place lay on which days: its *seats*. They follow each other without gap, so that exactly one holds on
//! any day; a figure counts in the province of the seat that held on the last day of its period.

use kernel::{
    clock::Day,
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

row_struct! {
    /// Days on which a place lay somewhere.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Seat {
        pub place: i64,
        pub from_day: Day,
        pub until_day: Day,
        pub path: ScopePath,
        /// The place of its province; its own number for a province and the country.
        pub province: i64,
    }
}

/// The first day that a seat can begin on.
///
/// # Panics
/// Never: it is a day.
pub fn first_day() -> Day {
    Day::new(1, 1, 1).expect("the first of January of the year 1 is a day")
}

/// Seats new places. What another writer seated meanwhile stays.
pub async fn begin(tx: &mut Tx, seats: &[Seat]) -> Result<(), DbError> {
    write(tx, seats).await
}

/// Puts these in the place of a place's seats.
pub async fn replace(tx: &mut Tx, place: i64, seats: &[Seat]) -> Result<(), DbError> {
    tx.run(sql!("delete from reporting_seats where place = $1"), &[place.into()]).await?;
    write(tx, seats).await
}

async fn write(tx: &mut Tx, seats: &[Seat]) -> Result<(), DbError> {
    let rows: Vec<Vec<Value>> = seats
        .iter()
        .map(|seat| {
            vec![
                seat.place.into(),
                seat.from_day.into(),
                seat.until_day.into(),
                (&seat.path).into(),
                seat.province.into(),
            ]
        })
        .collect();
    tx.insert_many(
        "insert into reporting_seats (place, from_day, until_day, path, province) values",
        "on conflict (place, from_day) do nothing",
        &rows,
    )
    .await?;
    Ok(())
}

/// The seats of places, in the order of days.
pub async fn of_places(tx: &mut Tx, places: &[i64]) -> Result<Vec<Seat>, DbError> {
    let list: Vec<Value> = places.iter().map(|no| Value::from(*no)).collect();
    let mut seats: Vec<Seat> = tx
        .all_in(
            "select place, from_day, until_day, path, province from reporting_seats where place in",
            &[],
            &list,
        )
        .await?;
    seats.sort_by_key(|seat| (seat.place, seat.from_day));
    Ok(seats)
}

/// The one of these seats that a place had on a day.
pub fn on(seats: &[Seat], place: i64, day: Day) -> Option<&Seat> {
    seats.iter().find(|seat| seat.place == place && seat.from_day <= day && day < seat.until_day)
}

/// The seats of places that lay in more than one province.
pub async fn of_movers(tx: &mut Tx) -> Result<Vec<Seat>, DbError> {
    tx.all(
        sql!("select place, from_day, until_day, path, province from reporting_seats where place in \
              (select place from reporting_seats group by place having min(province) <> max(province)) \
              order by place, from_day"),
        &[],
    )
    .await
}

/// Holds places until the transaction ends: whoever writes their figures and whoever moves them wait for each other,
/// so that no figure is counted in a province that the place has just left.
pub async fn hold(tx: &mut Tx, places: &[i64]) -> Result<(), DbError> {
    let list: Vec<Value> = places.iter().map(|no| Value::from(*no)).collect();
    tx.run_in("update reporting_places set no = no where no in", &[], &list).await?;
    Ok(())
}

/// The province in which a place lay on a day.
pub async fn province_on(tx: &mut Tx, place: i64, day: Day) -> Result<i64, DbError> {
    tx.one(
        sql!("select province as value from reporting_seats where place = $1 and from_day <= $2 and until_day > $2"),
        &[place.into(), day.into()],
    )
    .await
}

/// The places that ever lay under a path.
pub async fn below(tx: &mut Tx, path: &ScopePath) -> Result<Vec<i64>, DbError> {
    let (low, high) = path.range();
    tx.all(
        sql!("select distinct place as value from reporting_seats where path >= $1 and path < $2 order by value"),
        &[low.into(), high.into()],
    )
    .await
}
