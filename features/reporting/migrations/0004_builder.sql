-- Data sets that officials are working on: nobody reports by them until they are published.
create table reporting_drafts (
    id {id} primary key,
    dataset {id} not null,
    title {text} not null,
    -- The data set, its form and what it needs, as JSON.
    body {text} not null,
    -- Counted from 1; a save names the version that it saw.
    version {int} not null,
    -- The area whose officials work on it.
    scope {text} not null,
    author {text} not null,
    author_name {text} not null,
    -- Everybody who changed it, one account a line: none of them publishes it.
    hands {text} not null,
    changed_by {text} not null,
    at {int} not null
);
create index reporting_drafts_dataset on reporting_drafts (dataset, at);
