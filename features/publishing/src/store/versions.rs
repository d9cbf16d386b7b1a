//! Versions on their way: what editors and approvers work on.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::{
    PublicationId, SOURCE_LANGUAGE,
    draft::{Document, Draft, Source},
    version::{Phase, Publication, TargetArea, Version},
};

row_struct! {
    struct VersionRow {
        publication: PublicationId,
        version: u32,
        phase: String,
        revision: u32,
        kind: String,
        priority: i64,
        source_name: String,
        source_url: String,
        source_date: Option<Day>,
        document_number: String,
        document_authority: String,
        document_issued: Option<Day>,
        document_effective: Option<Day>,
        document_abstract: String,
        picture_words: String,
        expires_on: Day,
        edited_by_name: String,
        edited_at: Timestamp,
        submitted_by: Option<String>,
        submitted_at: Option<Timestamp>,
        approved_by: Option<String>,
        publish_at: Option<Timestamp>,
        published_at: Option<Timestamp>,
        title: Option<String>,
        summary: Option<String>,
        body: Option<String>,
        home: ScopePath,
        publisher: String,
        public_version: u32,
        withdrawn_version: u32,
        withdrawn_reason: String,
    }
    struct TargetRow {
        area: String,
        path: ScopePath,
        name: String,
    }
    struct LabelRow {
        axis: String,
        code: String,
    }
}

/// The newest version of a publication that is edited here.
pub(crate) async fn newest(tx: &mut Tx, id: &PublicationId) -> Result<Option<Version>, DbError> {
    let number: Option<i64> = tx
        .one(
            sql!(
                "select max(v.version) as value from publishing_versions v \
                  join publishing_publications p on p.id = v.publication \
                  where v.publication = $1 and p.origin = '' and v.discarded_at is null"
            ),
            &[id.into()],
        )
        .await?;
    match number.and_then(|number| u32::try_from(number).ok()) {
        Some(number) => find(tx, id, number).await,
        None => Ok(None),
    }
}

