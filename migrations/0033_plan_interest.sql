-- Interest that a plan is expected to pay, Actual/365: a projection, which moves no balance. Null in plans that project none.

ALTER TABLE payment_plan ADD COLUMN annual_percentage_rate bigint;              -- in thousandths of a percent: 6500 is 6.5 %
ALTER TABLE payment_plan ADD COLUMN principal_balance bigint;                   -- what bears it
ALTER TABLE payment_plan ADD COLUMN pre_principal_balance bigint;               -- what is paid before that, and bears none
ALTER TABLE payment_plan ADD COLUMN interest_collected_after_principal boolean;
ALTER TABLE payment_plan ADD COLUMN projected_interest bigint;                  -- of total_amount
ALTER TABLE instalment ADD COLUMN interest bigint;                              -- of its amount
