-- A row for every change of the map above villages: whoever keeps what follows from the map in memory sees by
-- their count and sum that it still stands. Rows are only added, so that no writer waits for another; each brings
-- a number drawn by chance, so that a change that was taken back never leaves its mark to another.
create table areas_map_changes (
    draw {int} not null
);
