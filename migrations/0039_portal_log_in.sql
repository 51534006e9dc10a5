-- Whether customers get into the portal by what they say of themselves, without a link.

ALTER TABLE setting ADD COLUMN portal_log_in boolean NOT NULL DEFAULT false;
