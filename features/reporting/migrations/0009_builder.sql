-- Who opened a campaign: whoever began the draft of its first version. They may end it early.
create table reporting_openers (
    dataset {id} primary key,
    account {text} not null,
    at {int} not null
);
