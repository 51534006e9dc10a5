//! What a customer authorized, as evidence: the words they agreed to, who they were, when, how and from where; a hash over all
//! of it; and the copy that was sent.
//!
//! A series of bank debits needs the consumer's authorization, "a copy … to the consumer" (12 CFR 1005.10(b)), and a record of it
//! for two years after it was revoked (12 CFR 1005.13(b); Nacha Operating Rules, Section 2.3). The same is kept for cards. So
//! what is personal in it is sealed with the tenant's key: it outlives a customer who is erased.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use base::db::{Ids, Tx};
use base::page::{Listed, Page, Which};
use base::vault::Sealed;
use base::{Day, Failure, Result, Ts};
use books::contact::Said;
use books::debts::PlanId;
use books::debts::plans::Plan;
use books::messages::{Language, Reason};
use books::orgs::Tenant;
use books::people::{self, CustomerId};
use books::{preferences, refs};

use super::model::{Authorization, AuthorizationId, Way};
use super::notices::Confirmation;
use super::terms::{self, Ahead};
use super::wording::Wording;
use crate::authorizations::{self, document, hash};
use crate::methods::{Kind, MethodId};

const TABLE: &str = "plan_authorization";

/// What is said of an authorization. What is absent is ours to fill in: our own text, the customer's name, now.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// How it was given.
    pub way: Option<Way>,
    /// The words that were agreed to.
    pub text: Option<String>,
    /// Which text that is.
    pub text_version: Option<String>,
    /// The name of who gave it.
    pub given_by: Option<String>,
    /// When.
    pub given_at: Option<Ts>,
    /// From where.
    pub ip_address: Option<IpAddr>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Given {
    /// Whether it says anything that the plan's last authorization does not: a reply of ours that is sent back does not.
    pub(super) fn is_news(&self, last: Option<&Evidence>) -> bool {
        let Some(last) = last else { return *self != Given::default() };
        let ip_address = self.ip_address.map(|address| address.to_string());
        is_other(&self.way, Some(&last.row.channel))
            || is_other(&self.text, last.text.as_ref())
            || is_other(&self.text_version, last.row.text_version.as_ref())
            || is_other(&self.given_by, last.given_by.as_ref())
            || is_other(&self.given_at.map(Ts::seconds), Some(&last.row.given_at.seconds()))
            || is_other(&ip_address, last.ip_address.as_ref())
    }
}

fn is_other<T: PartialEq>(sent: &Option<T>, kept: Option<&T>) -> bool {
    sent.is_some() && sent.as_ref() != kept
}

/// An authorization, opened.
#[derive(Clone)]
pub struct Evidence {
    /// What stands in the clear.
    pub row: Authorization,
    /// The words that were agreed to.
    pub text: Option<String>,
    /// The name of who gave it.
    pub given_by: Option<String>,
    /// From where.
    pub ip_address: Option<String>,
}

impl Evidence {
    /// Opens an authorization.
    pub fn open(tenant: &Tenant, row: Authorization) -> Result<Evidence> {
        let text = |column: &str, sealed: Option<&Sealed>| {
            authorizations::opened(tenant, TABLE, row.id.0, (column, sealed))
        };
        Ok(Evidence {
            text: text("agreed_text", row.agreed_text.as_ref())?,
            given_by: text("agreed_by", row.agreed_by.as_ref())?,
            ip_address: text("ip_address", row.ip_address.as_ref())?,
            row,
        })
    }

    /// What its hash is over.
    pub fn serialized(&self) -> String {
        let row = &self.row;
        let (plan, method) = (row.plan_id.to_string(), row.payment_method_id.to_string());
        let given_at = row.given_at.to_string();
        let fields = [
            ("text_version", row.text_version.as_deref()),
            ("text", self.text.as_deref()),
            ("terms", Some(row.terms.as_str())),
            ("payment_plan_id", Some(plan.as_str())),
            ("payment_method_id", Some(method.as_str())),
            ("given_by", self.given_by.as_deref()),
            ("given_at", Some(given_at.as_str())),
            ("ip_address", self.ip_address.as_deref()),
            ("channel", Some(row.channel.as_str())),
        ];
        document(&fields)
    }

    fn hash(&self) -> String {
        hash(&self.serialized())
    }

    /// Whether its hash is the one that was kept; of what was kept before there were any, there is none to be wrong.
    pub fn is_right(&self) -> bool {
        self.row.sha256.as_ref().is_none_or(|kept| *kept == self.hash())
    }
}

