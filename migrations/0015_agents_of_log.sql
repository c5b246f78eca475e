-- A gap that the log of a PBX was held against: of how many agents it does not tell whether they were paused, or in which
-- queues they were, all the time. Empty where it was not held against a log, or before this was asked.
ALTER TABLE gap ADD COLUMN agents_unknown INTEGER;
