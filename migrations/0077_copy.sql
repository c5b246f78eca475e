-- What changed of calls since it was copied to another database, where they are: `what` is 1 a call, 2 a party, 3 a kind, 4 an hour, 5 a
-- day, `key` which. Triggers write it while there is a copy (server/src/store/copy.rs).
CREATE TABLE copy_change (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    what INTEGER NOT NULL,
    key  INTEGER NOT NULL
) STRICT;
-- By what a copy knows of which database it is one, and whether changes were noted ever since it was begun.
CREATE TABLE copy_source (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    name       TEXT    NOT NULL,
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO copy_source (id, name, generation) VALUES (1, lower(hex(randomblob(16))), 0);
