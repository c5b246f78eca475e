-- Who called and who was called, in the row of the call as well: a list or a file of calls looks nobody up. Empty (NULL) in rows that an
-- earlier version wrote: of these the parties tell it. Parties stay what is searched.
ALTER TABLE call ADD COLUMN caller_number TEXT;
ALTER TABLE call ADD COLUMN caller_name TEXT;
ALTER TABLE call ADD COLUMN caller_extension TEXT;
ALTER TABLE call ADD COLUMN callee_number TEXT;
ALTER TABLE call ADD COLUMN callee_name TEXT;
ALTER TABLE call ADD COLUMN callee_extension TEXT;
