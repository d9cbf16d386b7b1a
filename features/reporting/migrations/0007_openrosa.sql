-- What phones and programs sent as OpenRosa submissions: each instance once, with what became of it. Figures
-- themselves stand where every figure stands.
create table reporting_openrosa (
    -- The instance's id, as its device made it.
    instance {text} primary key,
    -- The first instance of its chain of edits; the instance that took its place.
    root {text} not null,
    replaced_by {text},
    dataset {id} not null,
    form_version {int} not null,
    period {text} not null,
    life {int} not null,
    area {id} not null,
    path {text} not null,
    -- BLAKE3 of the XML, and the XML itself.
    hash {bytes} not null,
    xml {text} not null,
    device {text} not null,
    by_account {text} not null,
    by_name {text} not null,
    at {int} not null,
    -- applied, partly (something of it was not taken), waits (nothing was), settled (somebody has seen to it).
    state {text} not null,
    -- What was not taken and why, and the versions that it wrote, in JSON.
    left_over {text} not null,
    wrote {text} not null
);
create index reporting_openrosa_root on reporting_openrosa (root, at);
create index reporting_openrosa_place on reporting_openrosa (path, dataset, at);
create index reporting_openrosa_state on reporting_openrosa (state, path);
