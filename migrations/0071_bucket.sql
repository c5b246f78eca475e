-- Recordings in a bucket: since when a copy lies there, and whether the file is in its folder still.
ALTER TABLE recording ADD COLUMN stored_ms INTEGER;
ALTER TABLE recording ADD COLUMN in_folder INTEGER NOT NULL DEFAULT 1 CHECK (in_folder IN (0, 1));
CREATE INDEX recording_to_store ON recording (id) WHERE stored_ms IS NULL AND state IN ('ready', 'foreign');
CREATE INDEX recording_stored ON recording (stored_ms) WHERE stored_ms IS NOT NULL AND in_folder = 1;
