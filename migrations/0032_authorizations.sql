-- What was authorized, as evidence: the words that were agreed to, by whom and from where, a hash over all of it, and the
-- copy that was sent. All of it null in rows from before this was kept.

ALTER TABLE plan_authorization ADD COLUMN text_version text;        -- which text it was
ALTER TABLE plan_authorization ADD COLUMN agreed_text bytea;        -- its words; sealed with the tenant's key, as are the next two
ALTER TABLE plan_authorization ADD COLUMN agreed_by bytea;          -- the name of who gave it
ALTER TABLE plan_authorization ADD COLUMN ip_address bytea;         -- where from
ALTER TABLE plan_authorization ADD COLUMN sha256 text;              -- over all of it, in hexadecimal digits
ALTER TABLE plan_authorization ADD COLUMN copy_id uuid;             -- the message that brings the copy
ALTER TABLE plan_authorization ADD COLUMN no_copy text;             -- why there is none
ALTER TABLE plan_authorization ADD COLUMN recorded_at timestamptz;  -- when it was written down; given_at may be earlier
