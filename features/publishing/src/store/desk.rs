//! The editors' list: versions by how far they have come, within one subtree.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::PublicationId;

row_struct! {
    /// A line of the editors' list.
    #[derive(Clone, Debug)]
    pub(crate) struct DeskRow {
        pub publication: PublicationId,
        pub version: u32,
        pub kind: String,
        pub phase: String,
        pub title: String,
        pub publisher: String,
        pub edited_by_name: String,
        pub edited_at: Timestamp,
        pub publish_at: Option<Timestamp>,
        pub published_at: Option<Timestamp>,
        pub expires_on: Day,
        pub withdrawn_reason: String,
    }
    /// How many lines each tab of the list has.
    #[derive(Clone, Copy, Debug, Default)]
    pub(crate) struct DeskCounts {
        pub draft: i64,
        pub waiting: i64,
        pub public: i64,
        pub gone: i64,
        pub discarded: i64,
    }
}

/// One tab of the editors' list within one subtree.
pub(crate) async fn desk(
    tx: &mut Tx,
    scope: &ScopePath,
    tab: &str,
    pattern: &str,
    limit: usize,
) -> Result<Vec<DeskRow>, DbError> {
    let (low, high) = scope.range();
    let today = tx.now().day();
    tx.all(
        sql!("select v.publication, v.version, v.kind, v.phase, coalesce(t.title, '') as title, p.publisher, \
              v.edited_by_name, v.edited_at, v.publish_at, v.published_at, v.expires_on, p.withdrawn_reason \
              from publishing_versions v join publishing_publications p on p.id = v.publication \
              left join publishing_texts t on t.publication = v.publication and t.version = v.version \
              and t.language = 'vi' \
              where p.origin = '' and p.home >= $1 and p.home < $2 and v.folded like $4 and ( \
              ($3 = 'draft' and v.phase = 'draft' and v.discarded_at is null) \
              or ($3 = 'discarded' and v.discarded_at is not null and not exists (select 1 from publishing_versions n \
                  where n.publication = v.publication and n.version > v.version)) \
              or ($3 = 'waiting' and v.phase in ('submitted', 'approved')) \
              or (v.phase = 'published' and v.version = p.public_version and ( \
                  ($3 = 'public' and p.public_version > p.withdrawn_version and v.expires_on > $5) \
                  or ($3 = 'gone' and (p.public_version <= p.withdrawn_version or v.expires_on <= $5))))) \
              order by v.edited_at desc, v.publication desc limit $6"),
        &[low.into(), high.into(), tab.into(), pattern.into(), today.into(), limit.into()],
    )
    .await
}

/// How much lies in each tab within one subtree.
pub(crate) async fn desk_counts(
    tx: &mut Tx,
    scope: &ScopePath,
    pattern: &str,
) -> Result<DeskCounts, DbError> {
    let (low, high) = scope.range();
    let today = tx.now().day();
    tx.one(
        sql!("select cast(coalesce(sum(case when v.phase = 'draft' and v.discarded_at is null then 1 else 0 end), 0) as bigint) as draft, \
              cast(coalesce(sum(case when v.discarded_at is not null and not exists (select 1 from publishing_versions n \
                  where n.publication = v.publication and n.version > v.version) then 1 else 0 end), 0) as bigint) as discarded, \
              cast(coalesce(sum(case when v.phase in ('submitted', 'approved') then 1 else 0 end), 0) as bigint) as waiting, \
              cast(coalesce(sum(case when v.phase = 'published' and v.version = p.public_version \
                  and p.public_version > p.withdrawn_version and v.expires_on > $4 then 1 else 0 end), 0) as bigint) as public, \
              cast(coalesce(sum(case when v.phase = 'published' and v.version = p.public_version \
                  and (p.public_version <= p.withdrawn_version or v.expires_on <= $4) then 1 else 0 end), 0) as bigint) as gone \
              from publishing_versions v join publishing_publications p on p.id = v.publication \
              where p.origin = '' and p.home >= $1 and p.home < $2 and v.folded like $3"),
        &[low.into(), high.into(), pattern.into(), today.into()],
    )
    .await
}
