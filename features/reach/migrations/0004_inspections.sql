-- What somebody independent found when asking a sample of people whether they know of an item.
create table reach_inspections (
    id {id} primary key,
    publication {id} not null,
    version {int} not null,
    audience {text} not null,
    -- The village, or the commune when the sample was taken all over it.
    unit {id} not null,
    path {text} not null,
    asked_on {text} not null,
    asked {int} not null,
    knew {int} not null,
    method {text} not null,
    team {text} not null,
    -- Who wrote it down, and their remarks, stay on the node where it was written.
    inspector {text},
    note {text},
    -- The node that wrote it; empty when it is this one.
    origin {text} not null,
    recorded_at {int} not null,
    voided_at {int},
    void_why {text}
);
create index reach_inspections_item on reach_inspections (publication, version);
create index reach_inspections_path on reach_inspections (path, asked_on);
