-- How often the keeping of an entry has passed from node to node: a word of an earlier keeper that comes late
-- never undoes a later one's.
alter table reach_roster add column hand {int} not null default 0;
-- At a point: the entries that it gave to another or took from one, and to or from whom, the last time.
create table reach_passed (
    register {id} not null,
    serial {int} not null,
    -- 'given' or 'taken'
    way {text} not null,
    node {text} not null,
    at {int} not null,
    primary key (register, serial)
);
update reach_roster set hand = 1 where origin = ''
    and (commune in (select register from reach_given) or commune in (select register from reach_taken));
insert into reach_passed (register, serial, way, node, at)
    select r.commune, r.serial, 'taken', t.predecessor, t.at from reach_roster r
    join reach_taken t on t.register = r.commune
    where r.origin = '' and r.commune not in (select register from reach_given);
insert into reach_passed (register, serial, way, node, at)
    select r.commune, r.serial, 'given', g.successor, g.at from reach_roster r
    join reach_given g on g.register = r.commune where r.origin = '';
