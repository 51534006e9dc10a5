//! What a customer authorized with a single payment, as evidence: the words they were shown, who they were, when, how and from
//! where, and a hash over all of it.
//!
//! It is written in the transaction that accepts the charge, so there is never one without the other; and kept as long as the
//! charge. Nacha asks for two years (Operating Rules, Section 2.3). What is personal in it is sealed with the tenant's key, so that it
//! outlives a customer who is erased.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use base::db::{Ids, Tx};
use base::vault::Sealed;
use base::{Result, TenantId, Ts};
use books::orgs::Tenant;

use super::{Charge, ChargeId};
use crate::authorizations::{Way, document, hash, opened, terms};
use crate::methods::MethodId;

const TABLE: &str = "charge_authorization";

/// An authorization as it comes with a payment.
#[derive(Clone)]
pub struct Given {
    /// How it was given.
    pub way: Way,
    /// The words, as they were shown.
    pub text: String,
    /// Which text that is.
    pub text_version: Option<String>,
    /// The name of who gave it.
    pub given_by: Option<String>,
    /// From where.
    pub ip_address: Option<IpAddr>,
    /// Who recorded it.
    pub recorded_by: String,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

base::record! {
    /// That a customer authorized a charge, under the charge's id. Evidence: it is never changed.
    pub struct Authorization in "charge_authorization" {
        /// Whose.
        pub tenant_id: TenantId,
        /// The charge.
        pub id: ChargeId,
        /// What may be charged.
        pub payment_method_id: MethodId,
        /// How it was given.
        pub channel: Way,
        /// What it is for, in words.
        pub terms: String,
        /// When it was given, in whole seconds.
        pub given_at: Ts,
        /// Which text it was.
        pub text_version: Option<String>,
        agreed_text: Sealed,
        agreed_by: Option<Sealed>,
        ip_address: Option<Sealed>,
        /// Over all of it; see [`Evidence::serialized`].
        pub sha256: String,
        /// Who recorded it.
        pub recorded_by: String,
    }
}

/// An authorization, opened.
#[derive(Clone)]
pub struct Evidence {
    /// What stands in the clear.
    pub row: Authorization,
    /// The words that were agreed to.
    pub text: String,
    /// The name of who gave it.
    pub given_by: Option<String>,
    /// From where.
    pub ip_address: Option<String>,
}

impl Evidence {
    /// Opens an authorization.
    pub fn open(tenant: &Tenant, row: Authorization) -> Result<Evidence> {
        let text = |column, sealed| opened(tenant, TABLE, row.id.0, (column, sealed));
        Ok(Evidence {
            text: text("agreed_text", Some(&row.agreed_text))?.unwrap_or_default(),
            given_by: text("agreed_by", row.agreed_by.as_ref())?,
            ip_address: text("ip_address", row.ip_address.as_ref())?,
            row,
        })
    }

    /// What its hash is over.
    pub fn serialized(&self) -> String {
        let row = &self.row;
        let (charge, method) = (row.id.to_string(), row.payment_method_id.to_string());
        let given_at = row.given_at.to_string();
        document(&[
            ("text_version", row.text_version.as_deref()),
            ("text", Some(self.text.as_str())),
            ("terms", Some(row.terms.as_str())),
            ("charge_id", Some(charge.as_str())),
            ("payment_method_id", Some(method.as_str())),
            ("given_by", self.given_by.as_deref()),
            ("given_at", Some(given_at.as_str())),
            ("ip_address", self.ip_address.as_deref()),
            ("channel", Some(row.channel.as_str())),
        ])
    }

    /// Whether its hash is the one that was kept.
    pub fn is_right(&self) -> bool {
        self.row.sha256 == hash(&self.serialized())
    }
}

/// The row of what was authorized with a charge that is being accepted.
pub(super) fn row(tx: &Tx, tenant: &Tenant, charge: &Charge, given: &Given, now: Ts) -> Authorization {
    let seal =
        |column: &str, text: &str| tenant.key.seal(tx.seams(), TABLE, column, charge.id, text.as_bytes());
    let ip_address = given.ip_address.map(|address| address.to_string());
    let row = Authorization {
        tenant_id: tenant.id,
        id: charge.id,
        payment_method_id: charge.payment_method_id,
        channel: given.way,
        terms: terms(charge.amount),
        // As it is shown: the hash can be made anew from that.
        given_at: Ts::from_micros(now.seconds() * 1_000_000),
        text_version: given.text_version.clone(),
        agreed_text: seal("agreed_text", &given.text),
        agreed_by: given.given_by.as_deref().map(|name| seal("agreed_by", name)),
        ip_address: ip_address.as_deref().map(|address| seal("ip_address", address)),
        sha256: String::new(),
        recorded_by: given.recorded_by.clone(),
    };
    let evidence = Evidence { row, text: given.text.clone(), given_by: given.given_by.clone(), ip_address };
    Authorization { sha256: hash(&evidence.serialized()), ..evidence.row }
}

/// What was authorized with these charges, as far as it is kept.
pub async fn of(tx: &Tx, tenant: &Tenant, charges: &Ids) -> Result<HashMap<ChargeId, Evidence>> {
    let rows: Vec<Authorization> =
        tx.select("WHERE tenant_id = $1 AND id IN ids($2)", &[&tenant.id, charges]).await?;
    rows.into_iter().map(|row| Ok((row.id, Evidence::open(tenant, row)?))).collect()
}

#[cfg(test)]
mod tests {
    use base::ids::Uuid;

    use super::*;

    fn evidence() -> Evidence {
        let id = Uuid::parse_str("01932b6e-7a51-7c3f-9d2e-4b8f6a1c0d57").unwrap();
        let row = Authorization {
            tenant_id: TenantId(id),
            id: ChargeId(id),
            payment_method_id: MethodId(id),
            channel: Way::Web,
            terms: "USD 50.00".into(),
            given_at: Ts::parse("2026-11-30T13:37:00Z").unwrap(),
            text_version: Some("card-single-en-1".into()),
            agreed_text: Sealed(Vec::new()),
            agreed_by: None,
            ip_address: None,
            sha256: String::new(),
            recorded_by: "portal".into(),
        };
        let ip_address = Some("203.0.113.7".into());
        let evidence =
            Evidence { row, text: "I do.".into(), given_by: Some("Ada Lovelace".into()), ip_address };
        Evidence {
            row: Authorization { sha256: hash(&evidence.serialized()), ..evidence.row.clone() },
            ..evidence
        }
    }

    #[test]
    fn whatever_is_changed_the_hash_is_wrong() {
        let right = evidence();
        assert!(right.is_right());
        let row = || right.row.clone();
        for wrong in [
            Evidence { text: "I don't.".into(), ..right.clone() },
            Evidence { given_by: None, ..right.clone() },
            Evidence { ip_address: Some("203.0.113.8".into()), ..right.clone() },
            Evidence { row: Authorization { text_version: None, ..row() }, ..right.clone() },
            Evidence { row: Authorization { terms: "USD 500.00".into(), ..row() }, ..right.clone() },
            Evidence { row: Authorization { id: ChargeId(Uuid::nil()), ..row() }, ..right.clone() },
            Evidence {
                row: Authorization { payment_method_id: MethodId(Uuid::nil()), ..row() },
                ..right.clone()
            },
            Evidence { row: Authorization { given_at: Ts::from_micros(0), ..row() }, ..right.clone() },
            Evidence { row: Authorization { channel: Way::Api, ..row() }, ..right.clone() },
        ] {
            assert!(!wrong.is_right(), "{}", wrong.serialized());
        }
    }
}
