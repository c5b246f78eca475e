-- Callers who keep their place in a queue and hang up. Times are milliseconds since the Unix epoch, UTC.
-- `pbx_id` names no row of `pbx` on purpose: what was asked stays when a connection is removed.

-- How a queue calls back; one without a row does not. `prefixes` is a JSON list of what numbers begin with.
CREATE TABLE callback_policy (
    pbx_id    INTEGER NOT NULL,
    queue     TEXT    NOT NULL,
    is_on     INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    attempts  INTEGER NOT NULL,
    pause_ms  INTEGER NOT NULL,
    prefixes  TEXT    NOT NULL,
    PRIMARY KEY (pbx_id, queue)
) STRICT, WITHOUT ROWID;

-- Who asked. `joined_ms` is the place that is kept; `state` and `miss` are the program's words as JSON; `serial` counts
-- decisions to call and is never used twice for one request.
CREATE TABLE callback_request (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    pbx_id    INTEGER NOT NULL,
    queue     TEXT    NOT NULL,
    number    TEXT    NOT NULL,
    name      TEXT,
    joined_ms INTEGER NOT NULL,
    asked_ms  INTEGER NOT NULL,
    since_ms  INTEGER NOT NULL,
    state     TEXT    NOT NULL,
    miss      TEXT,
    serial    INTEGER NOT NULL,
    attempts  INTEGER NOT NULL,
    over      INTEGER NOT NULL CHECK (over IN (0, 1))
) STRICT;
CREATE INDEX callback_open ON callback_request (pbx_id, queue) WHERE over = 0;

-- Wishes that were heard, by the PBX's own second: one that is heard twice is one.
CREATE TABLE callback_wish (
    pbx_id   INTEGER NOT NULL,
    queue    TEXT    NOT NULL,
    number   TEXT    NOT NULL,
    stamp    INTEGER NOT NULL,
    heard_ms INTEGER NOT NULL,
    PRIMARY KEY (pbx_id, queue, number, stamp)
) STRICT, WITHOUT ROWID;

-- Calls that were decided, for the limits of a day.
CREATE TABLE callback_call (
    pbx_id     INTEGER NOT NULL,
    number     TEXT    NOT NULL,
    request_id INTEGER NOT NULL,
    serial     INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (request_id, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX callback_call_at ON callback_call (pbx_id, at_ms);
