-- What is reported: definitions, figures, reports and their life, who owes what, and the live counts of it all.

-- Programmes, dimensions, data elements, indicators, targets, data sets, forms: each as JSON, by kind and code,
-- every version kept. Shipped ones come with the program; others are made by officials or arrive from the hub.
create table reporting_definitions (
    kind {text} not null,
    code {text} not null,
    version {int} not null,
    body {text} not null,
    -- 'shipped', 'here', or the node it came from.
    origin {text} not null,
    author {text} not null,
    at {int} not null,
    primary key (kind, code, version)
);

-- Short numbers for what figures are keyed by. They are this node's own and never travel.
create table reporting_counters (
    name {text} primary key,
    last {int} not null
);
create table reporting_cells (
    no {int} primary key,
    element {id} not null,
    coords {text} not null,
    unique (element, coords)
);
create table reporting_periods (
    no {int} primary key,
    id {id} not null unique,
    scheme {text} not null,
    from_day {text} not null,
    until_day {text} not null
);
create index reporting_periods_scheme on reporting_periods (scheme, from_day);
create table reporting_places (
    no {int} primary key,
    area {id} not null unique,
    path {text} not null,
    -- The place of the province it lay in when it reported; its own number for a province and the country.
    province {int} not null
);
create index reporting_places_province on reporting_places (province, no);
create table reporting_authors (
    no {int} primary key,
    account {text} not null,
    name {text} not null,
    unique (account, name)
);

-- The figures. One row per cell that somebody reported; a cell without a row was not reported.
create table reporting_values (
    period {int} not null,
    place {int} not null,
    cell {int} not null,
    -- 0 final, 1 estimate.
    life {int} not null,
    -- 0 a number, 1 nothing occurred, 2 no data.
    state {int} not null,
    amount {int},
    reason {text},
    -- Counted from 1 for each cell; a save names the version that it saw.
    version {int} not null,
    -- The data set through which it was entered: one figure has one owner, though many forms show it.
    owner {int} not null,
    author {int} not null,
    at {int} not null,
    -- What was approved last; none while nothing was.
    approved {int},
    primary key (period, place, cell, life)
) {clustered};
create index reporting_values_cell on reporting_values (cell, period, life, place);

-- What stood in a cell before; state -1: from this version on it was empty.
create table reporting_history (
    period {int} not null,
    place {int} not null,
    cell {int} not null,
    life {int} not null,
    version {int} not null,
    state {int} not null,
    amount {int},
    reason {text},
    author {int} not null,
    at {int} not null,
    primary key (period, place, cell, life, version)
);

-- What was typed over a version that somebody else had changed meanwhile: kept until a person settles it.
create table reporting_conflicts (
    id {id} primary key,
    period {int} not null,
    place {int} not null,
    cell {int} not null,
    life {int} not null,
    -- The version it was based on; 0 for an empty cell.
    base {int} not null,
    -- 0 to 2 as in reporting_values; -1: the cell was emptied.
    state {int} not null,
    amount {int},
    reason {text},
    author {int} not null,
    at {int} not null,
    settled_at {int},
    settled_by {text}
);
create index reporting_conflicts_where on reporting_conflicts (period, place, life, settled_at);

-- Live counts, kept by the transaction that writes the figures. Provinces only: their sum is the nation, and a
-- single national row would be one that every writer waits for.
create table reporting_rollups (
    cell {int} not null,
    period {int} not null,
    life {int} not null,
    province {int} not null,
    sum {int} not null,
    -- Places whose figure is in the sum.
    count {int} not null,
    -- Places that said they have no data.
    no_data {int} not null,
    approved_sum {int} not null,
    approved_count {int} not null,
    primary key (cell, period, life, province)
) {clustered};

