-- The debtor's side: the links they come by, what they write, what they dispute, what they may read, and what they
-- want. What names or quotes anybody is sealed.

CREATE TABLE dispute (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  debt_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('whole', 'part')),
  amount bigint CHECK (amount > 0),   -- of a part
  reasons text NOT NULL,              -- space-separated
  status text NOT NULL CHECK (status IN ('open', 'answered', 'upheld', 'rejected', 'withdrawn')),
  source text NOT NULL,
  body bytea,
  received_on date NOT NULL,
  duplicate_of uuid,
  hold_id uuid,
  answered_at timestamptz,
  closed_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id),
  FOREIGN KEY (tenant_id, duplicate_of) REFERENCES dispute (tenant_id, id),
  FOREIGN KEY (tenant_id, hold_id) REFERENCES hold (tenant_id, id)
);

CREATE INDEX dispute_of_debt ON dispute (tenant_id, debt_id);
CREATE INDEX dispute_of ON dispute (tenant_id, customer_id);

-- Append only: what the organization answered.
CREATE TABLE dispute_answer (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  dispute_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  body bytea NOT NULL,
  by_whom text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, dispute_id) REFERENCES dispute (tenant_id, id)
);

CREATE INDEX dispute_answer_of ON dispute_answer (tenant_id, dispute_id);

CREATE TABLE customer_session (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  debt_id uuid,                       -- it opens this account
  dispute_id uuid,                    -- it opens this dispute
  destination text NOT NULL,
  slides boolean NOT NULL,            -- whether use prolongs it
  hash bytea NOT NULL,                -- of the link's secret
  key_version bigint NOT NULL,        -- of the key the secret is made with
  return_url bytea,
  expiration_return_url bytea,
  tags bytea,
  created_by text NOT NULL,
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id),
  FOREIGN KEY (tenant_id, dispute_id) REFERENCES dispute (tenant_id, id)
);

CREATE INDEX customer_session_by_hash ON customer_session (hash);
CREATE INDEX customer_session_of ON customer_session (tenant_id, customer_id);

CREATE TABLE ticket (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  customer_id uuid,
  debt_id uuid,
  status text NOT NULL CHECK (status IN ('open', 'in_progress', 'resolved', 'closed')),
  source text NOT NULL CHECK (source IN ('api', 'collect', 'guest')),
  category text NOT NULL,
  subject bytea NOT NULL,
  description bytea NOT NULL,
  name bytea,
  email bytea,
  phone bytea,
  is_read_by_customer boolean NOT NULL,
  is_read_by_organization boolean NOT NULL,
  last_activity_at timestamptz NOT NULL,
  resolved_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id)
);

CREATE INDEX ticket_latest ON ticket (tenant_id, last_activity_at, id);
CREATE INDEX ticket_of ON ticket (tenant_id, customer_id);
CREATE INDEX ticket_of_debt ON ticket (tenant_id, debt_id);

-- Append only.
CREATE TABLE ticket_message (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  customer_id uuid,
  author text NOT NULL CHECK (author IN ('customer', 'organization')),
  body bytea NOT NULL,
  by_whom text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES ticket (tenant_id, id)
);

CREATE INDEX ticket_message_of ON ticket_message (tenant_id, ticket_id);

CREATE TABLE itemization (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  debt_id uuid NOT NULL,
  version bigint NOT NULL,            -- the last one that was not withdrawn holds
  date_kind text NOT NULL CHECK (date_kind IN ('last_statement', 'charge_off', 'last_payment', 'transaction', 'judgment')),
  as_of date NOT NULL,
  amount bigint NOT NULL CHECK (amount >= 0),
  balance bigint NOT NULL CHECK (balance >= 0), -- what was owed when it was recorded
  paid bigint NOT NULL,               -- what the ledger said by then: the rest happened since
  given_back bigint NOT NULL,
  raised bigint NOT NULL,
  lowered bigint NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  withdrawn_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id)
);

CREATE UNIQUE INDEX itemization_of_debt ON itemization (tenant_id, debt_id, version);

CREATE TABLE itemization_line (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  itemization_id uuid NOT NULL,
  place bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('interest', 'fee', 'payment', 'credit')),
  day date NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  description text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, itemization_id) REFERENCES itemization (tenant_id, id)
);

CREATE INDEX itemization_line_of ON itemization_line (tenant_id, itemization_id);

CREATE TABLE document (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  customer_id uuid,
  debt_id uuid,
  dispute_id uuid,
  ticket_id uuid,
  kind text NOT NULL CHECK (kind IN ('statement', 'validation_notice', 'contract', 'judgment', 'other')),
  name bytea NOT NULL,
  media_type text NOT NULL,
  bytes bigint NOT NULL CHECK (bytes > 0),
  visible_to_customer boolean NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id),
  FOREIGN KEY (tenant_id, dispute_id) REFERENCES dispute (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES ticket (tenant_id, id)
);

CREATE INDEX document_of_debt ON document (tenant_id, debt_id);
CREATE INDEX document_of_dispute ON document (tenant_id, dispute_id);
CREATE INDEX document_of_ticket ON document (tenant_id, ticket_id);
CREATE INDEX document_of ON document (tenant_id, customer_id);

-- A document's bytes, piece by piece, each sealed for its own place.
CREATE TABLE document_chunk (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  document_id uuid NOT NULL,
  customer_id uuid,
  place bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, document_id) REFERENCES document (tenant_id, id)
);

CREATE INDEX document_chunk_of ON document_chunk (tenant_id, document_id);

-- Append only: the last version holds, the others are its history.
CREATE TABLE customer_preference (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  version bigint NOT NULL,
  body bytea NOT NULL,
  how text NOT NULL,
  by_whom text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
);

CREATE UNIQUE INDEX customer_preference_of ON customer_preference (tenant_id, customer_id, version);
