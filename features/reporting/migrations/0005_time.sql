-- A place through time: where it lay on each day, whose report it is today, and deadlines that were excused.

-- Where a place lay from a day until a day. The rows of a place follow each other without gap from the first day that
-- can be written to the last, so that exactly one row holds on any day. A figure counts in the province in which its
-- place lay on the last day of the period.
create table reporting_seats (
    place {int} not null,
    from_day {text} not null,
    until_day {text} not null,
    path {text} not null,
    -- The place of the province it lay in; its own number for a province and the country.
    province {int} not null,
    primary key (place, from_day)
);
create index reporting_seats_path on reporting_seats (path);
create index reporting_seats_province on reporting_seats (province);
-- As it was believed until now: one province for all time. What the map says is put in its place when the program
-- starts, and the counts are moved with it.
insert into reporting_seats (place, from_day, until_day, path, province)
    select no, '0001-01-01', '9999-12-31', path, province from reporting_places;
drop index reporting_places_province;
alter table reporting_places drop column province;
-- reporting_places.path says from now on who has authority over the place today.

-- Excused: the unit need not report. Extended: due_on is a later day, due_was the one that was set aside.
alter table reporting_obligations add column excused {bool} not null default false;
alter table reporting_obligations add column due_was {text};
-- Owed by nobody, because it was excused and nothing was handed in: neither late nor missing.
alter table reporting_rates add column excused {int} not null default 0;

-- Why, by whom: what was said first stays.
create table reporting_excuses (
    id {id} primary key,
    obligation {id} not null,
    -- 'excuse', 'extend', or 'revoke'.
    kind {text} not null,
    until_day {text},
    why {text} not null,
    by_account {text} not null,
    by_name {text} not null,
    at {int} not null
);
create index reporting_excuses_obligation on reporting_excuses (obligation, at);

-- A report that a province typed in for a commune, and the number of the paper it was typed from.
alter table reporting_submissions add column behalf_paper {text};
alter table reporting_submissions add column behalf_by {text};

-- Files of a report on their way up: the next part to be sent. Figures go first.
create table reporting_files_up (
    file {text} primary key,
    submission {id} not null,
    next_part {int} not null,
    parts {int} not null,
    at {int} not null
);
-- Parts of a file that have arrived while others have not.
create table reporting_file_parts (
    file {text} not null,
    part {int} not null,
    parts {int} not null,
    origin {text} not null,
    body {bytes} not null,
    primary key (file, part)
);
create index reporting_obligations_area on reporting_obligations (area, path);
create index reporting_submissions_area on reporting_submissions (area, path);
create index reporting_works_area on reporting_works (area, path);
create index reporting_consolidations_area on reporting_consolidations (area, path);