/// One version, whole.
pub(crate) async fn find(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
) -> Result<Option<Version>, DbError> {
    let row: Option<VersionRow> = tx
        .maybe(
            sql!("select v.publication, v.version, v.phase, v.revision, v.kind, v.priority, v.source_name, \
                  v.source_url, v.source_date, v.document_number, v.document_authority, v.document_issued, \
                  v.document_effective, v.document_abstract, v.picture_words, v.expires_on, v.edited_by_name, \
                  v.edited_at, v.submitted_by, v.submitted_at, v.approved_by, v.publish_at, v.published_at, \
                  t.title, t.summary, t.body, p.home, p.publisher, p.public_version, p.withdrawn_version, \
                  p.withdrawn_reason from publishing_versions v \
                  join publishing_publications p on p.id = v.publication \
                  left join publishing_texts t on t.publication = v.publication and t.version = v.version \
                  and t.language = $3 where v.publication = $1 and v.version = $2"),
            &[id.into(), number.into(), SOURCE_LANGUAGE.into()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let targets = targets(tx, id, number).await?;
    let labels: Vec<LabelRow> = tx
        .all(
            sql!("select axis, code from publishing_labels where publication = $1 and version = $2 order by axis, code"),
            &[id.into(), number.into()],
        )
        .await?;
    let hands: Vec<String> = tx
        .all(
            sql!("select account as value from publishing_hands where publication = $1 and version = $2 order by account"),
            &[id.into(), number.into()],
        )
        .await?;
    row.whole(targets, &labels, hands).map(Some)
}

/// The target areas of a version.
pub(crate) async fn targets(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
) -> Result<Vec<TargetArea>, DbError> {
    let rows: Vec<TargetRow> = tx
        .all(
            sql!("select area, path, name from publishing_targets where publication = $1 and version = $2 order by path"),
            &[id.into(), number.into()],
        )
        .await?;
    let areas = rows.into_iter();
    Ok(areas.map(|row| TargetArea { area: row.area, path: row.path, name: row.name }).collect())
}

impl VersionRow {
    fn whole(
        self,
        targets: Vec<TargetArea>,
        labels: &[LabelRow],
        hands: Vec<String>,
    ) -> Result<Version, DbError> {
        let codes = |axis: &str| -> Vec<String> {
            let of_axis = labels.iter().filter(|label| label.axis == axis);
            of_axis.map(|label| label.code.clone()).collect()
        };
        let phase = self.phase()?;
        Ok(Version {
            draft: Draft {
                kind: self.kind,
                title: self.title.unwrap_or_default(),
                summary: self.summary.unwrap_or_default(),
                body: self.body.unwrap_or_default(),
                areas: targets.iter().map(|target| target.area.clone()).collect(),
                themes: codes("theme"),
                audiences: codes("audience"),
                languages: codes("language"),
                source: Source {
                    name: self.source_name,
                    url: self.source_url,
                    date: self.source_date,
                },
                document: Document {
                    number: self.document_number,
                    authority: self.document_authority,
                    issued: self.document_issued,
                    effective: self.document_effective,
                    subject: self.document_abstract,
                },
                expires: Some(self.expires_on).filter(|day| *day != Day::FOREVER),
                is_urgent: self.priority > 0,
            },
            publication: Publication {
                id: self.publication,
                home: self.home,
                publisher: self.publisher,
                public_version: self.public_version,
                withdrawn_version: self.withdrawn_version,
                withdrawn_reason: self.withdrawn_reason,
            },
            number: self.version,
            phase,
            revision: self.revision,
            targets,
            picture_words: self.picture_words,
            hands,
            edited_by_name: self.edited_by_name,
            edited_at: self.edited_at,
        })
    }

    fn phase(&self) -> Result<Phase, DbError> {
        let missing = || DbError::unreadable("phase", format!("{} without its data", self.phase));
        Ok(match self.phase.as_str() {
            "draft" => Phase::Draft,
            "submitted" => Phase::Submitted {
                by: self.submitted_by.clone().ok_or_else(missing)?,
                at: self.submitted_at.ok_or_else(missing)?,
            },
            "approved" => Phase::Approved {
                by: self.approved_by.clone().ok_or_else(missing)?,
                publish_at: self.publish_at.ok_or_else(missing)?,
            },
            "published" => Phase::Published { at: self.published_at.ok_or_else(missing)? },
            _ => return Err(DbError::unreadable("phase", "unknown")),
        })
    }
}

/// A publication's frame: whose it is.
pub(crate) struct NewPublication<'a> {
    pub id: &'a PublicationId,
    pub home_area: &'a str,
    pub home: &'a ScopePath,
    pub publisher: &'a str,
}

/// Begins a publication that is edited here.
pub(crate) async fn insert_publication(
    tx: &mut Tx,
    new: &NewPublication<'_>,
    account: &str,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into publishing_publications (id, home_area, home, publisher, origin, public_version, \
              withdrawn_version, withdrawn_reason, created_by, created_at) \
              values ($1, $2, $3, $4, '', 0, 0, '', $5, $6)"),
        &[
            new.id.into(),
            new.home_area.into(),
            new.home.into(),
            new.publisher.into(),
            account.into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Begins a version with nothing in it but who began it.
pub(crate) async fn insert_version(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
    account: &str,
    name: &str,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into publishing_versions (publication, version, phase, revision, kind, priority, source_name, \
              source_url, document_number, document_authority, document_abstract, picture_words, expires_on, \
              created_by, edited_by, edited_by_name, edited_at, card, folded) \
              values ($1, $2, 'draft', 0, '', 0, '', '', '', '', '', '', '9999-12-31', $3, $3, $4, $5, '', '')"),
        &[id.into(), number.into(), account.into(), name.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Who saves, and upon which revision.
pub(crate) struct Edit<'a> {
    pub id: &'a PublicationId,
    pub number: u32,
    pub base_revision: u32,
    pub account: &'a str,
    pub name: &'a str,
}

/// Writes a draft if it is still at the revision the editor saw; false when somebody was quicker.
pub(crate) async fn save(
    tx: &mut Tx,
    edit: &Edit<'_>,
    draft: &Draft,
    targets: &[TargetArea],
    folded: &str,
) -> Result<bool, DbError> {
    let now = tx.now();
    let values: Vec<Value> = vec![
        edit.id.into(),
        edit.number.into(),
        edit.base_revision.into(),
        (&draft.kind).into(),
        i64::from(draft.is_urgent).into(),
        (&draft.source.name).into(),
        (&draft.source.url).into(),
        draft.source.date.into(),
        (&draft.document.number).into(),
        (&draft.document.authority).into(),
        draft.document.issued.into(),
        draft.document.effective.into(),
        (&draft.document.subject).into(),
        draft.expires.unwrap_or(Day::FOREVER).into(),
        edit.account.into(),
        edit.name.into(),
        now.into(),
        folded.into(),
    ];
    let touched = tx
        .run(
            sql!("update publishing_versions set revision = revision + 1, kind = $4, priority = $5, source_name = $6, \
                  source_url = $7, source_date = $8, document_number = $9, document_authority = $10, \
                  document_issued = $11, document_effective = $12, document_abstract = $13, expires_on = $14, \
                  edited_by = $15, edited_by_name = $16, edited_at = $17, folded = $18 \
                  where publication = $1 and version = $2 and revision = $3 and phase = 'draft'"),
            &values,
        )
        .await?;
    if touched == 0 {
        return Ok(false);
    }
    put_targets(tx, edit.id, edit.number, targets).await?;
    put_labels(tx, edit.id, edit.number, draft).await?;
    put_hand(tx, edit.id, edit.number, edit.account).await?;
    Ok(true)
}

/// Replaces the target areas of a version.
pub(crate) async fn put_targets(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
    targets: &[TargetArea],
) -> Result<(), DbError> {
    tx.run(
        sql!("delete from publishing_targets where publication = $1 and version = $2"),
        &[id.into(), number.into()],
    )
    .await?;
    let rows: Vec<Vec<Value>> = targets
        .iter()
        .map(|target| {
            let area = target.area.as_str();
            vec![
                id.into(),
                number.into(),
                (&target.path).into(),
                area.into(),
                (&target.name).into(),
            ]
        })
        .collect();
    let head = "insert into publishing_targets (publication, version, path, area, name) values";
    tx.insert_many(head, "on conflict do nothing", &rows).await?;
    Ok(())
}

/// Replaces themes, audiences and languages of a version.
pub(crate) async fn put_labels(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
    draft: &Draft,
) -> Result<(), DbError> {
    tx.run(
        sql!("delete from publishing_labels where publication = $1 and version = $2"),
        &[id.into(), number.into()],
    )
    .await?;
    let axes =
        [("theme", &draft.themes), ("audience", &draft.audiences), ("language", &draft.languages)];
    let rows: Vec<Vec<Value>> = axes
        .iter()
        .flat_map(|(axis, codes)| codes.iter().map(move |code| (*axis, code)))
        .map(|(axis, code)| vec![id.into(), number.into(), axis.into(), code.into()])
        .collect();
    let head = "insert into publishing_labels (publication, version, axis, code) values";
    tx.insert_many(head, "on conflict do nothing", &rows).await?;
    Ok(())
}

/// Notes that somebody touched a version.
pub(crate) async fn put_hand(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
    account: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into publishing_hands (publication, version, account) values ($1, $2, $3) on conflict do nothing"),
        &[id.into(), number.into(), account.into()],
    )
    .await?;
    Ok(())
}

/// Counts a change to something beside the main text, so that approvers see a moved revision.
pub(crate) async fn touch(tx: &mut Tx, edit: &Edit<'_>) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!(
            "update publishing_versions set edited_by = $3, edited_by_name = $4, edited_at = $5 \
              where publication = $1 and version = $2"
        ),
        &[edit.id.into(), edit.number.into(), edit.account.into(), edit.name.into(), now.into()],
    )
    .await?;
    put_hand(tx, edit.id, edit.number, edit.account).await
}

/// Words for the picture.
pub(crate) async fn put_picture_words(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
    words: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("update publishing_versions set picture_words = $3 where publication = $1 and version = $2"),
        &[id.into(), number.into(), words.into()],
    )
    .await?;
    Ok(())
}

