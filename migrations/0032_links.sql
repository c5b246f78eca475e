-- Links by which somebody without an account hears one recording. `hash` is of the token in the link, which is nowhere else;
-- `by` is the maker's name as it was then, `most` how often it can be heard.
CREATE TABLE recording_link (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    hash         BLOB    NOT NULL UNIQUE,
    recording_id INTEGER NOT NULL REFERENCES recording (id),
    user_id      INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    by           TEXT    NOT NULL,
    purpose      TEXT    NOT NULL,
    made_ms      INTEGER NOT NULL,
    expires_ms   INTEGER NOT NULL,
    most         INTEGER,
    heard        INTEGER NOT NULL DEFAULT 0,
    revoked_ms   INTEGER
) STRICT;
CREATE INDEX recording_link_of ON recording_link (recording_id, id);
