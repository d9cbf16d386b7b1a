-- Decrees: instruments that change the map, imported as tables, applied, undone and applied again.

-- Whoever changes the map takes a turn here first: turns number what was done, one after the other.
create table areas_gate (
    id {int} primary key,
    turn {int} not null
);
insert into areas_gate (id, turn) values (1, 0);

create table areas_decrees (
    id {id} primary key,
    instrument {text} not null,
    decided_on {text},
    effective_on {text} not null,
    recorded_at {int} not null,
    recorded_by {text} not null,
    -- draft (checked, not applied), applied, undone, aside (arrived, but does not fit here)
    status {text} not null,
    confirmed {bool} not null,
    file_name {text} not null,
    -- the rows as they were checked, packed, and the hash of these bytes
    content {bytes} not null,
    content_hash {text} not null,
    row_count {int} not null,
    -- how often it was applied, and the turn of the last time; 0 before
    round {int} not null,
    turn {int} not null,
    -- when other houses were told that it has taken effect
    told_at {int}
);
create index areas_decrees_effective on areas_decrees (effective_on);

-- Who did what to the map, in order.
create table areas_acts (
    turn {int} primary key,
    decree {id} references areas_decrees (id),
    what {text} not null,
    at {int} not null,
    by_whom {text} not null
);
create index areas_acts_decree on areas_acts (decree);

-- The lives of the units that a turn touched, as they were before it.
create table areas_decree_units (
    turn {int} not null,
    unit {id} not null,
    level {text} not null,
    minted {bool} not null,
    born_on {text} not null,
    ended_on {text} not null,
    born_event {id},
    ended_event {id},
    primary key (turn, unit)
);

-- Parts of a decree that have arrived, until the last is here.
create table areas_decree_parts (
    decree {id} not null,
    round {int} not null,
    part {int} not null,
    total {int} not null,
    body {bytes} not null,
    primary key (decree, round, part)
);

alter table areas_events add column decree {id};
-- what other houses are told when the event takes effect
alter table areas_events add column steps {text};
create index areas_events_decree on areas_events (decree);

-- A fact may be written, superseded and written again within one millisecond: its revision (the turn
-- that wrote it) tells them apart. Every row also knows which decree's turn brought it (0: none did)
-- and which turn superseded it, so that a turn can be taken back.
create table areas_facts_0001 as select * from areas_facts;
drop table areas_facts;
create table areas_facts (
    unit {id} not null references areas_units (id),
    valid_from {text} not null,
    valid_to {text} not null,
    code {text},
    name {text} not null,
    full_name {text} not null,
    area_type {text} not null,
    parent {id},
    path {text} not null,
    name_search {text} not null,
    name_sort {text} not null,
    context_search {text} not null,
    event {id} references areas_events (id),
    instrument {text} not null,
    recorded_at {int} not null,
    superseded_at {int},
    revision {int} not null default 0,
    added_by {int} not null default 0,
    superseded_by {int},
    primary key (unit, valid_from, revision)
);
insert into areas_facts (unit, valid_from, valid_to, code, name, full_name, area_type, parent, path, name_search,
    name_sort, context_search, event, instrument, recorded_at, superseded_at)
    select unit, valid_from, valid_to, code, name, full_name, area_type, parent, path, name_search,
    name_sort, context_search, event, instrument, recorded_at, superseded_at from areas_facts_0001;
drop table areas_facts_0001;
create index areas_facts_code on areas_facts (code, valid_from);
create index areas_facts_parent on areas_facts (parent, valid_from);
create index areas_facts_path on areas_facts (path);
create index areas_facts_added on areas_facts (added_by);
create index areas_facts_superseded on areas_facts (superseded_by);
