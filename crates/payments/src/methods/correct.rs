//! A bank says that an account is other than it was written down: its payment method is made right, without its holder.

use base::db::Tx;
use base::secret::Secret;
use base::vault::Sealed;
use base::{Code, Result, TenantId, Ts};
use books::orgs::Tenant;

use super::model::{Kind, MethodId, bank_kind_str};
use super::tokenize::account_print;
use super::write::{locked, tell};
use crate::processor::BankKind;

/// What is right of a bank account.
#[derive(Clone, Debug)]
pub struct Right {
    /// The processor's token of it.
    pub token: Secret<String>,
    /// The routing number.
    pub routing_number: String,
    /// The account number.
    pub account_number: Secret<String>,
    /// Checking or savings.
    pub kind: BankKind,
}

base::record! {
    struct Corrected in "payment_method" {
        tenant_id: TenantId,
        id: MethodId,
        token: Sealed,
        fingerprint: Option<Vec<u8>>,
        last_four: String,
        routing_number: Option<String>,
        account_type: Option<String>,
        updated_at: Ts,
    }
}

/// Makes a live bank account right; gives whether there was one. What was charged by it stays as it was.
pub async fn correct(tx: &Tx, tenant: &Tenant, id: MethodId, to: &Right) -> Result<bool> {
    match locked(tx, tenant, id).await {
        Ok((method, _)) if method.kind == Kind::Ach => {}
        Err(failure) if failure.code() != Some(Code::NotFound) => return Err(failure),
        _ => return Ok(false),
    }
    let number = to.account_number.reveal();
    tx.update(
        2,
        &[Corrected {
            tenant_id: tenant.id,
            id,
            token: tenant.key.seal(tx.seams(), "payment_method", "token", id, to.token.reveal().as_bytes()),
            fingerprint: Some(account_print(tenant, &to.routing_number, &to.account_number)),
            last_four: number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned(),
            routing_number: Some(to.routing_number.clone()),
            account_type: Some(bank_kind_str(to.kind).to_owned()),
            updated_at: tx.now(),
        }],
    )
    .await?;
    tell(tx, tenant, id, "payment-method.update").await?;
    Ok(true)
}
