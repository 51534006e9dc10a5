//! Every column in which a key leaves its mark: the one list that rotations, counts and tests go by.

use base::vault::Use;

/// Which key a column's values need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The master key wraps them.
    Master,
    /// The tenant's key seals them.
    Tenant,
    /// The data key of the person whom this column names seals them.
    Person(&'static str),
    /// The same where the column names a person; else the tenant's key.
    PersonOrTenant(&'static str),
    /// A blind index of sealed values of the same row: made anew from those.
    Index,
    /// The blind index, by this column's name, of the one value that another column of the same row holds under the tenant's
    /// key: made anew from that.
    IndexOf(&'static str),
    /// A fingerprint of what is not kept: it cannot be made anew, so it is emptied. Left under the old key, a card
    /// number could be guessed from it by whoever has that key.
    Print,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its table, whose rows have an `id` (`idempotency`: a `key`) within the tenant.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
    /// Which key it needs.
    pub by: By,
}

const fn place(table: &'static str, column: &'static str, by: By) -> Place {
    Place { table, column, by }
}

/// All of them. What was erased is null or empty.
pub const PLACES: &[Place] = &[
    place("tenant_key", "wrapped", By::Master),
    place("customer", "data_key", By::Tenant),
    place("customer", "name", By::Person("id")),
    place("customer", "first_name", By::Person("id")),
    place("customer", "last_name", By::Person("id")),
    place("customer", "email", By::Person("id")),
    place("customer", "phone", By::Person("id")),
    place("customer", "date_of_birth", By::Person("id")),
    place("customer", "ssn_last4", By::Person("id")),
    place("customer", "metadata", By::Person("id")),
    place("customer", "name_index", By::Index),
    place("customer", "email_index", By::Index),
    place("customer", "phone_index", By::Index),
    place("customer", "phone_ssn_index", By::Index),
    place("customer", "phone_birth_index", By::Index),
    place("customer", "name_ssn_index", By::Index),
    place("customer", "name_birth_index", By::Index),
    place("address", "phone_postal_index", By::Index),
    place("lookup_count", "subject", By::Print),
    place("address", "name", By::Person("customer_id")),
    place("address", "line1", By::Person("customer_id")),
    place("address", "line2", By::Person("customer_id")),
    place("address", "city", By::Person("customer_id")),
    place("address", "state", By::Person("customer_id")),
    place("address", "postal_code", By::Person("customer_id")),
    place("address", "country", By::Person("customer_id")),
    place("payment_method", "token", By::Tenant),
    place("payment_method", "fingerprint", By::Print),
    place("payment_method", "holder", By::PersonOrTenant("customer_id")),
    place("payment_method", "postal_code", By::PersonOrTenant("customer_id")),
    place("payment_method", "state", By::PersonOrTenant("customer_id")),
    place("charge", "receipt_to", By::Tenant),
    place("plan_authorization", "agreed_text", By::Tenant),
    place("plan_authorization", "agreed_by", By::Tenant),
    place("plan_authorization", "ip_address", By::Tenant),
    place("charge_authorization", "agreed_text", By::Tenant),
    place("charge_authorization", "agreed_by", By::Tenant),
    place("charge_authorization", "ip_address", By::Tenant),
    place("one_time_token", "body", By::Tenant),
    place("one_time_token", "fingerprint", By::Print),
    place("velocity_count", "subject", By::Print),
    place("ach_entry", "account", By::Tenant),
    place("ach_entry", "account_print", By::Print),
    place("message", "recipient", By::PersonOrTenant("customer_id")),
    place("message", "variables", By::PersonOrTenant("customer_id")),
    place("hold", "note", By::Person("customer_id")),
    place("hold", "evidence", By::Person("customer_id")),
    place("hold", "lift_reason", By::Person("customer_id")),
    place("hold_change", "body", By::Person("customer_id")),
    place("dispute", "body", By::Person("customer_id")),
    place("dispute_answer", "body", By::Person("customer_id")),
    place("customer_session", "return_url", By::Person("customer_id")),
    place("customer_session", "expiration_return_url", By::Person("customer_id")),
    place("customer_session", "tags", By::Person("customer_id")),
    place("ticket", "subject", By::PersonOrTenant("customer_id")),
    place("ticket", "description", By::PersonOrTenant("customer_id")),
    place("ticket", "name", By::PersonOrTenant("customer_id")),
    place("ticket", "email", By::PersonOrTenant("customer_id")),
    place("ticket", "phone", By::PersonOrTenant("customer_id")),
    place("ticket_message", "body", By::PersonOrTenant("customer_id")),
    place("document", "name", By::PersonOrTenant("customer_id")),
    place("document_chunk", "body", By::PersonOrTenant("customer_id")),
    place("customer_preference", "body", By::Person("customer_id")),
    place("idempotency", "fingerprint", By::Print),
    place("event", "body", By::PersonOrTenant("person_id")),
    place("bulk", "digest", By::Print),
    place("bulk_piece", "body", By::Tenant),
    place("jit_endpoint", "url", By::Tenant),
    place("jit_endpoint", "secret", By::Tenant),
    place("webhook", "url", By::Tenant),
    place("webhook", "secret", By::Tenant),
    place("webhook", "previous_secret", By::Tenant),
    place("delivery", "log", By::Tenant),
    place("bank_account", "number", By::Tenant),
    place("bank_account", "number_index", By::IndexOf("number")),
    place("bank_file", "digest", By::Print),
    place("bank_line", "body", By::Tenant),
    place("bank_change", "note", By::Tenant),
];

impl Place {
    /// What rows of the column a tenant's key of this use has to do with, as a condition; `None` where with none.
    pub(super) fn of_tenant(&self, to: Use) -> Option<String> {
        match (self.by, to) {
            (By::Tenant, Use::Seal) | (By::Index | By::IndexOf(_) | By::Print, Use::Index) => {
                Some(String::new())
            }
            (By::PersonOrTenant(person), Use::Seal) => Some(format!(" AND {person} IS NULL")),
            _ => None,
        }
    }

    /// The column that names the person whose data key it needs.
    pub fn person(&self) -> Option<&'static str> {
        match self.by {
            By::Person(column) | By::PersonOrTenant(column) => Some(column),
            _ => None,
        }
    }

    /// The column by which its rows are walked.
    pub(super) fn walked_by(&self) -> &'static str {
        if self.table == "idempotency" { "key" } else { "id" }
    }
}

/// The places that one key of a tenant has to do with, each with its condition.
pub(super) fn of_tenant(to: Use) -> Vec<(&'static Place, String)> {
    PLACES.iter().filter_map(|place| Some((place, place.of_tenant(to)?))).collect()
}
