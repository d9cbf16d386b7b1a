-- In which capacity somebody signed, when it was not as the head of the unit: `kt`, `tl:Chánh Văn phòng`, `tuq:…`.
alter table reporting_submissions add column certified_as {text};
