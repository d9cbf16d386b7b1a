-- People who work on this node, what they may do where and until when, and how they got in.
-- Accounts belong to their node: nothing in this file ever travels.

create table identity_accounts (
    id {id} primary key,
    username {text} not null,
    -- The folded username: "Lan.PT", "lan pt" and "lấn-pt" are one person.
    username_key {text} not null unique,
    name {text} not null,
    search {text} not null,
    name_sort {text} not null,
    -- Where the person works; administrators of that place look after the account.
    place {text} not null,
    status {text} not null,
    password {text} not null,
    password_set_at {int} not null,
    -- A one-time password stops working at this instant; none for a chosen one.
    password_until {int},
    must_change_password {bool} not null,
    created_at {int} not null,
    created_by {id} not null
);
create index identity_accounts_place on identity_accounts (place);
create index identity_accounts_sort on identity_accounts (name_sort, id);

create table identity_grants (
    id {id} primary key,
    account {id} not null references identity_accounts (id),
    role {text} not null,
    scope {text} not null,
    from_day {text} not null,
    until_day {text} not null,
    given_at {int} not null,
    given_by {id} not null,
    ended_at {int},
    ended_by {id}
);
create index identity_grants_account on identity_grants (account, until_day);

create table identity_sessions (
    id {id} primary key,
    -- BLAKE3 of the token in the cookie; the token itself is nowhere but in that browser.
    token_hash {text} not null unique,
    account {id} not null references identity_accounts (id),
    device {text} not null,
    address {text} not null,
    created_at {int} not null,
    last_seen_at {int} not null,
    expires_at {int} not null
);
create index identity_sessions_account on identity_sessions (account);
create index identity_sessions_expiry on identity_sessions (expires_at);

-- Browsers from which a person has signed in before; their wrong passwords are counted apart.
create table identity_devices (
    token_hash {text} not null,
    account {id} not null references identity_accounts (id),
    last_used_at {int} not null,
    primary key (token_hash, account)
);
create index identity_devices_account on identity_devices (account);
create index identity_devices_age on identity_devices (last_used_at);

-- Failed sign-ins, counted per name, per name and address, per known browser and per address.
create table identity_tries (
    key {text} primary key,
    failures {int} not null,
    last_at {int} not null,
    wait_until {int} not null
);
create index identity_tries_age on identity_tries (last_at);

-- One row once the first administrator exists: two people cannot both be first.
create table identity_first (
    id {text} primary key,
    account {id} not null,
    at {int} not null
);

-- Only ever appended to.
create table identity_audit (
    id {id} primary key,
    at {int} not null,
    account {id} not null,
    name {text} not null,
    name_search {text} not null,
    action {text} not null,
    subject {text} not null,
    detail {text} not null,
    address {text} not null,
    -- Whose administrators may read this line.
    place {text} not null
);
create index identity_audit_at on identity_audit (at, id);
create index identity_audit_account on identity_audit (account, at);
