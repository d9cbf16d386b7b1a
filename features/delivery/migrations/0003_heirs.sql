-- At the two points of a handover: which node takes whose place, with both pinned keys, as the hub said. What
-- must not go by way of the hub (names) is sealed with these and carried by hand.
create table delivery_heirs (
    node {text} primary key,
    node_keys {bytes} not null,
    node_commune {text} not null,
    successor {text} not null,
    successor_keys {bytes} not null,
    successor_commune {text} not null,
    -- Where the node joined first and everywhere it lay since, one a line.
    scopes {text} not null,
    -- The same of nodes whose place it had taken itself: where each joined, one a line.
    inherited {text} not null
);
