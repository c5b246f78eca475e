-- The server reads records by itself. `every_s` is how often, 0 for never; `next_ms` when it does so next; `failures` how often in
-- a row it could not, and `trouble` why. Whoever reads has the source to themselves until `lease_ms`, under a name of their own.
-- `checked_ms` is up to when records and calls were held against each other without anybody asking.
ALTER TABLE cdr_source ADD COLUMN every_s    INTEGER NOT NULL DEFAULT 60;
ALTER TABLE cdr_source ADD COLUMN next_ms    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cdr_source ADD COLUMN failures   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cdr_source ADD COLUMN trouble    TEXT    NOT NULL DEFAULT '';
ALTER TABLE cdr_source ADD COLUMN lease_ms   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cdr_source ADD COLUMN lease_by   TEXT    NOT NULL DEFAULT '';
ALTER TABLE cdr_source ADD COLUMN checked_ms INTEGER NOT NULL DEFAULT 0;
