//! The database every run begins with: two organizations with people, accounts and methods, made once.

use std::path::Path;
use std::sync::Arc;

use adapters::processor::InProcess;
use anyhow::{Context as _, Result};
use base::db::{Db, Location, migrate};
use base::seams::{Seams, SeededEntropy, StillClock};
use base::secret::Secret;
use base::vault::MasterKey;
use base::{Cents, OrgId, Ref, Ts};
use books::debts::{self, DebtId};
use books::orgs::{self, Environment, Tenants};
use books::people::{self, CustomerId};
use payments::methods::{self, Given, MethodId};

use super::wire::sandbox;

/// The instant at which every run begins: a Friday, ten in the morning in New York.
pub(crate) const BEGIN: &str = "2026-11-20T15:00:00Z";

/// What the cards and accounts of a payer do. `tok_processor_error` is left out: it never answers anything else.
const TOKENS: &[&str] = &[
    "tok_visa",
    "tok_bank",
    "tok_mastercard",
    "tok_do_not_honor",
    "tok_bank_r01",
    "tok_bank_r10_late",
    "tok_chargeback",
    "tok_refund_declined",
    "tok_answer_lost",
    "tok_answer_lost_before",
    "tok_refund_lost",
];

/// A prepared database.
pub(crate) struct Template {
    /// What the file holds.
    pub(crate) file: Vec<u8>,
    /// Its master key.
    pub(crate) master: Secret<String>,
    /// The organizations in it.
    pub(crate) houses: Vec<House>,
}

/// An organization, in its sandbox.
pub(crate) struct House {
    pub(crate) org: OrgId,
    pub(crate) payers: Vec<Payer>,
}

/// Somebody who owes.
pub(crate) struct Payer {
    /// Accounts a payment can be taken on: ordinary ones, parents and children.
    pub(crate) debts: Vec<DebtId>,
    /// What they pay with. The first two do as they are told.
    pub(crate) methods: Vec<MethodId>,
}

impl Template {
    /// Makes it in `dir`, the same every time. `each_owes` is what is owed on an account, at least.
    pub(crate) async fn make(dir: &Path, each_owes: i64) -> Result<Template> {
        let begin = Ts::parse(BEGIN).context("an instant")?.plus_seconds(-3_600);
        let clock = Arc::new(StillClock::at(begin));
        let seams = Seams::new(clock, Arc::new(SeededEntropy::new(0)));
        let path = dir.join("template.db");
        let db = Db::open(&Location::Lite { path, inline: true }, seams.clone()).await?;
        migrate::migrate(&db, books::schema::MIGRATIONS).await?;
        let master = MasterKey::generate(&seams);
        let text = master.to_text();
        let tenants = Tenants::new(master);
        let processor = InProcess::new(sandbox(0, 60));
        let mut houses = Vec::new();
        for name in ["Acme Recovery", "Zenith Collections"] {
            let create =
                orgs::Create { tenants: &tenants, name: name.into(), time_zone: "America/New_York".into() };
            let org = db.run(&create).await?;
            let mut payers = Vec::new();
            for children in [0, 3, 2] {
                payers.push(payer(&db, &tenants, &processor, org, children, each_owes).await?);
            }
            houses.push(House { org, payers });
        }
        let copy = dir.join("copy.db");
        db.backup(&copy, |_, _| {})?;
        Ok(Template { file: std::fs::read(&copy)?, master: text, houses })
    }
}

async fn payer(
    db: &Db,
    tenants: &Tenants,
    processor: &InProcess,
    org: OrgId,
    children: i64,
    each_owes: i64,
) -> Result<Payer> {
    let tenant = tenants.of(&db.read().await?, org, Environment::Sandbox).await?;
    let customer: CustomerId = db.seams().id();
    let fields = people::Fields { name: base::Change::Set("Ada Lovelace".into()), ..Default::default() };
    db.run(&people::Create { tenant: &tenant, id: customer, fields: &fields }).await?;
    let mut debts = Vec::new();
    let mut place = async |balance: i64, parent: Option<DebtId>| -> Result<DebtId> {
        let id: DebtId = db.seams().id();
        let new = debts::New {
            customer: Ref::new(&customer.to_string()),
            balance: Cents::new(balance),
            parent: parent.and_then(|parent| Ref::new(&parent.to_string())),
            ..Default::default()
        };
        db.run(&debts::Create { tenant: &tenant, id, new }).await?;
        debts.push(id);
        Ok(id)
    };
    place(each_owes, None).await?;
    if children > 0 {
        let parent = place(0, None).await?;
        for child in 0..children {
            place(each_owes / 2 + 17_01 * child, Some(parent)).await?;
        }
    } else {
        place(each_owes / 3, None).await?;
    }
    let mut methods = Vec::new();
    for token in TOKENS {
        let given = Given::Token { token: Secret::new((*token).to_owned()), kind: None };
        let new = methods::tokenize(processor, &tenant, db.seams().now(), given).await?;
        let id: MethodId = db.seams().id();
        db.run(&methods::Create {
            tenant: &tenant,
            id,
            customer: Some(customer),
            new: &new,
            is_primary: None,
        })
        .await?;
        methods.push(id);
    }
    Ok(Payer { debts, methods })
}
