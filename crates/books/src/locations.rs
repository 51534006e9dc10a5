//! stub
use crate::orgs::Tenant;
use base::{Ref, Result, db::Tx};
base::ids! {
    /// A location.
    LocationId "loc"
}
/// stub
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    OriginalCreditor,
}
/// stub
pub async fn resolve_or_create(
    _tx: &Tx,
    _tenant: &Tenant,
    _which: &Ref,
    _name: Option<&str>,
    _ty: Option<Type>,
) -> Result<LocationId> {
    todo!()
}
/// stub
pub async fn match_or_create(
    _tx: &Tx,
    _tenant: &Tenant,
    _external: Option<&str>,
    _name: &str,
    _ty: Option<Type>,
) -> Result<LocationId> {
    todo!()
}
