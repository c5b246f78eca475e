-- Alarms over queues: the rules, and every alarm that was raised. Times are milliseconds since the Unix epoch, UTC.
-- `pbx_id` names no row of `pbx` on purpose: what happened stays when a connection is removed.

-- A rule as it is now. `version` counts how often it was changed. Without rows in `alarm_rule_queue` it is about every
-- queue of the PBX. `quiet_from` and `quiet_to` are minutes of the day in `zone`; both or neither.
CREATE TABLE alarm_rule (
    id         INTEGER PRIMARY KEY,
    version    INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    pbx_id     INTEGER NOT NULL,
    metric     TEXT    NOT NULL,
    raise_at   INTEGER NOT NULL,
    clear_at   INTEGER NOT NULL,
    hold_s     INTEGER NOT NULL,
    window_min INTEGER NOT NULL,
    quiet_from INTEGER,
    quiet_to   INTEGER,
    zone       TEXT    NOT NULL,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
) STRICT;

CREATE TABLE alarm_rule_queue (
    rule_id INTEGER NOT NULL REFERENCES alarm_rule (id) ON DELETE CASCADE,
    queue   TEXT    NOT NULL,
    PRIMARY KEY (rule_id, queue)
) STRICT, WITHOUT ROWID;

-- An alarm: what raised it, by which version of which rule, and what ended it. Without `cleared_ms` it is raised now.
-- The rule may be gone: what it said is kept here.
CREATE TABLE alarm (
    id            INTEGER PRIMARY KEY,
    rule_id       INTEGER NOT NULL,
    rule_version  INTEGER NOT NULL,
    rule_name     TEXT    NOT NULL,
    metric        TEXT    NOT NULL,
    raise_at      INTEGER NOT NULL,
    pbx_id        INTEGER NOT NULL,
    queue         TEXT    NOT NULL,
    value         INTEGER NOT NULL,
    who           TEXT,
    raised_ms     INTEGER NOT NULL,
    cleared_ms    INTEGER,
    cleared_value INTEGER,
    cleared_why   TEXT CHECK (cleared_why IN ('calm', 'rule', 'queue'))
) STRICT;
CREATE UNIQUE INDEX alarm_open ON alarm (rule_id, queue) WHERE cleared_ms IS NULL;
CREATE INDEX alarm_raised ON alarm (raised_ms);