-- The report of one area for one period of one data set.
create table reporting_submissions (
    id {id} primary key,
    dataset {id} not null,
    form_version {int} not null,
    area {id} not null,
    path {text} not null,
    period {id} not null,
    life {int} not null,
    tier {text} not null,
    state {text} not null,
    -- Counted from 1; a correction after it was handed in begins the next.
    revision {int} not null,
    -- True when the whole report says that nothing occurred.
    nil {bool} not null,
    nil_reason {text},
    late_reason {text},
    -- The node that writes it; empty when it is this one.
    origin {text} not null,
    certified_by {text},
    certified_at {int},
    submitted_by {text},
    submitted_at {int},
    accepted_by {text},
    accepted_at {int},
    approved_by {text},
    approved_at {int},
    created_at {int} not null,
    changed_at {int} not null
);
create index reporting_submissions_path on reporting_submissions (path, dataset, period);
create index reporting_submissions_dataset on reporting_submissions (dataset, period, life, state);

-- Every step of its life.
create table reporting_steps (
    submission {id} not null,
    no {int} not null,
    step {text} not null,
    revision {int} not null,
    by_account {text} not null,
    by_name {text} not null,
    at {int} not null,
    note {text} not null,
    primary key (submission, no)
);

-- What was approved, unchanging: the whole content in CBOR and its BLAKE3 hash.
create table reporting_snapshots (
    submission {id} not null,
    revision {int} not null,
    -- 'submitted' or 'approved'.
    occasion {text} not null,
    hash {bytes} not null,
    body {bytes} not null,
    at {int} not null,
    primary key (submission, revision, occasion)
);

-- Remarks on a report or on one of its cells; those of a return wait for an answer.
create table reporting_remarks (
    id {id} primary key,
    submission {id} not null,
    revision {int} not null,
    cell {text} not null,
    is_return {bool} not null,
    words {text} not null,
    by_account {text} not null,
    by_name {text} not null,
    at {int} not null,
    resolved_at {int},
    answer {text}
);
create index reporting_remarks_submission on reporting_remarks (submission, at);

-- Parts of a report that are not figures.
create table reporting_texts (
    submission {id} not null,
    section {text} not null,
    words {text} not null,
    version {int} not null,
    by_name {text} not null,
    at {int} not null,
    primary key (submission, section)
);
create table reporting_rows (
    submission {id} not null,
    section {text} not null,
    id {id} not null,
    position {int} not null,
    body {text} not null,
    version {int} not null,
    by_name {text} not null,
    at {int} not null,
    primary key (submission, section, id)
);
create table reporting_attachments (
    id {id} primary key,
    submission {id} not null,
    section {text} not null,
    -- BLAKE3 of the file, as kernel files are named.
    file {text} not null,
    name {text} not null,
    media_type {text} not null,
    bytes {int} not null,
    caption {text} not null,
    by_name {text} not null,
    at {int} not null
);
create index reporting_attachments_submission on reporting_attachments (submission, section);

-- Who owes what by when. A unit that did not exist for the whole period owes the part in which it did.
create table reporting_obligations (
    id {id} primary key,
    dataset {id} not null,
    period {id} not null,
    life {int} not null,
    area {id} not null,
    path {text} not null,
    province {int} not null,
    from_day {text} not null,
    until_day {text} not null,
    certify_by {text},
    due_on {text},
    -- When the report was handed in first.
    met_at {int},
    on_time {bool} not null,
    nil {bool} not null,
    late_reason {text},
    approved {bool} not null,
    -- How far the ladder of reminders has been climbed.
    reminded {int} not null,
    reminded_at {int}
);
create unique index reporting_obligations_whose on reporting_obligations (dataset, period, life, area);
create index reporting_obligations_path on reporting_obligations (path, due_on);
create index reporting_obligations_due on reporting_obligations (met_at, due_on);

create table reporting_rates (
    dataset {id} not null,
    period {id} not null,
    life {int} not null,
    province {int} not null,
    expected {int} not null,
    reported {int} not null,
    on_time {int} not null,
    approved {int} not null,
    primary key (dataset, period, life, province)
);

-- Parts of a large report that have arrived while others have not.
create table reporting_parts (
    submission {id} not null,
    revision {int} not null,
    part {int} not null,
    parts {int} not null,
    origin {text} not null,
    body {bytes} not null,
    primary key (submission, revision, part, origin)
);
