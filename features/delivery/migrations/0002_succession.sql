-- Points go on through changes of the map: where a node lay before, the path it joined with first, one a
-- line; and when it moved last.
alter table delivery_nodes add column former {text} not null default '';
alter table delivery_nodes add column moved_at {int};
alter table delivery_road add column former {text} not null default '';

-- What an event has moved, so that it can be taken back: nodes and codes at a hub, the road at a point.
create table delivery_moved (
    event {id} not null,
    thing {text} not null,
    id {text} not null,
    area_before {text} not null,
    path_before {text} not null,
    commune_before {text} not null,
    province_before {text} not null,
    former_before {text} not null,
    moved_at_before {int},
    primary key (event, thing, id)
);

-- How far a node has signed that its log goes: with the running hash, proof of every row before.
create table delivery_signed_heads (
    node {text} not null,
    epoch {int} not null,
    seq {int} not null,
    signed {bytes} not null,
    at {int} not null,
    primary key (node, epoch, seq)
);

-- At a hub: whose log is handed to which successor, and how far.
create table delivery_handovers (
    node {text} primary key,
    successor {text} not null,
    ordered_by {id} not null,
    ordered_at {int} not null,
    epoch {int} not null,
    seq {int} not null
);

-- At the successor: what came of it, still sealed; and how far it was taken in.
create table delivery_handed (
    id {id} primary key,
    node {text} not null,
    is_head {bool} not null,
    content {bytes} not null
);
create index delivery_handed_node on delivery_handed (node, id);
create table delivery_predecessors (
    node {text} primary key,
    keys {bytes} not null,
    scopes {text} not null,
    epoch {int} not null,
    seq {int} not null
);
