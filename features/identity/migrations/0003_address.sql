-- Where a person wants letters of this program to go. Given, confirmed and taken back by that person alone.
create table identity_addresses (
    account {id} primary key references identity_accounts (id),
    -- The confirmed address; empty while there is none.
    address {text} not null,
    confirmed_at {int},
    -- An address that waits for its code; empty when none does.
    asked {text} not null,
    -- BLAKE3 of the code with the account's id; the code itself is in the letter alone.
    code_hash {text} not null,
    code_until {int} not null,
    wrong {int} not null,
    -- How many codes were sent on a day.
    sent_on {text} not null,
    sent {int} not null
);
