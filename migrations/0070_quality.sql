-- How fast calls were put through (`pdd_ms`, post-dial delay) and how they sounded (`mes`, Media Experience Score in tenths); empty
-- where nothing was measured. Sums of hours and days say of how many calls they are.
ALTER TABLE call ADD COLUMN pdd_ms INTEGER;
ALTER TABLE call ADD COLUMN mes INTEGER;
ALTER TABLE call_hour ADD COLUMN pdd_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_hour ADD COLUMN pdd_calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_hour ADD COLUMN mes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_hour ADD COLUMN mes_calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_day ADD COLUMN pdd_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_day ADD COLUMN pdd_calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_day ADD COLUMN mes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_day ADD COLUMN mes_calls INTEGER NOT NULL DEFAULT 0;
