-- Times are milliseconds since the Unix epoch, UTC.

CREATE TABLE user (
    id            INTEGER PRIMARY KEY,
    username      TEXT    NOT NULL UNIQUE,
    display_name  TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('admin', 'supervisor', 'agent', 'viewer')),
    password_hash TEXT    NOT NULL,
    own_pbx       INTEGER REFERENCES pbx (id) ON DELETE SET NULL,
    own_extension TEXT,
    disabled      INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_ms    INTEGER NOT NULL
) STRICT;

-- At most one row: the token of the link that makes the first administrator.
CREATE TABLE setup (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    token_hash BLOB    NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

-- The id itself is only in the browser's cookie; here is its SHA-256.
CREATE TABLE session (
    id_hash     BLOB    PRIMARY KEY,
    user_id     INTEGER REFERENCES user (id) ON DELETE CASCADE,
    data        TEXT    NOT NULL,
    created_ms  INTEGER NOT NULL,
    seen_ms     INTEGER NOT NULL,
    idle_ms     INTEGER NOT NULL,
    absolute_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user_id, created_ms);

CREATE TABLE pbx (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,
    host          TEXT    NOT NULL,
    port          INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    tls           TEXT    NOT NULL CHECK (tls IN ('off', 'verify')),
    ca_pem        TEXT    NOT NULL,
    username      TEXT    NOT NULL,
    secret_sealed BLOB    NOT NULL,
    context       TEXT    NOT NULL,
    enabled       INTEGER NOT NULL CHECK (enabled IN (0, 1))
) STRICT;

-- Written before the effect; `outcome` is filled in once, afterwards.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    address TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    object  TEXT    NOT NULL,
    outcome TEXT
) STRICT;
CREATE INDEX audit_at ON audit (at_ms);

-- What makes a double click one call. `outcome` is JSON; NULL while under way.
CREATE TABLE command_request (
    user_id    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    request_id TEXT    NOT NULL,
    pbx_id     INTEGER NOT NULL,
    command    TEXT    NOT NULL,
    is_call    INTEGER NOT NULL CHECK (is_call IN (0, 1)),
    at_ms      INTEGER NOT NULL,
    outcome    TEXT,
    PRIMARY KEY (user_id, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX command_request_calls ON command_request (user_id, at_ms) WHERE is_call = 1;
