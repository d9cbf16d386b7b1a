-- What became of authority when the map changed, so that it can be taken back exactly.
create table identity_followed (
    event {id} not null,
    grant_id {id} not null,
    -- The grant that began for it; empty while somebody must decide, or where nothing follows.
    new_grant {text} not null,
    -- The grant as it was.
    until_before {text} not null,
    ended_at_before {int},
    ended_by_before {text},
    primary key (event, grant_id)
);
create index identity_followed_grant on identity_followed (grant_id);
create index identity_followed_new on identity_followed (new_grant);

create table identity_moved (
    event {id} not null,
    account {id} not null,
    place_before {text} not null,
    place_after {text} not null,
    primary key (event, account)
);
