//! stub
use crate::charges::postings::Rail;
use base::{Day, Failure, Ref, Result, TenantId, db::Tx, secret::Secret, vault::Sealed};
use books::orgs::Tenant;
use books::people::CustomerId;
base::ids! {
    /// A payment method.
    MethodId "pm"
}
/// stub
pub struct Method {
    pub id: MethodId,
    pub customer_id: Option<CustomerId>,
}
impl Method {
    /// stub
    pub fn rail(&self) -> Rail {
        Rail::Card
    }
    /// stub
    pub fn is_expired(&self, _today: Day) -> bool {
        false
    }
    /// stub
    pub fn token(&self, _tenant: &Tenant) -> Result<Secret<String>> {
        todo!()
    }
}
/// stub
#[derive(Clone, Debug)]
pub struct NewMethod {}
/// stub
pub async fn find(_tx: &Tx, _tenant: &Tenant, _which: &Ref) -> Result<Option<Method>> {
    Ok(None)
}
/// stub
pub async fn by_id(_tx: &Tx, _tenant: &Tenant, _which: MethodId) -> Result<Option<Method>> {
    Ok(None)
}
/// stub
pub async fn insert(
    _tx: &Tx,
    _tenant: &Tenant,
    _id: MethodId,
    _customer: Option<CustomerId>,
    _new: &NewMethod,
) -> Result<()> {
    Ok(())
}
/// stub
pub async fn token(_tx: &Tx, _tenant: &Tenant, _which: MethodId) -> Result<Secret<String>> {
    todo!()
}
/// stub
pub async fn load(
    _tx: &Tx,
    _tenant: &Tenant,
    _ids: impl IntoIterator<Item = MethodId> + Send,
) -> Result<std::collections::HashMap<MethodId, Method>> {
    todo!()
}
