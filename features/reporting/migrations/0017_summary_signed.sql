-- In which capacity somebody approved a summary, when it was not as the head of the unit: as `certified_as` of a report.
alter table reporting_consolidations add column approved_as {text};
