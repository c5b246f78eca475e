-- Asterisk's channel events, as they were told: what explains a call, and decides nothing. `at_ms` is milliseconds since the Unix epoch,
-- UTC. They go when they are as old as is set.
CREATE TABLE cel (
    id          INTEGER PRIMARY KEY,
    pbx_id      INTEGER NOT NULL,
    linked      TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    unique_id   TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    number      TEXT    NOT NULL,
    caller      TEXT    NOT NULL,
    exten       TEXT    NOT NULL,
    context     TEXT    NOT NULL,
    application TEXT    NOT NULL,
    data        TEXT    NOT NULL,
    peer        TEXT    NOT NULL,
    extra       TEXT    NOT NULL
) STRICT;
CREATE INDEX cel_linked ON cel (linked, pbx_id);
