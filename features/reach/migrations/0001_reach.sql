-- Who should be reached, what proves that they were, and the live count of both.

-- The roster as every node may know it: no name stands here.
create table reach_roster (
    commune {id} not null,
    serial {int} not null,
    village {id} not null,
    path {text} not null,
    from_day {text} not null,
    until_day {text} not null,
    -- The node that keeps this roster; empty when it is this one.
    origin {text} not null,
    primary key (commune, serial)
);
create index reach_roster_path on reach_roster (path);

-- The persons themselves: only on the node where their commune's officer works.
create table reach_people (
    id {id} primary key,
    commune {id} not null,
    serial {int} not null,
    name {text} not null,
    name_fold {text} not null,
    name_sort {text} not null,
    gender {text},
    birth_year {int},
    ethnic_group {text},
    standing {text},
    languages {text} not null,
    reads_vietnamese {bool} not null,
    phone {text},
    end_reason {text},
    created_at {int} not null,
    changed_at {int} not null,
    unique (commune, serial),
    foreign key (commune, serial) references reach_roster (commune, serial)
);

create table reach_consents (
    person {id} not null references reach_people (id),
    purpose {text} not null,
    given_on {text} not null,
    withdrawn_on {text},
    primary key (person, purpose)
);

-- What is printed on the card is not kept, only its BLAKE3 hash.
create table reach_cards (
    id {id} primary key,
    person {id} not null references reach_people (id),
    number {text} not null unique,
    code_hash {text} not null unique,
    issued_at {int} not null,
    revoked_at {int},
    revoked_why {text}
);
create index reach_cards_person on reach_cards (person, issued_at);

create table reach_publications (
    id {id} not null,
    version {int} not null,
    title {text} not null,
    audiences {text} not null,
    languages {text} not null,
    areas {text} not null,
    at {int} not null,
    primary key (id, version)
);
create index reach_publications_at on reach_publications (at);

create table reach_publication_themes (
    publication {id} not null,
    version {int} not null,
    theme {text} not null,
    primary key (publication, version, theme)
);

-- The denominators, written once. `people` is empty when nobody knows the number.
create table reach_frozen (
    publication {id} not null,
    version {int} not null,
    village {id} not null,
    audience {text} not null,
    province {id} not null,
    commune {id} not null,
    path {text} not null,
    people {int},
    -- For prestigious persons: the serials that were counted, with a space before and after each.
    serials {text} not null,
    on_node_at {int},
    primary key (publication, version, village, audience)
);
create index reach_frozen_path on reach_frozen (publication, version, path);

create table reach_receipts (
    publication {id} not null,
    version {int} not null,
    actor {text} not null,
    rung {int} not null,
    -- The meeting it was told at; empty otherwise.
    source {text} not null,
    channel {int} not null,
    commune {id} not null,
    serial {int},
    place {text} not null,
    language {text} not null,
    at {int} not null,
    arrived_at {int} not null,
    primary key (publication, version, actor, rung, source)
);
create index reach_receipts_arrived on reach_receipts (publication, arrived_at);
create index reach_receipts_source on reach_receipts (source);

create table reach_meetings (
    id {id} primary key,
    village {id} not null,
    commune {id} not null,
    path {text} not null,
    held_on {text} not null,
    language {text} not null,
    head_count {int} not null,
    serials {text} not null,
    -- Who attests stays on the node where it was written.
    witness {text},
    witness_standing {text},
    officer {text},
    note {text},
    origin {text} not null,
    recorded_at {int} not null,
    voided_at {int},
    void_why {text}
);
create index reach_meetings_path on reach_meetings (path, held_on);
create index reach_meetings_village on reach_meetings (village);

create table reach_meeting_items (
    meeting {id} not null references reach_meetings (id),
    publication {id} not null,
    version {int} not null,
    primary key (meeting, publication, version)
);
create index reach_meeting_items_publication on reach_meeting_items (publication, version);

-- The live count: level 4 is the village, level 3 its commune. Kept by delta in the transaction that
-- applies the evidence; `store::counts::rebuild` exists to prove that it is right.
create table reach_counts (
    publication {id} not null,
    version {int} not null,
    level {int} not null,
    unit {id} not null,
    audience {text} not null,
    rung {int} not null,
    channel {int} not null,
    province {id} not null,
    commune {id} not null,
    path {text} not null,
    people {int} not null,
    primary key (publication, version, level, unit, audience, rung, channel)
);
create index reach_counts_path on reach_counts (publication, version, level, path);

-- When a point was last heard from.
create table reach_contacts (
    scope {text} primary key,
    at {int} not null
);

-- What is to be reached, per theme and audience, with where the number stands written.
create table reach_targets (
    theme {text} not null,
    audience {text} not null,
    from_day {text} not null,
    until_day {text} not null,
    percent {int} not null,
    source {text} not null,
    primary key (theme, audience, from_day)
);
-- QĐ 414/QĐ-TTg (12/4/2019): milestones of 2023, and for policy those of 2025. Read in summaries by the
-- Government's and provinces' pages, not in the signed text; where 2025 names no number the earlier stays.
insert into reach_targets (theme, audience, from_day, until_day, percent, source) values
    ('cdcs', 'prestigious_person', '2019-04-12', '9999-12-31', 100, 'QĐ 414/QĐ-TTg'),
    ('cdcs', 'people', '2019-04-12', '2025-01-01', 90, 'QĐ 414/QĐ-TTg'),
    ('cdcs', 'people', '2025-01-01', '9999-12-31', 100, 'QĐ 414/QĐ-TTg'),
    ('khcn', 'people', '2019-04-12', '9999-12-31', 80, 'QĐ 414/QĐ-TTg'),
    ('yte', 'people', '2019-04-12', '9999-12-31', 90, 'QĐ 414/QĐ-TTg'),
    ('rung', 'people', '2019-04-12', '9999-12-31', 90, 'QĐ 414/QĐ-TTg'),
    ('thien', 'people', '2019-04-12', '9999-12-31', 90, 'QĐ 414/QĐ-TTg'),
    ('antt', 'people', '2019-04-12', '9999-12-31', 90, 'QĐ 414/QĐ-TTg');
