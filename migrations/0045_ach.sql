-- Bank debits and credits that go to a bank by file, and what it sends back.

-- As whom an organization originates, as agreed with its bank.
CREATE TABLE ach_originator (
  tenant_id uuid PRIMARY KEY REFERENCES tenant (id),
  company_name text NOT NULL,         -- what receivers know it by
  company_id text NOT NULL,           -- what the bank gave it
  odfi text NOT NULL,                 -- the bank that originates: a routing number
  destination text NOT NULL,          -- to whom files go: a routing number
  destination_name text NOT NULL,
  origin text NOT NULL,               -- from whom they come
  origin_name text NOT NULL,
  description text NOT NULL,          -- what receivers read on their statements
  entry_class text NOT NULL,          -- how what does not come from the portal is authorized: web, tel, ppd
  prenotes boolean NOT NULL,          -- whether an account is tried with a prenote before its first debit
  same_day boolean NOT NULL,
  cut_offs text NOT NULL,             -- at which times files are made, Eastern: 10:00,16:00
  next_sequence bigint NOT NULL,      -- the last seven digits of the next trace number
  due_at timestamptz,                 -- the next cut-off
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE INDEX ach_originator_due ON ach_originator (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ach_originator_company ON ach_originator (company_id);

CREATE TABLE ach_file (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  name text NOT NULL,
  modifier text NOT NULL,             -- tells files of one day apart
  created_on date NOT NULL,           -- Eastern
  effective_on date NOT NULL,
  company_id text NOT NULL,           -- the originator's when it was cut: returns name it
  heading text NOT NULL,              -- all that it says of its originator, as of then: JSON
  state text NOT NULL,                -- waiting, uploading, placing, delivered, acknowledged, rejected
  entries bigint NOT NULL,
  debits bigint NOT NULL,             -- cents
  credits bigint NOT NULL,
  sha256 text,                        -- of what was put there
  part text,                          -- by which name it lies there until it is whole
  fence bigint NOT NULL,
  tries bigint NOT NULL,
  due_at timestamptz,
  why text,                           -- what went wrong last
  said_by text,                       -- who acknowledged or rejected it
  delivered_at timestamptz,
  said_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX ach_file_name ON ach_file (tenant_id, name);

CREATE INDEX ach_file_due ON ach_file (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE ach_entry (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  kind text NOT NULL,                 -- debit, credit, prenote
  pkey text NOT NULL,                 -- the key under which it was ordered
  charge_key text,                    -- of a credit: the debit's
  void_key text,                      -- under which it was taken back
  amount bigint NOT NULL,             -- cents
  refunded bigint NOT NULL,           -- of a debit: what was credited since
  account bytea NOT NULL,             -- whose account where; sealed with the tenant's key, empty once it is not needed any more
  account_print bytea,                -- tells that it is the same account
  entry_class text NOT NULL,          -- web, tel, ppd, ccd
  recurring boolean NOT NULL,
  again boolean NOT NULL,             -- presented once more after it came back for want of money
  label text NOT NULL,                -- what was written on the order
  state text NOT NULL,                -- queued, filed, settled, returned, voided
  waits_for uuid,                     -- a prenote
  ready_on date,                      -- it settles on this day at the earliest
  file_id uuid,
  trace bigint,                       -- of its newest presentment
  effective_on date,
  code text,                          -- with which it came back
  due_at timestamptz,                 -- when it settles
  made_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX ach_entry_key ON ach_entry (tenant_id, pkey);

-- A key is asked about without a tenant: one for all, made with the tenant's id.
CREATE INDEX ach_entry_by_key ON ach_entry (pkey);

CREATE INDEX ach_entry_by_void ON ach_entry (void_key) WHERE void_key IS NOT NULL;

CREATE UNIQUE INDEX ach_entry_trace ON ach_entry (tenant_id, trace) WHERE trace IS NOT NULL;

-- A return names a trace number, and not whose.
CREATE INDEX ach_entry_by_trace ON ach_entry (trace) WHERE trace IS NOT NULL;

CREATE INDEX ach_entry_queued ON ach_entry (tenant_id, id) WHERE state = 'queued';

CREATE INDEX ach_entry_file ON ach_entry (tenant_id, file_id) WHERE file_id IS NOT NULL;

CREATE INDEX ach_entry_charge ON ach_entry (tenant_id, charge_key) WHERE charge_key IS NOT NULL;

CREATE INDEX ach_entry_account ON ach_entry (tenant_id, account_print) WHERE account_print IS NOT NULL;

CREATE INDEX ach_entry_effective ON ach_entry (tenant_id, effective_on) WHERE effective_on IS NOT NULL;

CREATE INDEX ach_entry_changed ON ach_entry (changed_at, id);

CREATE INDEX ach_entry_due ON ach_entry (due_at) WHERE due_at IS NOT NULL;

-- A file that the bank sent, as far as it was this tenant's.
CREATE TABLE ach_received (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  notices bigint NOT NULL,            -- returns, changes and what else was about entries
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX ach_received_once ON ach_received (tenant_id, sha256);

-- What a bank said of an entry.
CREATE TABLE ach_notice (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  received_id uuid NOT NULL,
  kind text NOT NULL,                 -- return, change, dishonored, contested, refused_change
  code text NOT NULL,
  trace bigint NOT NULL,              -- the notice's own
  original_trace bigint NOT NULL,
  amount bigint NOT NULL,
  entry_id uuid,                      -- what it is about, where that is known
  result text NOT NULL,               -- applied, recorded, again, unmatched, unreadable
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- The same notice in another file changes nothing.
CREATE UNIQUE INDEX ach_notice_once ON ach_notice (tenant_id, original_trace, trace, code);
