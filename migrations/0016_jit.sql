-- Just in time: where an organization is asked for fresh data about an account, and which accounts are asked about now.

CREATE TABLE jit_endpoint (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  url bytea NOT NULL,                 -- sealed: addresses carry tokens
  secret bytea,                       -- sent with each call, so that their side knows it is us
  failures bigint NOT NULL,           -- calls in a row without an answer that is one
  open_until timestamptz,             -- nobody is asked before
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX jit_endpoint_one ON jit_endpoint (tenant_id);

CREATE TABLE jit_flight (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  account text NOT NULL,              -- the caller's id of it
  token uuid NOT NULL,
  until timestamptz NOT NULL,         -- whoever took it is surely gone by then
  PRIMARY KEY (tenant_id, account)
);
