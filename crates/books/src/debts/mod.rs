//! debts
