-- What stood in a narrative or in a row of a growing table before somebody replaced it or took it out: cells have their
-- history in `reporting_history`, words have it here.
create table reporting_past_words (
    id {id} primary key,
    submission {id} not null,
    section {text} not null,
    -- The row it was; empty for a narrative.
    row_id {text} not null,
    version {int} not null,
    -- The words; of a row its cells as `reporting_rows` holds them.
    body {text} not null,
    -- Who wrote it, and when.
    by_name {text} not null,
    at {int} not null,
    -- True when it was taken out and nothing put in its place.
    removed {bool} not null,
    replaced_by {text} not null,
    replaced_at {int} not null
);
create index reporting_past_words_submission on reporting_past_words (submission, replaced_at);
