-- How many lines of which filling of the spool (a file beside the database) are in the database: what a killed server left there is
-- written once.
CREATE TABLE spool (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name INTEGER NOT NULL,
    lines INTEGER NOT NULL
) STRICT;
