-- Time of its own: a sandbox whose clock somebody holds. Whoever has no row here lives by the world's time.

CREATE TABLE test_clock (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenant (id),
  stands_at timestamptz NOT NULL,     -- its time
  runs_since timestamptz,             -- from when on, by the world's clock, it goes on from there; null where it stands
  moves_from timestamptz,             -- where the move began that is under way
  moves_to timestamptz,               -- and where it ends
  fence bigint NOT NULL,              -- who moves it, and until when they may, by the world's clock
  lease_until timestamptz,
  made_at timestamptz NOT NULL,       -- by the world's clock
  updated_at timestamptz NOT NULL
);
