-- What leaves the program: letters, notifications, reports to other systems. One row each, from the moment it is
-- wanted until long after it left.
create table reporting_outbox (
    id {id} primary key,
    -- What of and for whom: the same thing is never put in twice.
    once {text} not null,
    -- 'code' (a letter to an address that waits for it), 'mail', 'push', 'outlet'.
    way {text} not null,
    -- An account, a subscription or an outlet.
    recipient {text} not null,
    -- What a list shows: the subject of a letter, the report that is sent.
    subject {text} not null,
    -- What it is made of when it leaves, as JSON.
    body {text} not null,
    at {int} not null,
    next_at {int} not null,
    tries {int} not null,
    -- 'waiting', 'sent', 'refused' (the other side will not have it), 'dropped' (nobody may have it any more).
    state {text} not null,
    done_at {int},
    -- What the other side said last, shortened.
    answer {text} not null
);
create unique index reporting_outbox_once on reporting_outbox (once);
create index reporting_outbox_due on reporting_outbox (state, next_at);
create index reporting_outbox_at on reporting_outbox (at, id);

-- How a person wants to be told; whoever said nothing has no row.
create table reporting_ways (
    account {id} primary key,
    mail {bool} not null,
    push {bool} not null,
    -- Hours of the day between which nothing is sent; the same hour twice for none.
    quiet_from {int} not null,
    quiet_until {int} not null,
    changed_at {int} not null
);

-- Browsers that take notifications (Push API).
create table reporting_push (
    id {id} primary key,
    account {id} not null,
    endpoint {text} not null,
    -- BLAKE3 of the address: one browser is subscribed once, for whoever used it last.
    endpoint_hash {text} not null,
    -- The browser's public key and its secret, base64url.
    p256dh {text} not null,
    auth {text} not null,
    made_at {int} not null
);
create unique index reporting_push_endpoint on reporting_push (endpoint_hash);
create index reporting_push_account on reporting_push (account);

-- Dashboards that are sent again and again.
create table reporting_schedules (
    id {id} primary key,
    dashboard {id} not null,
    owner {id} not null,
    -- Accounts, as a JSON list.
    addressees {text} not null,
    -- 'week:1' to 'week:7', 'month:1' to 'month:31', 'due:<data set>'.
    rhythm {text} not null,
    hour {int} not null,
    -- 'xlsx', 'csv' or nothing.
    file {text} not null,
    next_at {int} not null,
    -- False while no deadline is known: then it only looks again at that time.
    sends {bool} not null,
    last_at {int},
    made_at {int} not null
);
create index reporting_schedules_dashboard on reporting_schedules (dashboard);
create index reporting_schedules_due on reporting_schedules (next_at);
