-- Drawn anew whenever what was told of the map's changes is not the same any more: whoever keeps the steps in
-- memory sees by it that they still stand. Only one row.
create table areas_steps_version (
    id {int} primary key,
    version {text} not null
);
insert into areas_steps_version (id, version) values (1, '');
