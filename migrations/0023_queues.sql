-- Queues that an operator holds.

CREATE TABLE queue_pause (
  id text NOT NULL PRIMARY KEY CHECK (id IN ('charges', 'deliveries', 'bulk', 'messages')),
  held_by text NOT NULL,              -- who says so
  since timestamptz NOT NULL
);

-- What an operator looks for in a long table.

CREATE INDEX delivery_failed ON delivery (tenant_id, id) WHERE state = 'failed';
