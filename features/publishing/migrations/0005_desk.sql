-- A draft that was let go: it stands with everything in it, is on nobody's desk, and can be taken back.
alter table publishing_versions add column discarded_at {int};

-- What names a file, asked before the file is removed.
create index publishing_sounds_original on publishing_sounds (original);
create index publishing_texts_file on publishing_texts (file);
-- Recordings as they were brought in are files like all others.
insert into publishing_files (hash, media_type, bytes, arrived_at)
    select original, 'audio/ogg', max(original_bytes), min(created_at) from publishing_sounds where original <> ''
    group by original on conflict (hash) do nothing;
