-- What was doubtful when a report was signed: what whoever signed explained. What becomes doubtful later, because other
-- figures change, they did not. Of signatures before this nobody noted it.
alter table reporting_steps add column doubts {text};
