-- When something was last saved into a report: figures, words, rows or files, also when they were taken out of it.
-- Steps of its life save nothing.
alter table reporting_submissions add column saved_at {int};
update reporting_submissions set saved_at = changed_at;