/// The last authorization of each of these plans.
pub async fn authorizations(tx: &Tx, tenant: &Tenant, plans: &Ids) -> Result<HashMap<PlanId, Evidence>> {
    let rows: Vec<Authorization> =
        tx.select("WHERE tenant_id = $1 AND plan_id IN ids($2) ORDER BY id", &[&tenant.id, plans]).await?;
    let last: HashMap<PlanId, Authorization> = rows.into_iter().map(|row| (row.plan_id, row)).collect();
    last.into_iter().map(|(plan, row)| Ok((plan, Evidence::open(tenant, row)?))).collect()
}

/// A page of the authorizations of a plan, newest first.
pub async fn authorizations_of(
    tx: &Tx,
    tenant: &Tenant,
    plan: PlanId,
    page: Page,
) -> Result<Listed<Evidence>> {
    let listed: Listed<Authorization> =
        Which::of(tenant.id, "id IS NOT NULL").filter("plan_id = ?", plan).page(tx, page).await?;
    let open = |row: &Authorization| Evidence::open(tenant, row.clone());
    let opened = listed.rows.iter().map(open).collect::<Result<_>>()?;
    Ok(listed.with(opened))
}

base::record! {
    struct Method in "payment_method" { r#type: String, last_four: String }
}

/// Records that a plan may charge a method from now on, and no other any more; and sends the copy.
pub(super) struct Authorize<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) plan: &'a Plan,
    pub(super) customer: CustomerId,
    pub(super) method: MethodId,
    /// The day of the first payment by it.
    pub(super) first: Day,
    /// What it is of, where not of the whole plan.
    pub(super) ahead: Option<Ahead>,
    pub(super) given: &'a Given,
    /// Who recorded it.
    pub(super) by: &'a str,
    pub(super) now: Ts,
}

impl Authorize<'_> {
    pub(super) async fn run(self, tx: &Tx) -> Result<()> {
        let (tenant, plan, given, now) = (self.tenant, self.plan, self.given, self.now);
        tx.run(
            "UPDATE plan_authorization SET ended_at = $3 WHERE tenant_id = $1 AND plan_id = $2 AND ended_at IS NULL",
            &[&tenant.id, &plan.id, &now],
        )
        .await?;
        let (person, _) = people::hold(tx, tenant, self.customer).await?;
        let language = preferences::wishes(tx, tenant, self.customer).await?.language;
        // Whole seconds, as they are shown: the hash can be made anew from that.
        let given_at = Ts::from_micros(given.given_at.unwrap_or(now).seconds() * 1_000_000);
        let given_by = given.given_by.clone().or(Some(person.name)).filter(|name| !name.is_empty());
        let tail = "WHERE tenant_id = $1 AND id = $2";
        let unknown = || Failure::unknown_reference("payment_method_id");
        let method: Method = tx.find(tail, &[&tenant.id, &self.method]).await?.ok_or_else(unknown)?;
        let told = terms::told(plan, self.ahead, language);
        let (text, text_version) = match &given.text {
            Some(text) => (text.clone(), given.text_version.clone()),
            None => {
                let kind = Kind::parse(&method.r#type).ok_or_else(unknown)?;
                let charged = (kind, method.last_four.as_str());
                let name = given_by.as_deref();
                let wording = Wording { tenant, plan, charged, language, terms: &told, name, given_at, now };
                let (text, version) = wording.filled(tx).await?;
                (text, Some(version))
            }
        };
        let copy = Confirmation { text: &text, terms: told, first: self.first, last_four: method.last_four };
        let (copy_id, no_copy) = match copy.send(tx, tenant, self.customer, plan).await? {
            Some(Said::Queued(id)) => (Some(id), None),
            Some(Said::Not(why, _)) => (None, Some(why)),
            None => (None, Some(Reason::Broken)),
        };
        let id: AuthorizationId = tx.new_id();
        let seal = |column: &str, text: &str| tenant.key.seal(tx.seams(), TABLE, column, id, text.as_bytes());
        let ip_address = given.ip_address.map(|address| address.to_string());
        let row = Authorization {
            tenant_id: tenant.id,
            id,
            plan_id: plan.id,
            payment_method_id: self.method,
            channel: given.way.unwrap_or(Way::Api),
            terms: terms::told(plan, self.ahead, Language::English),
            given_by: self.by.to_owned(),
            given_at,
            ended_at: None,
            text_version,
            agreed_text: Some(seal("agreed_text", &text)),
            agreed_by: given_by.as_deref().map(|name| seal("agreed_by", name)),
            ip_address: ip_address.as_deref().map(|address| seal("ip_address", address)),
            sha256: None,
            copy_id,
            no_copy: no_copy.map(|why| why.as_str().to_owned()),
            recorded_at: Some(now),
        };
        let evidence = Evidence { row, text: Some(text), given_by, ip_address };
        tx.insert(&[Authorization { sha256: Some(evidence.hash()), ..evidence.row }]).await?;
        // Its foreign key has waited for whoever is deleting the method.
        if refs::is_live(tx, tenant.id, "payment_method", self.method.0).await? {
            Ok(())
        } else {
            Err(unknown())
        }
    }
}

