-- Which plan another one took the place of, where its customer agreed on new terms.

ALTER TABLE payment_plan ADD COLUMN replaces_id uuid;
