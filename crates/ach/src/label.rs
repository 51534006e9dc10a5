//! What an order's label says of it: whose it is, and what it was made by.

use base::TenantId;
use base::ids::Uuid;
use payments::charges::label::tenant_of;
use payments::methods::MethodId;
use payments::processor::Metadata;
use serde_json::Value;

/// What was written on an order, as it is kept.
pub(crate) fn written(metadata: &Metadata) -> String {
    serde_json::to_string(metadata).expect("names and values are JSON")
}

/// The same again.
pub(crate) fn read(text: &str) -> Metadata {
    let Ok(Value::Object(all)) = serde_json::from_str(text) else { return Metadata::new() };
    all.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
}

/// Whose an order is. Everything that the till orders says so.
pub(crate) fn whose(metadata: &Metadata) -> Option<TenantId> {
    tenant_of(metadata)
}

/// The payment method that an order charges.
pub(crate) fn method(label: &str) -> Option<MethodId> {
    Uuid::try_parse(read(label).get("method")?).ok().map(MethodId)
}
