-- Telling webhooks: each event once to each webhook that asked for it, and what came of every attempt.

ALTER TABLE webhook ADD COLUMN paused_at timestamptz;     -- what happens is kept for it, and sent when it goes on

ALTER TABLE webhook ADD COLUMN disabled_at timestamptz;   -- switched off by us; null again once somebody switches it on

ALTER TABLE webhook ADD COLUMN disabled_why text;

-- One row for each webhook that was ever told anything: when somebody has to look at it, who does, and how it fares.
CREATE TABLE webhook_queue (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,                   -- the webhook's
  due_at timestamptz,                 -- when to look: something is due then; null while there is nothing to do
  lease_until timestamptz,            -- somebody is at it until then
  rest_until timestamptz,             -- it failed lately and is left alone until then
  fence bigint NOT NULL,              -- rises with every claim
  failures bigint NOT NULL,           -- attempts in a row that failed
  failing_since timestamptz,          -- the first of those
  succeeded_at timestamptz,           -- the last one that did not
  PRIMARY KEY (tenant_id, id)
);

CREATE INDEX webhook_queue_due ON webhook_queue (due_at) WHERE due_at IS NOT NULL;

-- An event on its way to a webhook. The id is made of the event's and the webhook's, so there is one of each.
CREATE TABLE delivery (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  event_id uuid NOT NULL,
  seq bigint NOT NULL,                -- the event's place in the stream
  object_id uuid NOT NULL,            -- what it happened to: of one thing, webhooks hear in order
  name text NOT NULL,                 -- the name under which it is told
  state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'canceled')),
  due_at timestamptz,                 -- pending: when it is tried; null while something earlier about the same thing is
  tries bigint NOT NULL,              -- attempts since it was last asked for: they decide when the next one is
  attempts bigint NOT NULL,           -- in all
  status bigint,                      -- what the last answer said
  outcome text,                       -- what became of the last attempt
  log bytea,                          -- the last attempts, sealed: answers may say anything
  attempted_at timestamptz,
  ended_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE INDEX delivery_of_webhook ON delivery (tenant_id, webhook_id, id);

CREATE INDEX delivery_due ON delivery (tenant_id, webhook_id, due_at) WHERE due_at IS NOT NULL;

CREATE INDEX delivery_in_order ON delivery (tenant_id, object_id, webhook_id, seq) WHERE state = 'pending';

-- A part of the stream that is told again, some at a time.
CREATE TABLE webhook_replay (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'completed', 'canceled')),
  which text NOT NULL CHECK (which IN ('all', 'missing')),
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  place bigint NOT NULL,              -- looked at up to here: it commits with what was queued
  queued bigint NOT NULL,             -- deliveries that it asked for
  due_at timestamptz,                 -- running: when it goes on
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE INDEX webhook_replay_due ON webhook_replay (due_at) WHERE due_at IS NOT NULL;
