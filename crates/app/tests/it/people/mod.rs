//! Customers and their addresses: what an integrator can say of them, and what they are kept and found as.

mod addresses;
mod customers;

use serde_json::{Value, json};

/// A customer with one of everything.
pub(super) fn ana() -> Value {
    json!({
        "name": "Ana De La Cruz", "external_id": "C-1", "email": "Ana@Example.com", "phone": "(212) 555-0123",
        "date_of_birth": "1991-12-31", "ssn_last4": 42, "metadata": {"a": 1, "b": "x"},
        "address": {"line1": "1 Main", "postal_code": 2139, "is_primary": false},
    })
}
