-- Calls that are over. Times are milliseconds since the Unix epoch, UTC.
-- `pbx_id` names no row of `pbx` on purpose: what happened stays when a connection is removed.

-- Who was on calls, each once however often they call. `digits` is the number as it is looked for, `folded` the name (and an
-- address that is no number) in small letters.
CREATE TABLE party (
    id        INTEGER PRIMARY KEY,
    pbx_id    INTEGER NOT NULL,
    number    TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    extension TEXT    NOT NULL,
    digits    TEXT    NOT NULL,
    folded    TEXT    NOT NULL,
    UNIQUE (number, name, extension, pbx_id)
) STRICT;
CREATE INDEX party_extension ON party (extension, pbx_id) WHERE extension <> '';
CREATE INDEX party_digits ON party (digits);
CREATE INDEX party_folded ON party (folded);
-- Any part of a number or a name.
CREATE VIRTUAL TABLE party_text USING fts5 (
    digits, folded, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);

-- What calls have in common, each combination once: a search by any of it is a search for a few numbers. `length` is the
-- class of the duration (server/src/store/history/words.rs), `calls` how many there are.
CREATE TABLE call_kind (
    id        INTEGER PRIMARY KEY,
    pbx_id    INTEGER NOT NULL,
    direction TEXT    NOT NULL,
    result    TEXT    NOT NULL,
    queue     TEXT    NOT NULL,
    trunk     TEXT    NOT NULL,
    recorded  INTEGER NOT NULL CHECK (recorded IN (0, 1)),
    length    INTEGER NOT NULL,
    calls     INTEGER NOT NULL,
    UNIQUE (pbx_id, direction, result, queue, trunk, recorded, length)
) STRICT;

-- One call. `id` is when it began, in milliseconds times 4096, and a number that tells those of one millisecond apart: the
-- order of ids is the order of time, and every index is in that order by itself. `others` are the parties beside caller and
-- callee (JSON).
CREATE TABLE call (
    id          INTEGER PRIMARY KEY,
    pbx_id      INTEGER NOT NULL,
    call_id     TEXT    NOT NULL,
    linked      TEXT,
    kind_id     INTEGER NOT NULL,
    caller_id   INTEGER NOT NULL,
    callee_id   INTEGER NOT NULL,
    others      TEXT,
    dialled     TEXT    NOT NULL,
    answered_ms INTEGER,
    duration_ms INTEGER NOT NULL,
    talk_ms     INTEGER NOT NULL,
    held_ms     INTEGER NOT NULL,
    first_by    TEXT,
    last_by     TEXT,
    cause       INTEGER NOT NULL,
    hung_up_by  TEXT    NOT NULL CHECK (hung_up_by IN ('caller', 'callee', 'other', 'nobody')),
    marks       INTEGER NOT NULL
) STRICT;
CREATE INDEX call_key ON call (call_id, pbx_id);
CREATE INDEX call_kind_id ON call (kind_id);

-- Legs and moments of a call (`telephony::finished::pack`).
CREATE TABLE call_story (
    id   INTEGER PRIMARY KEY,
    told BLOB    NOT NULL
) STRICT;

-- Who was on a call or was rung: 1 the caller, 2 the callee, 3 anybody else.
CREATE TABLE call_party (
    party_id INTEGER NOT NULL,
    call_id  INTEGER NOT NULL,
    role     INTEGER NOT NULL,
    kind_id  INTEGER NOT NULL,
    PRIMARY KEY (party_id, call_id, role)
) STRICT, WITHOUT ROWID;

-- Calls by the hour and by the day (UTC) in which they began; kept with the calls themselves, in their transaction.
CREATE TABLE call_hour (
    hour        INTEGER NOT NULL,
    pbx_id      INTEGER NOT NULL,
    direction   TEXT    NOT NULL,
    answered    INTEGER NOT NULL,
    missed      INTEGER NOT NULL,
    busy        INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    abandoned   INTEGER NOT NULL,
    voicemail   INTEGER NOT NULL,
    service     INTEGER NOT NULL,
    interrupted INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    talk_ms     INTEGER NOT NULL,
    PRIMARY KEY (hour, pbx_id, direction)
) STRICT, WITHOUT ROWID;
CREATE TABLE call_day (
    day         INTEGER NOT NULL,
    pbx_id      INTEGER NOT NULL,
    direction   TEXT    NOT NULL,
    answered    INTEGER NOT NULL,
    missed      INTEGER NOT NULL,
    busy        INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    abandoned   INTEGER NOT NULL,
    voicemail   INTEGER NOT NULL,
    service     INTEGER NOT NULL,
    interrupted INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    talk_ms     INTEGER NOT NULL,
    PRIMARY KEY (day, pbx_id, direction)
) STRICT, WITHOUT ROWID;

-- Calls that are up, as they were when they began or were answered (JSON): what is closed when the program ends under them.
CREATE TABLE call_open (
    pbx_id  INTEGER NOT NULL,
    call_id TEXT    NOT NULL,
    told    TEXT    NOT NULL,
    PRIMARY KEY (pbx_id, call_id)
) STRICT, WITHOUT ROWID;
