-- Saved dashboards: each a list of questions, of one person or shared in an area.
create table reporting_dashboards (
    id {id} primary key,
    owner {text} not null,
    owner_name {text} not null,
    -- The area it is shared in; empty for one's own.
    path {text} not null,
    title {text} not null,
    body {text} not null,
    changed_at {int} not null
);
create index reporting_dashboards_owner on reporting_dashboards (owner, changed_at);
