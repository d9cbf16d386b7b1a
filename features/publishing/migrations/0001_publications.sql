-- Publications with their versions. Working text and what readers see lie in the same tables: a
-- version that was published is never changed again, a correction is the next version.
create table publishing_publications (
    id {id} primary key,
    home_area {id},
    home {text} not null,
    publisher {text} not null,
    -- Who may say anything more about it: empty for our own, the origin's node id for received ones.
    origin {text} not null,
    -- The version readers see, 0 for none; and the newest version that was withdrawn.
    public_version {int} not null,
    withdrawn_version {int} not null,
    withdrawn_reason {text} not null,
    withdrawn_at {int},
    created_by {text} not null,
    created_at {int} not null
);
create index publishing_publications_home on publishing_publications (home);

create table publishing_versions (
    publication {id} not null,
    version {int} not null,
    phase {text} not null check (phase in ('draft', 'submitted', 'approved', 'published')),
    revision {int} not null,
    kind {text} not null,
    priority {int} not null,
    source_name {text} not null,
    source_url {text} not null,
    source_date {text},
    document_number {text} not null,
    document_authority {text} not null,
    document_issued {text},
    document_effective {text},
    document_abstract {text} not null,
    -- Which picture leads, with the words for those who do not see it.
    picture_words {text} not null,
    expires_on {text} not null,
    created_by {text} not null,
    edited_by {text} not null,
    edited_by_name {text} not null,
    edited_at {int} not null,
    submitted_by {text},
    submitted_at {int},
    approved_by {text},
    approved_at {int},
    publish_at {int},
    published_at {int},
    -- What lists show without asking other tables (JSON), and the folded words for searching.
    card {text} not null,
    folded {text} not null,
    -- The record's body as it was said or received.
    record {bytes},
    primary key (publication, version)
);
create index publishing_versions_phase on publishing_versions (phase, edited_at);
create index publishing_versions_published on publishing_versions (published_at, publication);

-- Everybody who touched a version: none of them may approve it.
create table publishing_hands (
    publication {id} not null,
    version {int} not null,
    account {text} not null,
    primary key (publication, version, account)
);

create table publishing_targets (
    publication {id} not null,
    version {int} not null,
    path {text} not null,
    area {text} not null,
    name {text} not null,
    primary key (publication, version, path)
);
create index publishing_targets_path on publishing_targets (path);

create table publishing_labels (
    publication {id} not null,
    version {int} not null,
    axis {text} not null check (axis in ('theme', 'audience', 'language')),
    code {text} not null,
    primary key (publication, version, axis, code)
);

create table publishing_texts (
    publication {id} not null,
    version {int} not null,
    language {text} not null,
    title {text} not null,
    summary {text} not null,
    body {text} not null,
    -- From which version of the Vietnamese text it was made, and that text's digest.
    source_version {int} not null,
    source_digest {text} not null,
    -- The file that brings the text when it was too long to travel in the record.
    file {text} not null,
    edited_by {text} not null,
    edited_at {int} not null,
    primary key (publication, version, language)
);

-- Recordings as they were brought in; what comes out of them are renditions.
create table publishing_sounds (
    id {id} primary key,
    publication {id} not null,
    version {int} not null,
    language {text} not null,
    voice {text} not null,
    state {text} not null check (state in ('waiting', 'ready', 'failed')),
    -- Why it failed (the end of a Fluent key), and a word for it (a format, a limit).
    trouble {text} not null,
    trouble_detail {text} not null,
    warnings {text} not null,
    original {text} not null,
    original_name {text} not null,
    original_bytes {int} not null,
    source_version {int} not null,
    source_digest {text} not null,
    created_by {text} not null,
    created_at {int} not null
);
create index publishing_sounds_version on publishing_sounds (publication, version);

-- Files that belong to a version: sound in two sizes, the picture in two, long texts.
create table publishing_renditions (
    publication {id} not null,
    version {int} not null,
    hash {text} not null,
    modality {text} not null check (modality in ('audio', 'picture', 'text')),
    language {text} not null,
    -- 0 for the smallest file of its kind, then upwards.
    rank {int} not null,
    bytes {int} not null,
    duration_ms {int} not null,
    bitrate_bps {int} not null,
    width {int} not null,
    height {int} not null,
    voice {text} not null,
    source_version {int} not null,
    is_stale {bool} not null,
    sound {text} not null,
    primary key (publication, version, modality, language, rank)
);
create index publishing_renditions_hash on publishing_renditions (hash);

create table publishing_files (
    hash {text} primary key,
    media_type {text} not null,
    bytes {int} not null,
    arrived_at {int}
);

create table publishing_history (
    id {id} primary key,
    publication {id} not null,
    version {int} not null,
    at {int} not null,
    account {text} not null,
    name {text} not null,
    deed {text} not null,
    remark {text} not null
);
create index publishing_history_publication on publishing_history (publication, at);

-- What somebody wanted to save while somebody else already had: kept until it is used or let go.
create table publishing_conflicts (
    id {id} primary key,
    publication {id} not null,
    version {int} not null,
    account {text} not null,
    name {text} not null,
    at {int} not null,
    base_revision {int} not null,
    draft {text} not null
);
create index publishing_conflicts_publication on publishing_conflicts (publication);

-- Withdrawals said by another origin than the publication's own are not believed; one that overtook
-- its publication waits in publishing_publications with public_version 0.
create table publishing_themes (
    code {text} not null,
    name {text} not null,
    short_name {text} not null,
    pictogram {text} not null,
    position {int} not null,
    valid_from {text} not null,
    valid_until {text} not null,
    source {text} not null,
    primary key (code, valid_from)
);

create table publishing_theme_targets (
    theme {text} not null,
    audience {text} not null,
    percent {int} not null,
    valid_from {text} not null,
    valid_until {text} not null,
    source {text} not null,
    primary key (theme, audience, valid_from)
);

create table publishing_audiences (
    code {text} not null,
    name {text} not null,
    pictogram {text} not null,
    position {int} not null,
    valid_from {text} not null,
    valid_until {text} not null,
    primary key (code, valid_from)
);

create table publishing_kinds (
    code {text} not null,
    name {text} not null,
    pictogram {text} not null,
    has_document {bool} not null,
    position {int} not null,
    valid_from {text} not null,
    valid_until {text} not null,
    primary key (code, valid_from)
);

create table publishing_languages (
    tag {text} not null,
    iso639_3 {text} not null,
    name {text} not null,
    english_name {text} not null,
    ethnic_codes {text} not null,
    scripts {text} not null,
    is_common {bool} not null,
    position {int} not null,
    valid_from {text} not null,
    valid_until {text} not null,
    primary key (tag, valid_from)
);
