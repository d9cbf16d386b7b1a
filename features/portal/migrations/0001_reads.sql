-- How often an article was opened on this node, by day. No visitor is in it, not even as a hash.
create table portal_reads (
    publication {text} not null,
    day {text} not null,
    reads {int} not null,
    primary key (publication, day)
);
create index portal_reads_day on portal_reads (day);
