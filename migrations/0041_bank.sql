-- What an organization's banks say: its accounts there, what their statements hold, what was expected, and what belongs to what.

CREATE TABLE bank_account (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('trust', 'operating')),
  routing_number text NOT NULL,
  number bytea NOT NULL,              -- sealed: letters and digits alone, without zeros in front
  number_index bytea,                 -- a blind index of it
  last_four text NOT NULL,
  currency text NOT NULL CHECK (currency = 'USD'),
  match_at timestamptz,               -- when what stands open is held against each other
  closed_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- A number may come back once its account was closed: banks give them out again.
CREATE UNIQUE INDEX bank_account_number ON bank_account (tenant_id, routing_number, number_index) WHERE closed_at IS NULL;
CREATE INDEX bank_account_to_match ON bank_account (match_at) WHERE match_at IS NOT NULL;

CREATE TABLE bank_file (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  digest bytea,                       -- keyed, of its bytes; null once its key was exchanged
  format text NOT NULL CHECK (format IN ('bai2', 'camt')),
  bytes bigint NOT NULL,
  passed_over bigint NOT NULL,        -- statements that were not kept: notifications, tests, those of other accounts
  by_whom text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE INDEX bank_file_digest ON bank_file (tenant_id, digest) WHERE digest IS NOT NULL;

CREATE TABLE bank_statement (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  bank_file_id uuid NOT NULL,
  bank_account_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('booked', 'pending', 'replaced', 'withdrawn')),
  from_day date,
  day date NOT NULL,                  -- its last day
  sequence bigint,                    -- its number among the account's statements, where the bank counts them
  page bigint NOT NULL,
  opening bigint,
  closing bigint,
  available bigint,
  lines bigint NOT NULL,
  credits bigint NOT NULL,
  debits bigint NOT NULL,
  gap bigint,                         -- its opening balance less the closing balance before it
  unexplained bigint,                 -- its closing balance less what opening balance and lines come to
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, bank_file_id) REFERENCES bank_file (tenant_id, id),
  FOREIGN KEY (tenant_id, bank_account_id) REFERENCES bank_account (tenant_id, id)
);

CREATE INDEX bank_statement_of_account ON bank_statement (tenant_id, bank_account_id, day);
CREATE INDEX bank_statement_of_file ON bank_statement (tenant_id, bank_file_id);

CREATE TABLE bank_match (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  bank_account_id uuid NOT NULL,
  rule text NOT NULL CHECK (rule IN ('key', 'amount', 'person')),
  amount bigint NOT NULL,             -- what came in, less what went out
  by_whom text NOT NULL,
  created_at timestamptz NOT NULL,
  undone_at timestamptz,
  undone_by text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, bank_account_id) REFERENCES bank_account (tenant_id, id)
);

-- A line is in one match at most, because it names one; so is an expectation.
CREATE TABLE bank_line (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  bank_account_id uuid NOT NULL,
  bank_statement_id uuid NOT NULL,
  number bigint NOT NULL,
  amount bigint NOT NULL CHECK (amount >= 0),
  direction text NOT NULL CHECK (direction IN ('credit', 'debit')),
  is_reversal boolean NOT NULL,
  day date NOT NULL,
  value_day date,
  bank_code text NOT NULL,            -- the bank's own kind
  return_reason text,
  payments bigint NOT NULL,           -- how many payments it stands for
  body bytea NOT NULL,                -- sealed: names, references, texts
  status text NOT NULL CHECK (status IN ('unmatched', 'matched', 'ignored', 'pending', 'withdrawn')),
  match_id uuid,
  is_by_hand boolean NOT NULL,        -- a person took a match back: only a person matches it again
  due_at timestamptz,                 -- when it goes to the queue
  queued_at timestamptz,              -- since when it waits for a person
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, bank_statement_id, number),
  CHECK ((status = 'matched') = (match_id IS NOT NULL)),
  FOREIGN KEY (tenant_id, bank_account_id) REFERENCES bank_account (tenant_id, id),
  FOREIGN KEY (tenant_id, bank_statement_id) REFERENCES bank_statement (tenant_id, id),
  FOREIGN KEY (tenant_id, match_id) REFERENCES bank_match (tenant_id, id)
);

CREATE INDEX bank_line_unmatched ON bank_line (tenant_id, bank_account_id, id) WHERE status = 'unmatched';
CREATE INDEX bank_line_of_account ON bank_line (tenant_id, bank_account_id, id);
CREATE INDEX bank_line_due ON bank_line (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX bank_line_of_match ON bank_line (tenant_id, match_id) WHERE match_id IS NOT NULL;

CREATE TABLE bank_expectation (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  bank_account_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('ach_settlement', 'ach_return', 'processor_payout', 'remittance', 'fee', 'other')),
  amount bigint NOT NULL CHECK (amount > 0),
  direction text NOT NULL CHECK (direction IN ('credit', 'debit')),
  from_day date NOT NULL,
  to_day date NOT NULL,
  exact_key text,                     -- what the bank repeats of it: a trace number, a batch's reference
  source text,                        -- the table of the row that it comes from
  source_id uuid,
  status text NOT NULL CHECK (status IN ('open', 'matched', 'cancelled')),
  match_id uuid,
  is_by_hand boolean NOT NULL,
  due_at timestamptz,                 -- when it is late
  overdue_at timestamptz,             -- since when it is
  by_whom text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK (from_day <= to_day),
  CHECK ((source IS NULL) = (source_id IS NULL)),
  CHECK ((status = 'matched') = (match_id IS NOT NULL)),
  FOREIGN KEY (tenant_id, bank_account_id) REFERENCES bank_account (tenant_id, id),
  FOREIGN KEY (tenant_id, match_id) REFERENCES bank_match (tenant_id, id)
);

CREATE UNIQUE INDEX bank_expectation_source ON bank_expectation (tenant_id, source, source_id, kind) WHERE source IS NOT NULL AND status <> 'cancelled';
CREATE INDEX bank_expectation_open ON bank_expectation (tenant_id, bank_account_id, id) WHERE status = 'open';
CREATE INDEX bank_expectation_due ON bank_expectation (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX bank_expectation_of_match ON bank_expectation (tenant_id, match_id) WHERE match_id IS NOT NULL;

-- What was decided about a line or an expectation, by whom and when. Never changed.
CREATE TABLE bank_change (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  bank_line_id uuid,
  bank_expectation_id uuid,
  act text NOT NULL CHECK (act IN ('matched', 'unmatched', 'ignored', 'restored', 'withdrawn', 'cancelled')),
  match_id uuid,
  by_whom text NOT NULL,
  note bytea,                         -- sealed
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK ((bank_line_id IS NULL) <> (bank_expectation_id IS NULL)),
  FOREIGN KEY (tenant_id, bank_line_id) REFERENCES bank_line (tenant_id, id),
  FOREIGN KEY (tenant_id, bank_expectation_id) REFERENCES bank_expectation (tenant_id, id)
);

CREATE INDEX bank_change_of_line ON bank_change (tenant_id, bank_line_id, id) WHERE bank_line_id IS NOT NULL;
CREATE INDEX bank_change_of_expectation ON bank_change (tenant_id, bank_expectation_id, id) WHERE bank_expectation_id IS NOT NULL;
