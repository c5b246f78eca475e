-- Searches for calls, and reports, that people come back to. `address` is the page's own, from `/calls/` on.
CREATE TABLE saved_search (
    id      INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    name    TEXT    NOT NULL,
    address TEXT    NOT NULL,
    UNIQUE (user_id, name)
) STRICT;
