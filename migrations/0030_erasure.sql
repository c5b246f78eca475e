-- What was told of a telephone number, erased. Times are milliseconds since the Unix epoch, UTC.

-- One erasure. `person` is the end of the number, by which it is found; empty once nothing of it is left. `hint` is how people
-- tell erasures apart. `phase` and `after` are how far it got (server/src/store/erasure.rs); `act_id` is the open row in the
-- audit trail. `left_over` is what keeps it from its end.
CREATE TABLE erasure (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    person     TEXT    NOT NULL,
    hint       TEXT    NOT NULL,
    purpose    TEXT    NOT NULL,
    act_id     INTEGER NOT NULL,
    user_id    INTEGER,
    actor      TEXT    NOT NULL,
    began_ms   INTEGER NOT NULL,
    done_ms    INTEGER,
    phase      INTEGER NOT NULL DEFAULT 0,
    after      INTEGER NOT NULL DEFAULT 0,
    calls      INTEGER NOT NULL DEFAULT 0,
    recordings INTEGER NOT NULL DEFAULT 0,
    notes      INTEGER NOT NULL DEFAULT 0,
    others     INTEGER NOT NULL DEFAULT 0,
    held       INTEGER NOT NULL DEFAULT 0,
    left_over  TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX erasure_under_way ON erasure (person) WHERE done_ms IS NULL;

-- The erasure that a recording goes with.
ALTER TABLE recording ADD COLUMN erasure_id INTEGER;
CREATE INDEX recording_erased ON recording (erasure_id) WHERE erasure_id IS NOT NULL;
