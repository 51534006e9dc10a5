"""The objects as the guides print them: their keys."""

ADDRESS = "name city postal_code country line1 line2 state is_primary"
CUSTOMER = "id external_id name email phone dob ssn addresses metadata"
DEBT_ACCOUNT = ("id external_id parent_external_id customer billing_type balance current_balance external_company_id created_at rules "
                "location locations transactions payment_plan charges external_account_number external_status status metadata")
PAYMENT_METHOD = "id type card_token bank_account is_primary created_at updated_at"
CARD = "card_holder card_number expiration_month expiration_year card_type card_zip"
BANK_ACCOUNT = "account_holder account_type ownership_type routing_number account_number account_zip account_state"
