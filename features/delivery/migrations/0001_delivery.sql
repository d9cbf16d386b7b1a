-- At the hub: codes with which points join, the points, and what they sent.
create table delivery_codes (
    id {id} primary key,
    secret_id {text} not null unique,
    secret_key {bytes} not null,
    area {id} not null,
    path {text} not null,
    made_by {id} not null,
    made_at {int} not null,
    expires_at {int} not null,
    used_by {text},
    used_at {int}
);

create table delivery_nodes (
    id {text} primary key,
    keys {bytes} not null,
    area {id} not null,
    path {text} not null,
    commune {text} not null,
    state {text} not null,
    enrolled_at {int} not null,
    last_seen_at {int},
    clock_ahead_ms {int},
    vector {bytes} not null,
    used_session {text} not null,
    unused_sessions {text} not null,
    challenge {text} not null,
    forgotten {bool} not null,
    trouble {text}
);

create table delivery_sessions (
    id {text} primary key,
    node {text} not null,
    secret {bytes} not null,
    opened_at {int} not null
);
create index delivery_sessions_of on delivery_sessions (node, opened_at);

create table delivery_inbox (
    node {text} not null,
    epoch {int} not null,
    seq {int} not null,
    kind {int} not null,
    body {bytes} not null,
    chain {bytes} not null,
    at {int} not null,
    primary key (node, epoch, seq)
);

create table delivery_inbox_heads (
    node {text} not null,
    epoch {int} not null,
    seq {int} not null,
    chain {bytes} not null,
    primary key (node, epoch)
);

-- Batches of a node that turned out to be two devices: kept whole, for a person to look at.
create table delivery_evidence (
    id {id} primary key,
    node {text} not null,
    at {int} not null,
    why {text} not null,
    batch {bytes} not null
);

-- At a point: the road to its hub (one row), how far it has read, what the hub holds of ours.
create table delivery_road (
    id {int} primary key,
    url {text} not null,
    hub_keys {bytes} not null,
    area {id} not null,
    path {text} not null,
    commune {text} not null,
    province {text} not null,
    joined_at {int} not null,
    last_session {text} not null,
    partial {bytes} not null,
    time_floor {int} not null,
    clock_offset {int} not null,
    last_contact_at {int},
    trouble {text},
    trouble_since {int},
    next_try_at {int}
);

create table delivery_cursors (
    origin {text} not null,
    lane {int} not null,
    epoch {int} not null,
    seq {int} not null,
    primary key (origin, lane)
);

create table delivery_received (
    origin {text} not null,
    lane {int} not null,
    epoch {int} not null,
    seq {int} not null,
    kind {int} not null,
    signed {bytes} not null,
    at {int} not null,
    primary key (origin, lane, epoch, seq)
);

create table delivery_acked (
    epoch {int} primary key,
    seq {int} not null,
    at {int} not null
);
