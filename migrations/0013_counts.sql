-- How many rows long lists have, block by block in the order of their ids, kept by the step that gives events their
-- places: what totals and jumps to a page by its number cost does not grow with the list.

CREATE TABLE list_block (
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  list text NOT NULL,
  level bigint NOT NULL,              -- 0: about 1,024 rows; 1: 64 of those
  first uuid NOT NULL,                -- the block reaches from this id to the next block's
  many bigint NOT NULL,
  PRIMARY KEY (tenant_id, list, level, first)
);
