//! Preparing a remittance.

use base::db::{Command, Tx};
use base::{Cents, Code, Day, Failure, Result, Ts};
use books::locations::LocationId;
use books::orgs::Tenant;
use jiff::Span;

use super::gather::Gathering;
use super::{Remittance, RemittanceId, State, tell};
use crate::terms::{self, Terms};

/// Prepares a draft of what a client has coming.
pub struct Prepare<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: RemittanceId,
    /// The client.
    pub location: LocationId,
    /// Its last day; yesterday, where the organization is, unless said.
    pub last_day: Option<Day>,
    /// Who prepares it.
    pub by: &'a str,
    /// The business instant.
    pub now: Ts,
}

impl Command for Prepare<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "remittances.prepare"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let tenant = self.tenant;
        let terms = terms::hold(tx, tenant, self.location).await?;
        let terms = terms.ok_or_else(|| {
            Failure::field("location_id", "The selected location id is no client: it has no terms.")
        })?;
        let before = earlier(tx, tenant, &terms).await?;
        let last_day = self.last_day(before.last_day)?;
        if before.has_draft {
            return Err(Failure::refused(
                Code::Conflict,
                "A remittance to this client is prepared already; approve it or throw it away first.",
            ));
        }
        let carried = match before.below_nothing {
            Some(id) => Some(super::held(tx, tenant, id).await?),
            None => None,
        };
        let draft = self.draft(&terms, before.last_day, last_day, carried.as_ref())?;
        tx.insert(std::slice::from_ref(&draft)).await?;
        if let Some(carried) = carried {
            let carried = Remittance { carried_to: Some(self.id), ..carried };
            tx.update(2, std::slice::from_ref(&carried)).await?;
        }
        let lines = Gathering { tx, tenant, terms: &terms, of: &draft }.run().await?;
        let draft = draft.with_totals(&lines)?;
        tx.update(2, std::slice::from_ref(&draft)).await?;
        tell(tx, tenant, "remittance.prepared", &draft).await
    }
}

impl Prepare<'_> {
    fn last_day(&self, before: Option<Day>) -> Result<Day> {
        let today = self.tenant.today(self.now);
        let yesterday = Day(today.0.saturating_sub(Span::new().days(1)));
        // On the day on which the last one was for that very day, nothing is said of it.
        let day = self.last_day.unwrap_or_else(|| before.map_or(yesterday, |before| before.max(yesterday)));
        let must =
            |be: &str| Err(Failure::field("last_day", format!("The last day field must be a date {be}.")));
        match before {
            _ if day > today => must("before or equal to today"),
            Some(before) if day < before => {
                must(&format!("after or equal to {before}, the last one's last day"))
            }
            _ => Ok(day),
        }
    }

    /// One without lines.
    fn draft(
        &self,
        terms: &Terms,
        before: Option<Day>,
        last_day: Day,
        carried: Option<&Remittance>,
    ) -> Result<Remittance> {
        let carried_fees = carried.map(Remittance::fee_that_moves).transpose()?;
        Ok(Remittance {
            tenant_id: self.tenant.id,
            id: self.id,
            terms_id: terms.row.id,
            location_id: self.location,
            state: State::Draft,
            method: terms.row.method,
            first_day: before.map(|before| before.next().min(last_day)).or(terms.row.since),
            last_day,
            lines: 0,
            gross: Cents::ZERO,
            clawed_back: Cents::ZERO,
            fees: Cents::ZERO,
            fees_back: Cents::ZERO,
            carried_in: carried.map_or(Cents::ZERO, |carried| carried.net),
            carried_fees: carried_fees.unwrap_or_default(),
            net: Cents::ZERO,
            carried_to: None,
            prepared_by: self.by.to_owned(),
            approved_by: None,
            approved_at: None,
            paid_by: None,
            paid_at: None,
            bank_reference: None,
            voided_by: None,
            voided_at: None,
            created_at: self.now,
            updated_at: self.now,
        })
    }
}

/// What there is of a client's earlier remittances.
struct Earlier {
    has_draft: bool,
    last_day: Option<Day>,
    below_nothing: Option<RemittanceId>,
}

base::record! {
    struct One in "remittance" {
        id: RemittanceId, state: State, last_day: Day, net: Cents, carried_to: Option<RemittanceId>
    }
}

async fn earlier(tx: &Tx, tenant: &Tenant, terms: &Terms) -> Result<Earlier> {
    let tail = "WHERE tenant_id = $1 AND terms_id = $2 AND state <> 'void' ORDER BY id";
    let all: Vec<One> = tx.select(tail, &[&tenant.id, &terms.row.id]).await?;
    let is_left =
        |one: &&One| one.state == State::Approved && one.net < Cents::ZERO && one.carried_to.is_none();
    Ok(Earlier {
        has_draft: all.iter().any(|one| one.state == State::Draft),
        last_day: all.iter().map(|one| one.last_day).max(),
        below_nothing: all.iter().find(is_left).map(|one| one.id),
    })
}