#[cfg(test)]
mod tests {
    use base::TenantId;
    use base::ids::Uuid;

    use super::*;

    fn evidence() -> Evidence {
        let id = Uuid::parse_str("01932b6e-7a51-7c3f-9d2e-4b8f6a1c0d57").unwrap();
        let row = Authorization {
            tenant_id: TenantId(id),
            id: AuthorizationId(id),
            plan_id: PlanId(id),
            payment_method_id: MethodId(id),
            channel: Way::Web,
            terms: "USD 1.00 weekly".into(),
            given_by: "token 1".into(),
            given_at: Ts::parse("2026-11-20T13:37:00Z").unwrap(),
            ended_at: None,
            text_version: None,
            agreed_text: None,
            agreed_by: None,
            ip_address: None,
            sha256: None,
            copy_id: None,
            no_copy: None,
            recorded_at: None,
        };
        let (text, given_by) = (Some("Sí,\nI do.".into()), Some("Ada Lovelace".into()));
        Evidence { row, text, given_by, ip_address: Some("203.0.113.7".into()) }
    }

    #[test]
    fn the_document_shows_what_the_hash_is_over() {
        let text = evidence().serialized();
        assert_eq!(
            text,
            "quittance authorization 1\n\
             text_version -\n\
             text 10:Sí,\nI do.\n\
             terms 15:USD 1.00 weekly\n\
             payment_plan_id 36:01932b6e-7a51-7c3f-9d2e-4b8f6a1c0d57\n\
             payment_method_id 36:01932b6e-7a51-7c3f-9d2e-4b8f6a1c0d57\n\
             given_by 12:Ada Lovelace\n\
             given_at 20:2026-11-20T13:37:00Z\n\
             ip_address 11:203.0.113.7\n\
             channel 3:web\n"
        );
        let document = include_str!("../../../../docs/PLANS.md").replace("\n    ", "\n");
        assert!(document.contains(&text), "put this into docs/PLANS.md:\n{text}");
        let hash = evidence().hash();
        assert!(document.contains(&hash), "put this into docs/PLANS.md:\n{hash}");
    }

    #[test]
    fn whatever_is_changed_the_hash_is_wrong() {
        let kept = Some(evidence().hash());
        let right = Evidence { row: Authorization { sha256: kept.clone(), ..evidence().row }, ..evidence() };
        assert!(right.is_right() && evidence().is_right());
        let some = |text: &str| Some(text.to_owned());
        let row = || right.row.clone();
        for wrong in [
            Evidence { text: some("Sí,\nI do"), ..right.clone() },
            Evidence { text: None, ..right.clone() },
            Evidence { given_by: some("Ada Lovelac"), ..right.clone() },
            Evidence { ip_address: some("203.0.113.8"), ..right.clone() },
            Evidence { row: Authorization { text_version: some("2"), ..row() }, ..right.clone() },
            Evidence { row: Authorization { terms: "USD 2.00 weekly".into(), ..row() }, ..right.clone() },
            Evidence { row: Authorization { plan_id: PlanId(Uuid::nil()), ..row() }, ..right.clone() },
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

    #[test]
    fn what_was_got_and_is_sent_back_is_no_news() {
        let last = evidence();
        let again = Given {
            way: Some(Way::Web),
            text: last.text.clone(),
            given_by: last.given_by.clone(),
            given_at: Ts::parse("2026-11-20T13:37:00.9Z"),
            ip_address: Some("203.0.113.7".parse().unwrap()),
            text_version: None,
        };
        assert!(!again.is_news(Some(&last)) && again.is_news(None));
        assert!(!Given::default().is_news(Some(&last)) && !Given::default().is_news(None));
        assert!(Given { given_by: Some("Eve".into()), ..again.clone() }.is_news(Some(&last)));
        assert!(Given { text_version: Some("2".into()), ..again }.is_news(Some(&last)));
    }
}
