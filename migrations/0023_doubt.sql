-- Visits that were seen as a whole, and that the PBX's own log of its queues tells otherwise: they stay as they were seen, with a mark.
ALTER TABLE visit ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0 CHECK (doubted IN (0, 1));
