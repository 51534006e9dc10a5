-- Where an organization is told what happened, and a way to find what happened to one thing.

CREATE TABLE webhook (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  id uuid NOT NULL,
  url bytea NOT NULL,                 -- sealed: addresses carry tokens
  secret bytea NOT NULL,
  made_secret boolean NOT NULL,       -- the secret is one we made, and was not replaced
  previous_secret bytea,              -- signed with as well for a while after a change
  previous_until timestamptz,
  events text NOT NULL,               -- names in the order they were given, with spaces between
  active boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE INDEX event_of_object ON event (tenant_id, object_id);
