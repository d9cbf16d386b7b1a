-- Sections that were approved before their report was, by whom and when: of each section the content that was approved
-- last. Whoever approves the whole report approves every section of it.
alter table reporting_sections add column approved_by {text};
alter table reporting_sections add column approved_at {int};
