-- Tokens, with which programs act for people, and what makes a repeated request one.

-- The token itself is shown once; here is its SHA-256. `abilities` is JSON: ability to reach; `networks` is a JSON list.
-- A token for one PBX goes with it: without it the token would be for all of them.
CREATE TABLE token (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    hash         BLOB    NOT NULL UNIQUE,
    hint         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    abilities    TEXT    NOT NULL,
    pbx_id       INTEGER REFERENCES pbx (id) ON DELETE CASCADE,
    networks     TEXT    NOT NULL,
    created_ms   INTEGER NOT NULL,
    expires_ms   INTEGER NOT NULL,
    revoked_ms   INTEGER,
    used_ms      INTEGER,
    used_address TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX token_user ON token (user_id, created_ms);
CREATE INDEX token_pbx ON token (pbx_id) WHERE pbx_id IS NOT NULL;

-- Where a token was used from before: an IPv4 address or an IPv6 /64.
CREATE TABLE token_network (
    token_id INTEGER NOT NULL REFERENCES token (id) ON DELETE CASCADE,
    network  TEXT    NOT NULL,
    first_ms INTEGER NOT NULL,
    PRIMARY KEY (token_id, network)
) STRICT, WITHOUT ROWID;

-- Requests that changed something, by their Idempotency-Key. `status` and the sealed answer are NULL while it is under way.
CREATE TABLE api_request (
    id            INTEGER PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    key           TEXT    NOT NULL,
    asked         BLOB    NOT NULL,
    at_ms         INTEGER NOT NULL,
    status        INTEGER,
    answer_sealed BLOB,
    UNIQUE (user_id, key)
) STRICT;
CREATE INDEX api_request_at ON api_request (user_id, at_ms);

-- Whoever holds an open stream looks again.
CREATE TRIGGER token_revoked AFTER UPDATE OF revoked_ms, expires_ms ON token
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER token_gone AFTER DELETE ON token
BEGIN UPDATE rights_version SET version = version + 1; END;
