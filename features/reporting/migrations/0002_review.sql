-- What the tier above does with reports: sections that are in order, consolidations, works seen once, reminders.

-- Sections of a report that somebody found in order. While a section's content has the same BLAKE3 hash, in this
-- revision or a later one, nobody has to look at it again.
create table reporting_sections (
    submission {id} not null,
    section {text} not null,
    revision {int} not null,
    hash {text} not null,
    by_account {text} not null,
    by_name {text} not null,
    at {int} not null,
    primary key (submission, section, hash)
);

-- Consolidations: sums over the reports of an area as they stood at a moment, unchanging. A correction gives a new
-- one with the next number; the older ones stay.
create table reporting_consolidations (
    id {id} primary key,
    dataset {id} not null,
    period {id} not null,
    life {int} not null,
    area {id} not null,
    path {text} not null,
    number {int} not null,
    -- The whole content in CBOR and its BLAKE3 hash.
    hash {bytes} not null,
    body {bytes} not null,
    included {int} not null,
    expected {int} not null,
    by_account {text} not null,
    by_name {text} not null,
    at {int} not null,
    approved_account {text},
    approved_by {text},
    approved_at {int}
);
create unique index reporting_consolidations_whose on reporting_consolidations (dataset, period, life, area, number);

-- Works as reports told them: one row per row of a growing table that names one.
create table reporting_works (
    submission {id} not null,
    section {text} not null,
    row_id {id} not null,
    -- The work's id as people compare it: folded, without spaces.
    work {text} not null,
    -- As it was written.
    shown {text} not null,
    dataset {id} not null,
    period {id} not null,
    life {int} not null,
    tier {text} not null,
    area {id} not null,
    path {text} not null,
    revision {int} not null,
    position {int} not null,
    -- The row's cells as a JSON object by column code.
    body {text} not null,
    at {int} not null,
    primary key (submission, section, row_id)
);
create index reporting_works_path on reporting_works (period, life, path);
create index reporting_works_work on reporting_works (period, life, work);

-- What a person decided about a work that several communes reported.
create table reporting_work_decisions (
    period {id} not null,
    life {int} not null,
    work {text} not null,
    -- 'one' report counts, or each tells its 'share'.
    mode {text} not null,
    -- The report whose row counts; empty for shares.
    submission {text} not null,
    -- The reports it was decided on; when others come, it is open again.
    basis {text} not null,
    why {text} not null,
    by_account {text} not null,
    by_name {text} not null,
    at {int} not null,
    primary key (period, life, work)
);

-- Reminders that were given: never two for one rung of the ladder.
create table reporting_notices (
    obligation {id} not null,
    -- The rung: days before (negative) or after the deadline.
    days {int} not null,
    -- 'unit', 'province' or 'ministry'.
    audience {text} not null,
    -- Whom it is told: the unit itself, its province or the country.
    scope {text} not null,
    at {int} not null,
    primary key (obligation, days, audience)
);
create index reporting_notices_scope on reporting_notices (scope, audience, at);

-- The same as letters: one per recipient and day, sent when there is a way to.
create table reporting_letters (
    id {id} primary key,
    scope {text} not null,
    audience {text} not null,
    day {text} not null,
    -- What it tells, as JSON.
    body {text} not null,
    at {int} not null,
    sent_at {int},
    tries {int} not null
);
create unique index reporting_letters_whose on reporting_letters (scope, audience, day);
create index reporting_letters_waiting on reporting_letters (sent_at, at);
