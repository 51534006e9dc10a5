-- How a card or a bank account gets in: what was authorized with a single payment, one-time tokens of hosted fields, how often
-- what looks like one thing was tried, and tokens found by their id alone, where a page names one by it.

-- Evidence, kept: never changed.
CREATE TABLE charge_authorization (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,                   -- the charge's
  payment_method_id uuid NOT NULL,
  channel text NOT NULL,              -- how it was given
  terms text NOT NULL,                -- what it is for, in words
  given_at timestamptz NOT NULL,
  text_version text,                  -- which text it was
  agreed_text bytea NOT NULL,         -- its words; sealed with the tenant's key, as are the next two
  agreed_by bytea,                    -- the name of who gave it
  ip_address bytea,                   -- where from
  sha256 text NOT NULL,               -- over all of it, in hexadecimal digits
  recorded_by text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, id) REFERENCES charge (tenant_id, id),
  FOREIGN KEY (tenant_id, payment_method_id) REFERENCES payment_method (tenant_id, id)
);

CREATE TABLE one_time_token (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  hash bytea NOT NULL,                -- of the token
  fingerprint bytea,                  -- of the number
  body bytea NOT NULL,                -- the processor's token and what is known of the card or account; sealed with the tenant's key; empty once it was used
  used_at timestamptz,
  ends_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX one_time_token_by_hash ON one_time_token (tenant_id, hash);

CREATE INDEX one_time_token_ends ON one_time_token (ends_at);

CREATE TABLE velocity_count (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  subject bytea,                      -- blind index of what is counted
  tries bigint NOT NULL,
  ends_at timestamptz NOT NULL,       -- when it is counted anew
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX velocity_count_of ON velocity_count (tenant_id, subject) WHERE subject IS NOT NULL;

CREATE INDEX velocity_count_ends ON velocity_count (ends_at);

CREATE INDEX token_by_id ON token (id);
