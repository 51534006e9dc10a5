-- Whose money a card spends: some merchant categories take no credit cards.
ALTER TABLE payment_method ADD COLUMN funding text;    -- credit, debit, prepaid; null where nobody told
