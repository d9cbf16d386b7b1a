//! Reference rows in force on the day of the transaction.

use kernel::{
    db::{DbError, Tx},
    sql,
};

use crate::model::reference::{Audience, Kind, Language, Theme, ThemeTarget};

/// Themes in force today, in their order.
pub async fn themes(tx: &mut Tx) -> Result<Vec<Theme>, DbError> {
    let today = tx.now().day();
    tx.all(
        sql!(
            "select code, name, short_name, pictogram, source from publishing_themes \
              where valid_from <= $1 and valid_until > $1 order by position, code"
        ),
        &[today.into()],
    )
    .await
}

/// Coverage targets in force today.
pub async fn theme_targets(tx: &mut Tx) -> Result<Vec<ThemeTarget>, DbError> {
    let today = tx.now().day();
    tx.all(
        sql!(
            "select theme, audience, percent, source from publishing_theme_targets \
              where valid_from <= $1 and valid_until > $1 order by theme, audience"
        ),
        &[today.into()],
    )
    .await
}

/// Audiences in force today, in their order.
pub async fn audiences(tx: &mut Tx) -> Result<Vec<Audience>, DbError> {
    let today = tx.now().day();
    tx.all(
        sql!(
            "select code, name, pictogram from publishing_audiences \
              where valid_from <= $1 and valid_until > $1 order by position, code"
        ),
        &[today.into()],
    )
    .await
}

/// Kinds in force today, in their order.
pub async fn kinds(tx: &mut Tx) -> Result<Vec<Kind>, DbError> {
    let today = tx.now().day();
    tx.all(
        sql!(
            "select code, name, pictogram, has_document from publishing_kinds \
              where valid_from <= $1 and valid_until > $1 order by position, code"
        ),
        &[today.into()],
    )
    .await
}

/// Languages of content, those offered first at the front.
pub async fn languages(tx: &mut Tx) -> Result<Vec<Language>, DbError> {
    let today = tx.now().day();
    tx.all(
        sql!(
            "select tag, name, is_common from publishing_languages \
              where valid_from <= $1 and valid_until > $1 order by position, tag"
        ),
        &[today.into()],
    )
    .await
}
