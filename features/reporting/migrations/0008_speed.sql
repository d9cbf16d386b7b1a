-- One cell of many places over many periods is read from the index alone: without what stands in the cell, every
-- figure of every commune was looked up a second time.
drop index if exists reporting_values_cell;
create index if not exists reporting_values_by_cell on reporting_values (cell, period, life, place, state, amount, approved);
