-- Queue visits, what agents did, and how both are counted. Times are milliseconds since the Unix epoch, UTC.
-- `pbx_id` names no row of `pbx` on purpose: what happened stays when a connection is removed.

-- One stay of one caller in one queue. `serial` counts the stays of one channel. `partial`: not all of it was seen.
-- `over`: nothing of it will change any more.
CREATE TABLE visit (
    id            INTEGER PRIMARY KEY,
    pbx_id        INTEGER NOT NULL,
    queue         TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    serial        INTEGER NOT NULL,
    call_id       TEXT    NOT NULL,
    number        TEXT    NOT NULL,
    name          TEXT,
    joined_ms     INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    left_ms       INTEGER,
    left_how      TEXT,
    agent         TEXT,
    extension     TEXT,
    talk_began_ms INTEGER,
    talk_ended_ms INTEGER,
    talk_end      TEXT,
    held_ms       INTEGER NOT NULL,
    more_rings    INTEGER NOT NULL,
    partial       INTEGER NOT NULL CHECK (partial IN (0, 1)),
    over          INTEGER NOT NULL CHECK (over IN (0, 1)),
    source        TEXT    NOT NULL CHECK (source IN ('ami', 'queue_log')),
    wrap_up_ms    INTEGER NOT NULL DEFAULT 0,
    disposition   TEXT,
    note          TEXT,
    noted_by      INTEGER,
    UNIQUE (pbx_id, queue, channel, serial)
) STRICT;
CREATE INDEX visit_joined ON visit (pbx_id, joined_ms);
CREATE INDEX visit_talked ON visit (pbx_id, talk_ended_ms) WHERE talk_ended_ms IS NOT NULL;
CREATE INDEX visit_open ON visit (pbx_id, channel) WHERE over = 0;
CREATE INDEX visit_number ON visit (number, joined_ms);

-- Whom a visit rang, in order.
CREATE TABLE visit_ring (
    visit_id  INTEGER NOT NULL REFERENCES visit (id) ON DELETE CASCADE,
    place     INTEGER NOT NULL,
    interface TEXT    NOT NULL,
    extension TEXT,
    channel   TEXT    NOT NULL,
    began_ms  INTEGER NOT NULL,
    ended_ms  INTEGER,
    how       TEXT,
    PRIMARY KEY (visit_id, place)
) STRICT, WITHOUT ROWID;

-- What an agent did, one thing at a time; without an end while it goes on. No row while they are in no queue, or while
-- nothing is known.
CREATE TABLE agent_span (
    id        INTEGER PRIMARY KEY,
    pbx_id    INTEGER NOT NULL,
    interface TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    extension TEXT,
    doing     TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    since_ms  INTEGER NOT NULL,
    until_ms  INTEGER
) STRICT;
CREATE INDEX agent_span_since ON agent_span (pbx_id, since_ms);
CREATE UNIQUE INDEX agent_span_open ON agent_span (pbx_id, interface) WHERE until_ms IS NULL;

-- When an agent was in a queue.
CREATE TABLE queue_session (
    id        INTEGER PRIMARY KEY,
    pbx_id    INTEGER NOT NULL,
    interface TEXT    NOT NULL,
    queue     TEXT    NOT NULL,
    since_ms  INTEGER NOT NULL,
    until_ms  INTEGER
) STRICT;
CREATE INDEX queue_session_since ON queue_session (pbx_id, since_ms);
CREATE UNIQUE INDEX queue_session_open ON queue_session (pbx_id, interface, queue) WHERE until_ms IS NULL;

-- Times during which nothing was seen of a PBX. `repaired_by` says what filled it, where something did.
CREATE TABLE gap (
    id          INTEGER PRIMARY KEY,
    pbx_id      INTEGER NOT NULL,
    from_ms     INTEGER NOT NULL,
    to_ms       INTEGER,
    reason      TEXT    NOT NULL,
    repaired_by TEXT
) STRICT;
CREATE INDEX gap_from ON gap (pbx_id, from_ms);

-- The last moment at which a PBX was seen: where a gap begins when the program ends without a word.
CREATE TABLE pbx_seen (
    pbx_id  INTEGER PRIMARY KEY,
    seen_ms INTEGER NOT NULL
) STRICT;

-- How visits of a queue are counted. A version is never changed: a new one counts from `since_ms` on.
CREATE TABLE queue_policy (
    pbx_id          INTEGER NOT NULL,
    queue           TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    since_ms        INTEGER NOT NULL,
    target_s        INTEGER NOT NULL,
    short_abandon_s INTEGER NOT NULL,
    by_user         INTEGER,
    PRIMARY KEY (pbx_id, queue, version)
) STRICT, WITHOUT ROWID;

-- What follows a call of a queue: how long, and what has to be said of it (JSON: a list of words).
CREATE TABLE queue_wrap_up (
    pbx_id       INTEGER NOT NULL,
    queue        TEXT    NOT NULL,
    wrap_up_s    INTEGER NOT NULL,
    dispositions TEXT    NOT NULL,
    PRIMARY KEY (pbx_id, queue)
) STRICT, WITHOUT ROWID;

-- Why agents pause.
CREATE TABLE pause_reason (
    id      INTEGER PRIMARY KEY,
    name    TEXT    NOT NULL UNIQUE,
    colour  TEXT    NOT NULL,
    paid    INTEGER NOT NULL CHECK (paid IN (0, 1)),
    most_s  INTEGER,
    retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1))
) STRICT;

-- The work after a call, kept here so that it ends when it is due, whatever becomes of browsers and of this program.
CREATE TABLE wrap_up (
    id        INTEGER PRIMARY KEY,
    pbx_id    INTEGER NOT NULL,
    interface TEXT    NOT NULL,
    queue     TEXT    NOT NULL,
    visit_id  INTEGER NOT NULL REFERENCES visit (id) ON DELETE CASCADE,
    began_ms  INTEGER NOT NULL,
    due_ms    INTEGER NOT NULL,
    ended_ms  INTEGER
) STRICT;
CREATE UNIQUE INDEX wrap_up_open ON wrap_up (pbx_id, interface) WHERE ended_ms IS NULL;
