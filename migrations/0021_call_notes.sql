-- What people say of calls that are over. `by` is the writer's name as it was then; `folded` is the note in small letters, as it is
-- looked for.
CREATE TABLE call_note (
    id      INTEGER PRIMARY KEY,
    call_id INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    by      TEXT    NOT NULL,
    said    TEXT    NOT NULL,
    folded  TEXT    NOT NULL
) STRICT;
CREATE INDEX call_note_call ON call_note (call_id);

-- Words that calls are found by.
CREATE TABLE call_tag (
    tag     TEXT    NOT NULL,
    call_id INTEGER NOT NULL,
    PRIMARY KEY (tag, call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_tag_call ON call_tag (call_id);
