//! What was issued here between two days: for counting, not for reading.

use kernel::{
    clock::Day,
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::PublicationId;

row_struct! {
    /// A publication of ours that came out.
    #[derive(Clone, Debug)]
    pub(crate) struct IssuedRow {
        pub publication: PublicationId,
        pub home: ScopePath,
    }
    /// A code that belongs to one.
    #[derive(Clone, Debug)]
    pub(crate) struct CodeRow {
        pub publication: PublicationId,
        pub code: String,
    }
}

/// Publications of this node whose first version came out on these days.
pub(crate) async fn issued(tx: &mut Tx, from: Day, until: Day) -> Result<Vec<IssuedRow>, DbError> {
    tx.all(
        sql!("select p.id as publication, p.home from publishing_publications p join publishing_versions v \
              on v.publication = p.id where p.origin = '' and v.published_at >= $1 and v.published_at < $2 \
              and v.version = (select min(w.version) from publishing_versions w where w.publication = p.id \
                  and w.published_at is not null) order by p.id"),
        &[from.start().into(), until.start().into()],
    )
    .await
}

/// The themes of their first versions.
pub(crate) async fn themes(tx: &mut Tx, from: Day, until: Day) -> Result<Vec<CodeRow>, DbError> {
    tx.all(
        sql!("select v.publication, l.code from publishing_publications p join publishing_versions v \
              on v.publication = p.id join publishing_labels l on l.publication = v.publication \
              and l.version = v.version and l.axis = 'theme' \
              where p.origin = '' and v.published_at >= $1 and v.published_at < $2 \
              and v.version = (select min(w.version) from publishing_versions w where w.publication = p.id \
                  and w.published_at is not null) order by v.publication, l.code"),
        &[from.start().into(), until.start().into()],
    )
    .await
}

/// The languages in which their first versions can be read or heard: texts and finished recordings.
pub(crate) async fn languages(tx: &mut Tx, from: Day, until: Day) -> Result<Vec<CodeRow>, DbError> {
    tx.all(
        sql!("select v.publication, t.language as code from publishing_publications p join publishing_versions v \
              on v.publication = p.id join publishing_texts t on t.publication = v.publication \
              and t.version = v.version \
              where p.origin = '' and v.published_at >= $1 and v.published_at < $2 \
              and v.version = (select min(w.version) from publishing_versions w where w.publication = p.id \
                  and w.published_at is not null) \
              union \
              select v.publication, s.language as code from publishing_publications p join publishing_versions v \
              on v.publication = p.id join publishing_sounds s on s.publication = v.publication \
              and s.version = v.version and s.state = 'ready' \
              where p.origin = '' and v.published_at >= $1 and v.published_at < $2 \
              and v.version = (select min(w.version) from publishing_versions w where w.publication = p.id \
                  and w.published_at is not null) order by 1, 2"),
        &[from.start().into(), until.start().into()],
    )
    .await
}
