-- Who called and who was called, in the row of the call as well; empty in rows that an earlier version copied: of these the parties tell it.
ALTER TABLE call
    ADD COLUMN caller_number text, ADD COLUMN caller_name text, ADD COLUMN caller_extension text,
    ADD COLUMN callee_number text, ADD COLUMN callee_name text, ADD COLUMN callee_extension text;
