-- Villages in full: head counts by ethnic group, dated classes, villages added here, tables being checked.

-- The part of a head count that is known by ethnic group. SENSITIVE: never travels down, never on public pages.
-- A group without a row is unknown, not zero.
create table areas_group_counts (
    population {id} not null references areas_populations (id),
    -- 01–54 as the statistics office has them; 55 and 56 are ours
    ethnic {text} not null,
    people {int} not null,
    households {int},
    primary key (population, ethnic)
);

-- What somebody with the power to decide said of a place: of the class of a commune, of a flag, from a day
-- on. Statements are only added; on every day the one recorded last among those that cover it counts.
create table areas_classes (
    id {id} primary key,
    unit {id} not null references areas_units (id),
    -- region, hardship, border, safe_zone
    mark {text} not null,
    -- I, II, III, yes, none
    class {text} not null,
    valid_from {text} not null,
    valid_to {text} not null,
    instrument {text} not null,
    confirmed {bool} not null,
    recorded_at {int} not null,
    recorded_by {text} not null
);
create index areas_classes_unit on areas_classes (unit, mark, recorded_at);
create index areas_classes_class on areas_classes (class, mark);

-- Villages that were added on this node, and can be taken back here while nothing hangs on them.
create table areas_villages_here (
    unit {id} primary key references areas_units (id),
    added_at {int} not null,
    added_by {text} not null
);

-- Tables that were read and await the word of the one who brought them.
create table areas_village_tables (
    id {id} primary key,
    place {id} not null,
    owner {text} not null,
    file_name {text} not null,
    body {text} not null,
    kept_at {int} not null
);
create index areas_village_tables_owner on areas_village_tables (owner, kept_at);
