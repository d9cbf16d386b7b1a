-- Parts of a file that have arrived are kept by the node that sent them: another node that names the same file cannot
-- write over them.
create table reporting_file_parts_0005 as select * from reporting_file_parts;
drop table reporting_file_parts;
create table reporting_file_parts (
    file {text} not null,
    origin {text} not null,
    part {int} not null,
    parts {int} not null,
    body {bytes} not null,
    primary key (file, origin, part)
);
insert into reporting_file_parts (file, origin, part, parts, body)
    select file, origin, part, parts, body from reporting_file_parts_0005;
drop table reporting_file_parts_0005;
create index reporting_file_parts_origin on reporting_file_parts (origin);
