-- What became of which path, as it was told: the ground on which other houses let things follow.
-- A divided path has a row for each heir, an abolished one a single row without an heir.
create table areas_steps (
    event {id} not null,
    -- The order in which events were told; all steps of one telling share it.
    told {int} not null,
    from_path {text} not null,
    from_unit {id} not null,
    heir_unit {text} not null,
    heir_path {text} not null,
    effective_on {text} not null,
    instrument {text} not null,
    primary key (event, from_path, heir_path)
);
create index areas_steps_from on areas_steps (from_path, told);
create index areas_steps_heir on areas_steps (heir_path);

-- What cannot follow by itself waits here for the officer who must decide.
create table areas_questions (
    id {id} primary key,
    event {id} not null,
    -- What the answer is for, e.g. identity.grant; and the thing itself, in its house's own words.
    kind {text} not null,
    subject {text} not null,
    label {text} not null,
    -- The key of a word that says more about it; empty when there is none.
    detail {text} not null,
    from_unit {id} not null,
    from_path {text} not null,
    -- The heirs to choose from, as JSON; and the smallest place that holds them all.
    heirs {text} not null,
    place {text} not null,
    -- True when nothing has to be decided, only seen.
    is_note {bool} not null,
    asked_at {int} not null,
    answered_at {int},
    answered_by {text},
    answered_name {text},
    -- The heir that was chosen; empty when it goes nowhere.
    answer {text} not null,
    unique (event, kind, subject)
);
create index areas_questions_open on areas_questions (answered_at, place);
