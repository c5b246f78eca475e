-- Asterisk's own call records, kept beside the calls. Times are milliseconds since the Unix epoch, UTC.
-- `pbx_id` names no row of `pbx` on purpose where rows outlive a connection.

-- Where the records of a PBX are, and how far they were read. `place` is a path, or the address of a database without its
-- password. `cursor` (JSON) is what reading goes on from; `damaged` is how
-- many lines or rows of the last reading were none.
CREATE TABLE cdr_source (
    pbx_id          INTEGER PRIMARY KEY REFERENCES pbx (id) ON DELETE CASCADE,
    kind            TEXT    NOT NULL CHECK (kind IN ('csv', 'sqlite', 'mysql', 'postgres')),
    place           TEXT    NOT NULL,
    relation        TEXT    NOT NULL,
    zone            TEXT    NOT NULL,
    password_sealed BLOB,
    cursor          TEXT,
    read_ms         INTEGER,
    damaged         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One row of Asterisk, as it is. `key` is what names it: its unique id, linked id and sequence where it has all three, else its
-- content and how many of the same content came before it; `content` is a hash of all that it says. `linked` is what it belongs to, empty where nothing says so.
-- `told_by`: 1 an event of the manager, 2 the source. `doubt` is empty, or says what is not known of the times.
CREATE TABLE cdr (
    id           INTEGER PRIMARY KEY,
    pbx_id       INTEGER NOT NULL,
    key          BLOB    NOT NULL,
    content      BLOB    NOT NULL,
    told_by      INTEGER NOT NULL,
    linked       TEXT    NOT NULL,
    start_ms     INTEGER NOT NULL,
    answer_ms    INTEGER,
    end_ms       INTEGER NOT NULL,
    doubt        TEXT    NOT NULL CHECK (doubt IN ('', 'twice', 'never')),
    account      TEXT    NOT NULL,
    src          TEXT    NOT NULL,
    dst          TEXT    NOT NULL,
    context      TEXT    NOT NULL,
    caller_id    TEXT    NOT NULL,
    channel      TEXT    NOT NULL,
    dest_channel TEXT    NOT NULL,
    application  TEXT    NOT NULL,
    data         TEXT    NOT NULL,
    duration_s   INTEGER NOT NULL,
    billable_s   INTEGER NOT NULL,
    disposition  TEXT    NOT NULL,
    ama_flags    TEXT    NOT NULL,
    uniqueid     TEXT    NOT NULL,
    linkedid     TEXT    NOT NULL,
    sequence     INTEGER,
    peer_account TEXT    NOT NULL,
    user_field   TEXT    NOT NULL,
    recording    TEXT    NOT NULL,
    did          TEXT    NOT NULL,
    UNIQUE (pbx_id, key)
) STRICT;
CREATE INDEX cdr_start ON cdr (pbx_id, start_ms);
CREATE INDEX cdr_linked ON cdr (linked, pbx_id) WHERE linked <> '';
CREATE INDEX cdr_uniqueid ON cdr (uniqueid, pbx_id) WHERE uniqueid <> '';
CREATE INDEX cdr_content ON cdr (pbx_id, content);

-- Records held against calls: `linked` is empty for a call of which there is no record, `call_row` for records of which there
-- is no call. `spied`: somebody's phone listened to another call.
CREATE TABLE cdr_check (
    id       INTEGER PRIMARY KEY,
    pbx_id   INTEGER NOT NULL,
    class    TEXT    NOT NULL CHECK (class IN ('matched', 'only_here', 'only_there', 'repaired')),
    began_ms INTEGER NOT NULL,
    linked   TEXT    NOT NULL,
    call_row INTEGER,
    rows     INTEGER NOT NULL,
    spied    INTEGER NOT NULL CHECK (spied IN (0, 1))
) STRICT;
CREATE INDEX cdr_check_began ON cdr_check (pbx_id, began_ms, id);
CREATE INDEX cdr_check_class ON cdr_check (class, began_ms, id);
CREATE INDEX cdr_check_call ON cdr_check (call_row) WHERE call_row IS NOT NULL;

-- Asterisk's records of a call go by the linked id that it began with.
CREATE INDEX call_linked ON call (linked, pbx_id) WHERE linked IS NOT NULL;
