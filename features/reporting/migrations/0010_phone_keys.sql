-- Keys by which phones send forms in an officer's name: made by that officer, read once from a QR code.
create table reporting_phone_keys (
    id {id} primary key,
    -- A hash of the key; the key itself is in the phone alone.
    hash {text} not null unique,
    account {text} not null,
    -- What its owner calls the phone.
    name {text} not null,
    made_at {int} not null,
    until {int} not null,
    -- When it was used last, to the hour.
    used_at {int},
    ended_at {int}
);
create index reporting_phone_keys_account on reporting_phone_keys (account, made_at);
