-- Publications that were taken back, up to which version. Kept apart from them: the word of a withdrawal may
-- be heard before that of the publication.
create table reach_withdrawals (
    publication {id} primary key,
    version {int} not null,
    at {int} not null
);
