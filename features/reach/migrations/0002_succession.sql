-- What an event of the map has moved: entries of rosters and records of meetings, with where they lay
-- before. Denominators, receipts and counts are history and stay where they were taken.
create table reach_moved (
    event {id} not null,
    thing {text} not null,
    id {text} not null,
    path_before {text} not null,
    path_after {text} not null,
    primary key (event, thing, id)
);
