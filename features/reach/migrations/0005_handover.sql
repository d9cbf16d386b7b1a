-- Registers that have passed from one point to another: given by this one (it changes nothing in them any
-- more), or taken by it (it goes on with them, beside the register it numbers in itself).
create table reach_given (
    register {id} primary key,
    successor {text} not null,
    at {int} not null
);
create table reach_taken (
    register {id} primary key,
    predecessor {text} not null,
    at {int} not null
);
