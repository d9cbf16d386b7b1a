-- Places in which a version can be read besides its targets, because the map has changed since: the heirs
-- of a unit it was meant for. With the event, so that it can be taken back.
create table publishing_carried (
    publication {id} not null,
    version {int} not null,
    path {text} not null,
    event {id} not null,
    primary key (publication, version, path, event)
);
create index publishing_carried_path on publishing_carried (path);
create index publishing_carried_event on publishing_carried (event);
