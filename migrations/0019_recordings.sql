-- Recordings of calls. Times are milliseconds since the Unix epoch, UTC. `pbx_id` names no row of `pbx` on purpose, as in `call`.

-- Where the files of a PBX can be read on this host; empty where they are not.
ALTER TABLE pbx ADD COLUMN recordings TEXT NOT NULL DEFAULT '';

-- A file. `key` is the name that addresses have for it, `folder` and `file` are its place below the folder of its PBX, `unique_id`
-- is the channel in its name. `sha256` is of what was read when it was taken in, `drawn` its loudness, a byte for each channel and
-- piece; `silences` is JSON. What retention removed stays as a row without sound.
CREATE TABLE recording (
    id          INTEGER PRIMARY KEY,
    key         TEXT    NOT NULL UNIQUE,
    pbx_id      INTEGER NOT NULL,
    folder      TEXT    NOT NULL,
    file        TEXT    NOT NULL,
    call_id     INTEGER,
    matched     TEXT    CHECK (matched IN ('told', 'named')),
    unique_id   TEXT,
    bytes       INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    found_ms    INTEGER NOT NULL,
    taken_ms    INTEGER,
    state       TEXT    NOT NULL CHECK (state IN (
        'growing', 'ready', 'foreign', 'empty', 'damaged', 'changed', 'gone', 'doomed', 'deleted'
    )),
    why         TEXT    NOT NULL DEFAULT '',
    sha256      BLOB,
    channels    INTEGER NOT NULL DEFAULT 0,
    duration_ms INTEGER NOT NULL DEFAULT 0,
    drawn       BLOB    NOT NULL DEFAULT x'',
    silences    TEXT    NOT NULL DEFAULT '[]',
    held        INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1))
) STRICT;

CREATE UNIQUE INDEX recording_place ON recording (pbx_id, folder, file) WHERE state <> 'deleted';
CREATE INDEX recording_call ON recording (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX recording_loose_file ON recording (pbx_id, file) WHERE call_id IS NULL;
CREATE INDEX recording_loose_id ON recording (pbx_id, unique_id) WHERE call_id IS NULL AND unique_id IS NOT NULL;
CREATE INDEX recording_under_way ON recording (pbx_id, state, id) WHERE state IN ('growing', 'doomed');

-- By what files are known to be recordings of a call: by the name that the PBX told (`told`, whole; `named` without folders), or
-- by the channels that were on it (`named`).
CREATE TABLE recorded_call (
    id      INTEGER PRIMARY KEY,
    pbx_id  INTEGER NOT NULL,
    named   TEXT    NOT NULL,
    told    TEXT    NOT NULL,
    call_id INTEGER NOT NULL
) STRICT;

CREATE INDEX recorded_call_named ON recorded_call (pbx_id, named);

-- Who heard a recording, or took a copy, and the row of the audit trail that says so.
CREATE TABLE recording_listen (
    id           INTEGER PRIMARY KEY,
    recording_id INTEGER NOT NULL REFERENCES recording (id),
    user_id      INTEGER NOT NULL,
    act_id       INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    copy         INTEGER NOT NULL CHECK (copy IN (0, 1))
) STRICT;

CREATE INDEX recording_listen_of ON recording_listen (recording_id, at_ms);

-- For how many days recordings are kept: of a queue's calls, or (queue '') of every other call of a PBX. Without a row, for ever.
CREATE TABLE recording_policy (
    pbx_id INTEGER NOT NULL,
    queue  TEXT    NOT NULL,
    days   INTEGER NOT NULL CHECK (days > 0),
    PRIMARY KEY (pbx_id, queue)
) STRICT, WITHOUT ROWID;

-- Calls whose recordings are kept whatever the policy says.
CREATE TABLE call_hold (
    call_id INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL
) STRICT;
