//! Transactions: what was asked of the processor and what came of it, one row for each movement or attempt.

use base::db::{Ids, Tx};
use base::page::{Listed, Page, Which};
use base::{Cents, Result, TenantId, Ts};
use books::debts::DebtId;
use books::orgs::Tenant;
use books::people::CustomerId;

use crate::charges::{Charge, ChargeId, RefundId};
use crate::methods::MethodId;

base::ids! {
    /// A transaction.
    TxnId "txn"
}

base::words! {
    /// Which way the money goes. The amount is always positive.
    Kind {
        /// To us.
        Payment = "payment",
        /// Back, because we gave it.
        Refund = "refund",
        /// Back, because the bank or network took it.
        Reversal = "reversal",
    }
}

base::words! {
    /// How it stands.
    Status {
        /// On its way.
        Pending = "pending",
        /// Done.
        Completed = "completed",
        /// Nothing moved, or it came back before it settled.
        Failed = "failed",
    }
}

base::record! {
    /// A transaction.
    pub struct Txn in "txn" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: TxnId,
        /// The charge it belongs to.
        pub charge_id: ChargeId,
        /// The refund, where it is one.
        pub refund_id: Option<RefundId>,
        /// The account.
        pub debt_id: Option<DebtId>,
        /// The customer.
        pub customer_id: Option<CustomerId>,
        /// What was charged.
        pub payment_method_id: MethodId,
        /// Which way the money goes.
        pub kind: Kind,
        /// How it stands.
        pub status: Status,
        /// How much.
        pub amount: Cents,
        /// Who asked for it: `api`, `portal`, `schedule`.
        pub source: String,
        /// Why it failed or came back.
        pub code: Option<String>,
        /// The same in words.
        pub message: Option<String>,
        /// The processor's id of it.
        pub processor_id: Option<String>,
        /// When it was sent.
        pub submitted_at: Ts,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Txn {
    /// Its id as the vendor writes it: `tx_` and 32 hexadecimal digits.
    pub fn shown_id(&self) -> String {
        format!("tx_{}", self.id.0.simple())
    }

    /// The object an event about it carries.
    pub fn event_body(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.shown_id(),
            "charge_id": self.charge_id.to_string(),
            "refund_id": self.refund_id.map(|id| id.to_string()),
            "debt_account_id": self.debt_id.map(|id| id.to_string()),
            "customer_id": self.customer_id.map(|id| id.to_string()),
            "type": self.kind.as_str(),
            "status": self.status.as_str(),
            "amount": self.amount.get(),
            "payment_source": self.source,
            "code": self.code,
            "submitted_date": self.submitted_at.seconds(),
        })
    }
}

/// The transactions of these ids.
pub async fn load(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<Vec<Txn>> {
    tx.select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id", &[&tenant.id, ids]).await
}

/// A new transaction of a charge's payment.
pub(crate) fn of_charge(tx: &Tx, charge: &Charge, status: Status) -> Txn {
    Txn {
        tenant_id: charge.tenant_id,
        id: tx.new_id(),
        charge_id: charge.id,
        refund_id: None,
        debt_id: charge.debt_id,
        customer_id: charge.customer_id,
        payment_method_id: charge.payment_method_id,
        kind: Kind::Payment,
        status,
        amount: charge.amount,
        source: charge.source.clone(),
        code: charge.code.clone(),
        message: charge.message.clone(),
        processor_id: charge.processor_id.clone(),
        submitted_at: charge.submitted_at.unwrap_or(charge.updated_at),
        created_at: charge.updated_at,
        updated_at: charge.updated_at,
    }
}

/// Which transactions a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One customer's.
    pub customer: Option<CustomerId>,
    /// Those on one account.
    pub debt: Option<DebtId>,
    /// Those of one charge.
    pub charge: Option<ChargeId>,
    /// Those going one way.
    pub kind: Option<Kind>,
    /// Those that stand like this.
    pub status: Option<Status>,
    /// Submitted at or after this instant.
    pub from: Option<Ts>,
    /// Submitted before this instant.
    pub to: Option<Ts>,
    /// Those of one method.
    pub method: Option<MethodId>,
    /// Those that came from there.
    pub source: Option<String>,
}

/// A page of transactions, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Txn>> {
    Which::of(tenant.id, "true")
        .filter_if("customer_id = ?", filter.customer)
        .filter_if("debt_id = ?", filter.debt)
        .filter_if("charge_id = ?", filter.charge)
        .filter_if("kind = ?", filter.kind)
        .filter_if("status = ?", filter.status)
        .filter_if("submitted_at >= ?", filter.from)
        .filter_if("submitted_at < ?", filter.to)
        .filter_if("payment_method_id = ?", filter.method)
        .filter_if("source = ?", filter.source.as_deref())
        .page(tx, page)
        .await
}
