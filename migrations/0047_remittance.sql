-- Money that reaches the client: on which terms, what was remitted and how it was reckoned, and what stands on the trust account.

CREATE TABLE client_terms (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  location_id uuid NOT NULL,          -- the creditor that is a client by them
  method text NOT NULL CHECK (method IN ('net', 'gross')),
  card_hold_days bigint NOT NULL CHECK (card_hold_days >= 0),
  ach_hold_days bigint NOT NULL CHECK (ach_hold_days >= 0),
  since date,                         -- payments of earlier days are never remitted; null: all are
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id)
);

CREATE UNIQUE INDEX client_terms_of ON client_terms (tenant_id, location_id);

CREATE TABLE client_fee (
  tenant_id uuid NOT NULL,
  terms_id uuid NOT NULL,
  position bigint NOT NULL,           -- from 1; the first that holds counts
  basis_points bigint NOT NULL CHECK (basis_points >= 0 AND basis_points <= 10000),
  first_day date,
  min_age_days bigint,
  max_age_days bigint,
  min_balance bigint,
  max_balance bigint,
  PRIMARY KEY (tenant_id, terms_id, position),
  FOREIGN KEY (tenant_id, terms_id) REFERENCES client_terms (tenant_id, id)
);

CREATE TABLE remittance (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  terms_id uuid NOT NULL,
  location_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'approved', 'paid', 'void')),
  method text NOT NULL CHECK (method IN ('net', 'gross')),
  first_day date,                     -- null: from the beginning
  last_day date NOT NULL,
  lines bigint NOT NULL,
  gross bigint NOT NULL,
  clawed_back bigint NOT NULL,
  fees bigint NOT NULL,
  fees_back bigint NOT NULL,
  carried_in bigint NOT NULL CHECK (carried_in <= 0),
  carried_fees bigint NOT NULL,       -- what moves to the operating account for the one that was carried in
  net bigint NOT NULL,
  carried_to uuid,                    -- the one that takes over what this one left below nothing
  prepared_by text NOT NULL,
  approved_by text,
  approved_at timestamptz,
  paid_by text,
  paid_at timestamptz,
  bank_reference text,
  voided_by text,
  voided_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, terms_id) REFERENCES client_terms (tenant_id, id),
  FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id)
);

CREATE INDEX remittance_by ON remittance (tenant_id, terms_id);

CREATE UNIQUE INDEX remittance_draft ON remittance (tenant_id, terms_id) WHERE state = 'draft';

CREATE INDEX remittance_carried ON remittance (tenant_id, carried_to) WHERE carried_to IS NOT NULL;

CREATE TABLE remittance_line (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,                   -- the ledger entry's, so that none is ever on two of them
  remittance_id uuid NOT NULL,
  payment_id uuid NOT NULL,           -- the line of the payment: its own, or of the one it takes back
  kind text NOT NULL CHECK (kind IN ('payment', 'refund', 'return')),
  rail text NOT NULL CHECK (rail IN ('card', 'ach')),
  charge_id uuid NOT NULL,
  debt_id uuid NOT NULL,
  moved_on date NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  rest bigint NOT NULL CHECK (rest >= 0), -- what is left of the payment after this line
  rule bigint NOT NULL,               -- the rule's position, as the terms were then
  basis_points bigint NOT NULL,
  fee bigint NOT NULL CHECK (fee >= 0),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, remittance_id) REFERENCES remittance (tenant_id, id),
  FOREIGN KEY (tenant_id, id) REFERENCES entry (tenant_id, id)
);

CREATE INDEX remittance_line_of ON remittance_line (tenant_id, remittance_id, id);

CREATE INDEX remittance_line_back ON remittance_line (tenant_id, payment_id) WHERE kind <> 'payment';

CREATE TABLE trust_deposit (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  account text NOT NULL CHECK (account IN ('card_clearing', 'ach_clearing')),
  amount bigint NOT NULL CHECK (amount > 0),
  reference text NOT NULL,            -- the bank's
  received_on date NOT NULL,
  recorded_by text NOT NULL,
  reversed_by text,
  reversed_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX trust_deposit_reference ON trust_deposit (tenant_id, reference) WHERE reversed_at IS NULL;

-- What stands on the trust account: one row, which whoever takes from it locks.
CREATE TABLE trust_account (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenant (id),
  balance bigint NOT NULL CHECK (balance >= 0)
);

-- Which remittance or deposit an entry of the ledger was posted for.
CREATE TABLE remittance_entry (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,                   -- the entry's
  cause_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, id) REFERENCES entry (tenant_id, id)
);

CREATE INDEX remittance_entry_of ON remittance_entry (tenant_id, cause_id);
