-- Records that name a recording's file: it is of their call, whatever the file is called.
CREATE INDEX cdr_recorded ON cdr (linked, pbx_id) WHERE recording <> '';
ALTER TABLE recorded_call ADD COLUMN by_record INTEGER NOT NULL DEFAULT 0 CHECK (by_record IN (0, 1));
