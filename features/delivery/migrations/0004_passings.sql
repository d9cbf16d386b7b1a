-- Registers of people that pass from one point to another without the one taking the other's whole place: the
-- part of a roster that lives in another heir of a divided commune, and what goes back when a decree is undone.
create table delivery_passings (
    giver {text} not null,
    taker {text} not null,
    -- Who lives below this path passes on.
    place {text} not null,
    -- The name of this order; a file is made under one and taken in under the same.
    name {text} not null,
    giver_keys {bytes} not null,
    giver_commune {text} not null,
    taker_keys {bytes} not null,
    taker_commune {text} not null,
    -- Where the giver joined first and everywhere it lay since, one a line; then where nodes joined whose
    -- registers it had taken itself.
    scopes {text} not null,
    inherited {text} not null,
    -- The event of the map that divided the unit; empty for what goes back.
    event {text} not null,
    is_return {bool} not null,
    ordered_at {int} not null,
    ended_at {int},
    primary key (giver, taker, place)
);
create index delivery_passings_taker on delivery_passings (taker);
-- A handover ends when the decree behind it is undone, and may be ordered again.
alter table delivery_handovers add column ended_at {int};
alter table delivery_handovers add column name {text} not null default '';
alter table delivery_heirs add column name {text} not null default '';
alter table delivery_heirs add column ended_at {int};
