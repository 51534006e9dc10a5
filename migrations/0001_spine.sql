-- Tenancy, people, debts, money, the ledger, and events.
--
-- Every primary and unique key begins with the tenant: an organization's environment. Text columns of type
-- bytea hold sealed values (see base::vault). Money is whole cents. Nothing here is ever selected with `*`.

CREATE TABLE organization (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  time_zone text NOT NULL,            -- an IANA name
  week_start bigint NOT NULL,         -- 1 Monday … 7 Sunday
  created_at timestamptz NOT NULL
);

CREATE TABLE tenant (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization (id),
  environment text NOT NULL CHECK (environment IN ('production', 'sandbox')),
  created_at timestamptz NOT NULL,
  UNIQUE (organization_id, environment)
);

CREATE TABLE tenant_key (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  version bigint NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, version)
);

CREATE TABLE token (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  name text NOT NULL,
  hint text NOT NULL,                 -- the first characters, to tell tokens apart
  hash bytea NOT NULL,
  scopes text NOT NULL,               -- space-separated; '*' is all
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);

CREATE INDEX token_by_hash ON token (hash);

CREATE TABLE idempotency (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  kind text NOT NULL,
  object_id uuid NOT NULL,
  keep_until timestamptz,             -- null: for ever (money)
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key)
);

CREATE INDEX idempotency_old ON idempotency (keep_until) WHERE keep_until IS NOT NULL;

CREATE TABLE customer (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  external_id text,
  status text NOT NULL CHECK (status IN ('active', 'locked', 'archived')),
  data_key bytea,                     -- null once the person was erased
  name bytea,
  first_name bytea,
  last_name bytea,
  email bytea,
  phone bytea,
  date_of_birth bytea,
  ssn_last4 bytea,
  metadata bytea,
  name_index bytea,
  email_index bytea,
  phone_index bytea,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX customer_external_id ON customer (tenant_id, external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE INDEX customer_by_name ON customer (tenant_id, name_index);
CREATE INDEX customer_by_email ON customer (tenant_id, email_index);
CREATE INDEX customer_by_phone ON customer (tenant_id, phone_index);

CREATE TABLE address (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  name bytea,
  line1 bytea,
  line2 bytea,
  city bytea,
  state bytea,
  postal_code bytea,
  country bytea,
  is_primary boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
);

CREATE INDEX address_of ON address (tenant_id, customer_id);
CREATE UNIQUE INDEX address_primary ON address (tenant_id, customer_id) WHERE is_primary;

CREATE TABLE location (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  external_id text,
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('original_creditor', 'current_creditor', 'product_type')),
  parent_id uuid,
  metadata text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES location (tenant_id, id)
);

CREATE UNIQUE INDEX location_external_id ON location (tenant_id, external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE UNIQUE INDEX location_name ON location (tenant_id, type, name) WHERE deleted_at IS NULL;

CREATE TABLE debt (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  external_id text,
  customer_id uuid NOT NULL,
  location_id uuid,
  parent_id uuid,
  status text NOT NULL CHECK (status IN ('active', 'archived', 'closed', 'locked', 'paid_off')),
  balance bigint NOT NULL CHECK (balance >= 0),
  current_balance bigint NOT NULL CHECK (current_balance >= 0),
  reserved bigint NOT NULL CHECK (reserved >= 0 AND reserved <= current_balance),
  children bigint NOT NULL CHECK (children >= 0),
  account_number text,
  external_status text,
  external_company_id text,
  description text,
  billing_type text NOT NULL,
  metadata text NOT NULL,
  rules text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES debt (tenant_id, id)
);

CREATE UNIQUE INDEX debt_external_id ON debt (tenant_id, external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE INDEX debt_of ON debt (tenant_id, customer_id);
CREATE INDEX debt_children ON debt (tenant_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX debt_at ON debt (tenant_id, location_id);

CREATE TABLE debt_location (
  tenant_id uuid NOT NULL,
  debt_id uuid NOT NULL,
  position bigint NOT NULL,
  location_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, debt_id, position),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id),
  FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id)
);

CREATE TABLE payment_plan (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  debt_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'active', 'paused', 'completed', 'broken', 'cancelled')),
  frequency text CHECK (frequency IN ('weekly', 'every_other_week', 'monthly', 'last_of_month')),
  start_date date,
  amount bigint,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id)
);

CREATE INDEX payment_plan_of ON payment_plan (tenant_id, debt_id);

CREATE TABLE payment_method (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  customer_id uuid,
  type text NOT NULL CHECK (type IN ('card', 'ach')),
  token bytea NOT NULL,               -- the processor's, sealed
  fingerprint bytea,
  brand text,
  bin text,
  last_four text NOT NULL,
  expiry_month bigint,
  expiry_year bigint,
  holder bytea,
  postal_code bytea,
  state bytea,
  account_type text CHECK (account_type IN ('checking', 'savings')),
  ownership_type text CHECK (ownership_type IN ('personal', 'business')),
  routing_number text,
  is_primary boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
);

