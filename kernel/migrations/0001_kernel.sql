-- What the kernel keeps for every feature: things that happened, work to do, and the node's log.
create table kernel_events (
    id {id} primary key,
    kind {text} not null,
    payload {text} not null,
    at {int} not null,
    handled_at {int},
    attempts {int} not null,
    next_at {int} not null,
    trouble {text}
);
create index kernel_events_waiting on kernel_events (handled_at, next_at);

create table kernel_jobs (
    id {id} primary key,
    kind {text} not null,
    payload {text} not null,
    run_at {int} not null,
    locked_until {int} not null,
    attempts {int} not null,
    done_at {int},
    given_up_at {int},
    trouble {text}
);
create index kernel_jobs_waiting on kernel_jobs (done_at, given_up_at, run_at);

-- One row per stream this node writes: five lanes down and one up.
create table kernel_streams (
    name {text} primary key,
    epoch {int} not null,
    head {int} not null,
    chain {bytes}
);

-- Where a stream went on under a new epoch, after a restore.
create table kernel_turns (
    stream {text} not null,
    old_epoch {int} not null,
    kept {int} not null,
    new_epoch {int} not null,
    at {int} not null,
    primary key (stream, new_epoch)
);

create table kernel_records_down (
    lane {int} not null,
    epoch {int} not null,
    seq {int} not null,
    kind {int} not null,
    targets {text} not null,
    signed {bytes} not null,
    at {int} not null,
    primary key (lane, epoch, seq)
);

create table kernel_records_up (
    epoch {int} not null,
    seq {int} not null,
    kind {int} not null,
    body {bytes} not null,
    chain {bytes} not null,
    at {int} not null,
    primary key (epoch, seq)
);

create table kernel_settings (
    name {text} primary key,
    value {text} not null
);
