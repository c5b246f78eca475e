-- For how long recordings are kept: also of the calls of a team, and removed by themselves at night. Times are milliseconds since
-- the Unix epoch, UTC.

-- For how many days recordings are kept of calls that somebody of a team was on.
CREATE TABLE recording_team_policy (
    team_id INTEGER PRIMARY KEY REFERENCES team (id) ON DELETE CASCADE,
    days    INTEGER NOT NULL CHECK (days > 0)
) STRICT;

-- When what is due is removed without anybody asking; without the row, never.
CREATE TABLE recording_nightly (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    at_minute INTEGER NOT NULL CHECK (at_minute BETWEEN 0 AND 1439),
    zone      TEXT    NOT NULL,
    due_ms    INTEGER NOT NULL
) STRICT;

-- One removal of what was due: what was marked in one transaction, and what became of it. `act_id` is the open row in the audit
-- trail; `left_over` is what keeps it from its end.
CREATE TABLE recording_cleanup (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    act_id    INTEGER NOT NULL,
    user_id   INTEGER,
    actor     TEXT    NOT NULL,
    began_ms  INTEGER NOT NULL,
    done_ms   INTEGER,
    marked    INTEGER NOT NULL,
    bytes     INTEGER NOT NULL,
    held      INTEGER NOT NULL,
    removed   INTEGER NOT NULL DEFAULT 0,
    spared    INTEGER NOT NULL DEFAULT 0,
    left_over TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX recording_cleanup_open ON recording_cleanup (id) WHERE done_ms IS NULL;

-- The removal that a recording goes, or went, with.
ALTER TABLE recording ADD COLUMN cleanup_id INTEGER;
CREATE INDEX recording_cleaned ON recording (cleanup_id) WHERE cleanup_id IS NOT NULL;