CREATE INDEX payment_method_of ON payment_method (tenant_id, customer_id);
CREATE UNIQUE INDEX payment_method_primary ON payment_method (tenant_id, customer_id) WHERE is_primary;

CREATE TABLE charge (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  debt_id uuid,
  customer_id uuid,
  payment_method_id uuid NOT NULL,
  rail text NOT NULL CHECK (rail IN ('card', 'ach')),
  amount bigint NOT NULL CHECK (amount > 0),
  refunded_amount bigint NOT NULL CHECK (refunded_amount >= 0 AND refunded_amount <= amount),
  state text NOT NULL CHECK (state IN ('scheduled', 'submitting', 'unknown', 'pending', 'succeeded', 'declined', 'canceled', 'refunded', 'returned')),
  review boolean NOT NULL,            -- only a person can decide this unknown one
  linked boolean NOT NULL,            -- whether the account's balance moves
  source text NOT NULL,
  pkey text NOT NULL,                 -- the stable key of this intended charge at the processor
  fence bigint NOT NULL,              -- rises with every claim; an answer under an older one is ignored
  due_at timestamptz,                 -- scheduled: when it is due; submitting: when its lease ends; unknown, pending: when to ask
  checks bigint NOT NULL,             -- how often the reconciler has asked
  scheduled_at date,
  processor_id text,
  code text,                          -- why it was declined or returned
  network_code text,
  advice_code text,
  message text,
  description text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  submitted_at timestamptz,
  completed_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, pkey),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  FOREIGN KEY (tenant_id, payment_method_id) REFERENCES payment_method (tenant_id, id)
);

CREATE INDEX charge_due ON charge (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX charge_review ON charge (tenant_id) WHERE review;
CREATE INDEX charge_of ON charge (tenant_id, debt_id);
CREATE INDEX charge_by ON charge (tenant_id, customer_id);

CREATE TABLE charge_part (
  tenant_id uuid NOT NULL,
  charge_id uuid NOT NULL,
  debt_id uuid NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  refunded bigint NOT NULL CHECK (refunded >= 0 AND refunded <= amount),
  PRIMARY KEY (tenant_id, charge_id, debt_id),
  FOREIGN KEY (tenant_id, charge_id) REFERENCES charge (tenant_id, id),
  FOREIGN KEY (tenant_id, debt_id) REFERENCES debt (tenant_id, id)
);

CREATE TABLE refund (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  charge_id uuid NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  state text NOT NULL CHECK (state IN ('submitting', 'unknown', 'pending', 'succeeded', 'declined')),
  review boolean NOT NULL,
  pkey text NOT NULL,
  fence bigint NOT NULL,
  due_at timestamptz,
  checks bigint NOT NULL,
  processor_id text,
  code text,
  message text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, pkey),
  FOREIGN KEY (tenant_id, charge_id) REFERENCES charge (tenant_id, id)
);

CREATE INDEX refund_due ON refund (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX refund_of ON refund (tenant_id, charge_id);

CREATE TABLE refund_part (
  tenant_id uuid NOT NULL,
  refund_id uuid NOT NULL,
  debt_id uuid NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  PRIMARY KEY (tenant_id, refund_id, debt_id),
  FOREIGN KEY (tenant_id, refund_id) REFERENCES refund (tenant_id, id)
);

CREATE TABLE txn (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  charge_id uuid NOT NULL,
  refund_id uuid,
  debt_id uuid,
  customer_id uuid,
  payment_method_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('payment', 'refund', 'reversal')),
  status text NOT NULL CHECK (status IN ('pending', 'completed', 'failed')),
  amount bigint NOT NULL CHECK (amount > 0),
  source text NOT NULL,
  code text,
  message text,
  processor_id text,
  submitted_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, charge_id) REFERENCES charge (tenant_id, id)
);

CREATE INDEX txn_submitted ON txn (tenant_id, submitted_at, id);
CREATE INDEX txn_of_debt ON txn (tenant_id, debt_id);
CREATE INDEX txn_of_charge ON txn (tenant_id, charge_id);

-- Append only: no statement of the program updates or deletes here.
CREATE TABLE entry (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  what text NOT NULL,                 -- the business event that moved the money
  debit text NOT NULL,
  credit text NOT NULL,
  debt_id uuid,                       -- whose receivable is one of the two ends
  txn_id uuid,
  amount bigint NOT NULL CHECK (amount > 0),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE INDEX entry_of_debt ON entry (tenant_id, debt_id);

CREATE TABLE event (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  seq bigint,                         -- given after the commit, gapless per tenant
  name text NOT NULL,
  object text NOT NULL,
  object_id uuid NOT NULL,
  person_id uuid,                     -- the customer whose data key seals the body; null: the tenant's
  body bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX event_seq ON event (tenant_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX event_unsequenced ON event (id) WHERE seq IS NULL;

CREATE TABLE event_head (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenant (id),
  seq bigint NOT NULL
);
