-- Files that lay here without any row naming them, since when that was first noticed: what a crash between a file
-- and its row leaves. They go when it has been so for long enough.
create table kernel_loose_files (
    hash {text} primary key,
    seen_at {int} not null
);
