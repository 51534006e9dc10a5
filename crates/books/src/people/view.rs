//! A customer as the object that events carry: what the API answers with, field for field.
//!
//! What the OpenAPI file names and is empty is left out; what else is empty is null.

use base::secret::Secret;
use serde_json::{Map, Value, json};

use super::model::{Address, Customer};
use crate::metadata::Metadata;

/// `***-**-1234`: nobody is shown more of a Social Security number.
pub fn masked_ssn(last4: &Secret<String>) -> String {
    format!("***-**-{}", last4.reveal())
}

/// Metadata as the list that goes out, by attribute.
pub fn metadata(metadata: &Metadata) -> Value {
    metadata.iter().map(|(attribute, value)| json!({"attribute": attribute, "value": value})).collect()
}

/// An address.
pub fn address(a: &Address) -> Value {
    json!({
        "id": a.id.to_string(),
        "name": a.name,
        "line1": a.line1,
        "line2": a.line2,
        "city": a.city,
        "state": a.state,
        "postal_code": a.postal_code,
        "country": a.country,
        "is_primary": a.is_primary,
    })
}

/// A customer.
pub fn customer(c: &Customer) -> Value {
    let addresses: Vec<Value> = c.addresses.iter().map(address).collect();
    let birth = c.date_of_birth.map(|day| day.to_string());
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| all.insert(name.to_owned(), value);
    put("id", c.id.to_string().into());
    put("external_id", c.external_id.clone().into());
    put("status", c.status.as_str().into());
    put("name", c.name.clone().into());
    let may_miss = [
        ("first_name", &c.first_name),
        ("last_name", &c.last_name),
        ("email", &c.email),
        ("phone", &c.phone),
    ];
    for (name, value) in may_miss {
        if let Some(value) = value {
            put(name, value.clone().into());
        }
    }
    put("dob", birth.clone().into());
    put("date_of_birth", birth.into());
    put("ssn", c.ssn_last4.as_ref().map(masked_ssn).into());
    put("address", addresses.clone().into());
    put("addresses", addresses.into());
    put("metadata", metadata(&c.metadata));
    put("created_at", c.created_at.to_string().into());
    put("updated_at", c.updated_at.to_string().into());
    Value::Object(all)
}
