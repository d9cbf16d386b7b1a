-- Areas through time. A unit is a territory and never changes; everything said about it is a dated fact.
-- Days are text YYYY-MM-DD, the open end is 9999-12-31; validity is half-open: valid_from <= day < valid_to.

-- A whole tree as of a day, and where it was taken from. A row here also says: this frame is loaded.
create table areas_frames (
    id {id} primary key,
    label {text} not null,
    as_of {text} not null,
    source {text} not null,
    communes {int} not null,
    loaded_at {int} not null
);

-- Something that changed the map (or names, types, parents on it), by an instrument of law.
create table areas_events (
    id {id} primary key,
    kind {text} not null,
    instrument {text} not null,
    decided_on {text},
    effective_on {text} not null,
    recorded_at {int} not null,
    -- provisional until the instrument itself was seen; confirmed; undone
    status {text} not null
);

create table areas_units (
    id {id} primary key,
    level {text} not null,
    -- the first day we know of it, and the first day it is no more
    born_on {text} not null,
    ended_on {text} not null,
    born_event {id} references areas_events (id),
    ended_event {id} references areas_events (id)
);

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
    -- the folded full names of everything above it, for telling homonyms apart
    context_search {text} not null,
    event {id} references areas_events (id),
    instrument {text} not null,
    recorded_at {int} not null,
    -- when we learned better; what was reported before stays explainable
    superseded_at {int},
    primary key (unit, valid_from, recorded_at)
);
create index areas_facts_code on areas_facts (code, valid_from);
create index areas_facts_parent on areas_facts (parent, valid_from);
create index areas_facts_path on areas_facts (path);

-- What went where. A unit that went whole has one row of weight 1; the weights of a divided unit are
-- null until a basis (population, households, area, village list) is known.
create table areas_transfers (
    event {id} not null references areas_events (id),
    from_unit {id} not null references areas_units (id),
    to_unit {id} not null references areas_units (id),
    whole {bool} not null,
    weight_num {int},
    weight_den {int},
    basis {text},
    source {text} not null,
    primary key (event, from_unit, to_unit)
);
create index areas_transfers_from on areas_transfers (from_unit);
create index areas_transfers_to on areas_transfers (to_unit);

-- Every name from each of its words on ("luc binh", "binh"), for prefix search.
create table areas_words (
    word {text} not null,
    unit {id} not null,
    valid_from {text} not null,
    valid_to {text} not null,
    whole {bool} not null,
    level {text} not null,
    primary key (word, unit, valid_from)
);
create index areas_words_unit on areas_words (unit);

-- Head counts as of a day, each with its source. A later row for the same day corrects an earlier one.
create table areas_populations (
    id {id} primary key,
    unit {id} not null references areas_units (id),
    on_day {text} not null,
    people {int} not null,
    households {int} not null,
    source {text} not null,
    recorded_at {int} not null,
    recorded_by {text} not null
);
create index areas_populations_unit on areas_populations (unit, on_day);
