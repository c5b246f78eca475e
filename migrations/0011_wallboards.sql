-- Wallboards, and the screens that show them.

-- `pages` is JSON. `version` counts its changes.
CREATE TABLE wallboard (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    shared     INTEGER NOT NULL CHECK (shared IN (0, 1)),
    masked     INTEGER NOT NULL CHECK (masked IN (0, 1)),
    light      INTEGER NOT NULL CHECK (light IN (0, 1)),
    pages      TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    UNIQUE (user_id, name)
) STRICT;

-- A television that shows a board. The token itself is only in its cookie; here is its SHA-256.
CREATE TABLE screen (
    id           INTEGER PRIMARY KEY,
    token_hash   BLOB    NOT NULL UNIQUE,
    user_id      INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    wallboard_id INTEGER NOT NULL REFERENCES wallboard (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    masked       INTEGER NOT NULL CHECK (masked IN (0, 1)),
    created_ms   INTEGER NOT NULL,
    seen_ms      INTEGER NOT NULL,
    address      TEXT    NOT NULL
) STRICT;
CREATE INDEX screen_user ON screen (user_id, created_ms);
CREATE INDEX screen_wallboard ON screen (wallboard_id);

-- Whoever holds an open socket looks again: what a screen is sent follows from its board.
CREATE TRIGGER wallboard_changed AFTER UPDATE ON wallboard
BEGIN UPDATE rights_version SET version = version + 1; END;
CREATE TRIGGER screen_gone AFTER DELETE ON screen
BEGIN UPDATE rights_version SET version = version + 1; END;
