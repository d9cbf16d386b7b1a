-- What a point said to have before the denominators were frozen here. A row without a scope stands for the version
-- itself: whoever writes it waits for whoever wrote it before, so that the two orders end alike.
create table reach_early (
    publication {id} not null,
    version {int} not null,
    scope {text} not null,
    at {int} not null,
    primary key (publication, version, scope)
);
-- Heads of village meetings that are in no denominator are told beside the figure and stand in no rung: those of
-- villages that nobody had counted (they stood in the rungs until now), and those above the frozen number.
insert into reach_counts (publication, version, level, unit, audience, rung, channel, province, commune, path, people)
    select f.publication, f.version, 4, f.village, 'unmeasured', 5, 4, f.province, f.commune, f.path, max(m.head_count)
    from reach_frozen f
    join reach_meeting_items i on i.publication = f.publication and i.version = f.version
    join reach_meetings m on m.id = i.meeting and m.village = f.village and m.voided_at is null
    where f.audience = 'people' and f.people is null
    group by f.publication, f.version, f.village, f.province, f.commune, f.path;
insert into reach_counts (publication, version, level, unit, audience, rung, channel, province, commune, path, people)
    select f.publication, f.version, 4, f.village, 'surplus', 5, 4, f.province, f.commune, f.path,
    max(m.head_count) - f.people
    from reach_frozen f
    join reach_meeting_items i on i.publication = f.publication and i.version = f.version
    join reach_meetings m on m.id = i.meeting and m.village = f.village and m.voided_at is null
    where f.audience = 'people' and f.people is not null
    group by f.publication, f.version, f.village, f.province, f.commune, f.path, f.people
    having max(m.head_count) > f.people;
update reach_counts set people = people - coalesce((
    select cast(sum(u.people) as bigint) from reach_counts u
    where u.publication = reach_counts.publication and u.version = reach_counts.version and u.level = 4
    and u.commune = reach_counts.unit and u.audience = 'unmeasured'), 0)
    where level = 3 and audience = 'people' and channel = 4 and rung between 2 and 5;
delete from reach_counts where level = 4 and audience = 'people' and channel = 4 and rung between 2 and 5
    and exists (select 1 from reach_counts u
    where u.publication = reach_counts.publication and u.version = reach_counts.version and u.level = 4
    and u.unit = reach_counts.unit and u.audience = 'unmeasured');
insert into reach_counts (publication, version, level, unit, audience, rung, channel, province, commune, path, people)
    select publication, version, 3, commune, audience, rung, channel, province, commune,
    '/vn/' || province || '/' || commune || '/', cast(sum(people) as bigint)
    from reach_counts where level = 4 and audience in ('unmeasured', 'surplus')
    group by publication, version, commune, audience, rung, channel, province;
