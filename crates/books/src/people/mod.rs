//! stub
use crate::orgs::Tenant;
use base::{Ref, Result, db::Tx};
base::ids! {
    /// A customer.
    CustomerId "cus"
}
/// stub
pub async fn resolve(_tx: &Tx, _tenant: &Tenant, _who: &Ref) -> Result<Option<CustomerId>> {
    Ok(None)
}
