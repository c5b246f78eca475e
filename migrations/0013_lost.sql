-- Callers who were not reached, until they are. Times are milliseconds since the Unix epoch, UTC.
-- `pbx_id` names no row of `pbx` on purpose: what happened stays when a connection is removed.
-- `person` is what a number comes to whichever way it is written (`telephony::lost::person_of`).

-- A talk between somebody and one of ours, on any path: of a call only what is needed to know who was reached, when and by
-- whom. `visit_id` is 0 where it came through no queue.
CREATE TABLE contact (
    id        INTEGER PRIMARY KEY,
    pbx_id    INTEGER NOT NULL,
    person    TEXT    NOT NULL,
    call_id   TEXT    NOT NULL,
    visit_id  INTEGER NOT NULL,
    path      TEXT    NOT NULL CHECK (path IN ('queue', 'in', 'out', 'inside')),
    queue     TEXT,
    extension TEXT,
    began_ms  INTEGER NOT NULL,
    talk_ms   INTEGER,
    UNIQUE (pbx_id, call_id, person, visit_id)
) STRICT;
CREATE INDEX contact_person ON contact (pbx_id, person, began_ms);

-- A person from the first try that reached nobody until they were reached, or given up: at most one open row for each.
-- A claim holds until `until_ms`, whatever `claimed_by` says afterwards.
CREATE TABLE lost (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    pbx_id     INTEGER NOT NULL,
    person     TEXT    NOT NULL,
    number     TEXT    NOT NULL,
    name       TEXT,
    first_ms   INTEGER NOT NULL,
    last_ms    INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'reached', 'given_up')),
    claimed_by INTEGER REFERENCES user (id) ON DELETE SET NULL,
    claimed_ms INTEGER NOT NULL DEFAULT 0,
    until_ms   INTEGER NOT NULL DEFAULT 0,
    handed_by  INTEGER REFERENCES user (id) ON DELETE SET NULL,
    contact_id INTEGER REFERENCES contact (id),
    ended_ms   INTEGER,
    ended_by   TEXT,
    reason     TEXT
) STRICT;
CREATE UNIQUE INDEX lost_open ON lost (pbx_id, person) WHERE state = 'open';
CREATE INDEX lost_claimed ON lost (claimed_by) WHERE state = 'open' AND claimed_by IS NOT NULL;
CREATE INDEX lost_contact ON lost (contact_id) WHERE contact_id IS NOT NULL;

-- One try of a person: a visit of a queue, or a call to an extension. `lost_id` is empty where the number was withheld.
CREATE TABLE lost_try (
    id        INTEGER PRIMARY KEY,
    lost_id   INTEGER REFERENCES lost (id) ON DELETE CASCADE,
    pbx_id    INTEGER NOT NULL,
    call_id   TEXT    NOT NULL,
    visit_id  INTEGER UNIQUE,
    queue     TEXT,
    extension TEXT,
    at_ms     INTEGER NOT NULL,
    waited_ms INTEGER NOT NULL,
    how       TEXT    NOT NULL,
    CHECK ((queue IS NULL) <> (extension IS NULL)),
    UNIQUE (pbx_id, call_id, extension)
) STRICT;
CREATE INDEX lost_try_at ON lost_try (at_ms, lost_id);
CREATE INDEX lost_try_of ON lost_try (lost_id, at_ms);