/// Moves a version to another phase. False when it was no longer in the phase it was found in.
pub(crate) async fn put_phase(
    tx: &mut Tx,
    version: &Version,
    phase: &Phase,
) -> Result<bool, DbError> {
    let nothing = || (None::<&str>, None::<Timestamp>);
    let (code, (by, at), publish_at) = match phase {
        Phase::Draft => ("draft", nothing(), None),
        Phase::Submitted { by, at } => ("submitted", (Some(by.as_str()), Some(*at)), None),
        Phase::Approved { by, publish_at } => {
            ("approved", (Some(by.as_str()), Some(tx.now())), Some(*publish_at))
        }
        Phase::Published { at } => ("published", (None, Some(*at)), None),
    };
    let touched = tx
        .run(
            sql!("update publishing_versions set phase = $4, revision = revision + 1, \
                  submitted_by = case when $4 = 'submitted' then $5 when $4 = 'draft' then null else submitted_by end, \
                  submitted_at = case when $4 = 'submitted' then $6 when $4 = 'draft' then null else submitted_at end, \
                  approved_by = case when $4 = 'approved' then $5 when $4 = 'draft' then null else approved_by end, \
                  approved_at = case when $4 = 'approved' then $6 when $4 = 'draft' then null else approved_at end, \
                  publish_at = case when $4 = 'approved' then $7 when $4 = 'draft' then null else publish_at end, \
                  published_at = case when $4 = 'published' then $6 else published_at end \
                  where publication = $1 and version = $2 and revision = $3"),
            &[
                (&version.publication.id).into(),
                version.number.into(),
                version.revision.into(),
                code.into(),
                by.into(),
                at.into(),
                publish_at.into(),
            ],
        )
        .await?;
    Ok(touched == 1)
}

/// Makes a version the one that readers see, with what was said about it.
pub(crate) async fn put_public(
    tx: &mut Tx,
    version: &Version,
    card: &str,
    folded: &str,
    record: &[u8],
) -> Result<(), DbError> {
    let id = &version.publication.id;
    tx.run(
        sql!("update publishing_versions set card = $3, folded = $4, record = $5 where publication = $1 and version = $2"),
        &[id.into(), version.number.into(), card.into(), folded.into(), record.into()],
    )
    .await?;
    tx.run(
        sql!("update publishing_publications set public_version = $2 where id = $1"),
        &[id.into(), version.number.into()],
    )
    .await?;
    Ok(())
}

/// Takes a version, and everything before it, back from readers.
pub(crate) async fn put_withdrawn(
    tx: &mut Tx,
    id: &PublicationId,
    number: u32,
    reason: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.run(
        sql!("update publishing_publications set withdrawn_version = $2, withdrawn_reason = $3, withdrawn_at = $4 \
              where id = $1 and withdrawn_version < $2"),
        &[id.into(), number.into(), reason.into(), at.into()],
    )
    .await?;
    Ok(())
}
