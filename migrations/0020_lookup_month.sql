-- Failures are limited in any thirty days, whatever succeeds between them: counted by windows of which two together count.

ALTER TABLE lookup_count RENAME COLUMN in_a_row TO month;

ALTER TABLE lookup_count ADD COLUMN month_before bigint NOT NULL DEFAULT 0;

ALTER TABLE lookup_count ADD COLUMN month_began_at timestamptz; -- null: when the row last changed
