//! As whom an organization originates: set up once with what its bank agreed to, and changed.

use base::db::{Command, Tx};
use base::{Failure, Result};
use books::orgs::Tenant;
use jiff::civil::Time;
use nacha::{
    BatchOpening, Date, FileOpening, Originator as Writer, RoutingNumber, SecCode, ServiceClass, description,
};
use serde::{Deserialize, Serialize};

use crate::calendar::{cut_offs, next_cut_off};
use crate::model::{Class, Originator};
use crate::store::originator;

/// The last of a trace number's seven digits.
pub(crate) const LAST_SEQUENCE: i64 = 9_999_999;

/// Whether no trace number is left.
pub(crate) fn is_spent(originator: &Originator) -> bool {
    originator.next_sequence > LAST_SEQUENCE
}

/// What a file says of its originator.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Heading {
    /// What receivers know it by.
    pub company_name: String,
    /// What the bank gave it.
    pub company_id: String,
    /// The bank that originates: a routing number.
    pub odfi: String,
    /// To whom files go: a routing number.
    pub destination: String,
    /// Its name.
    pub destination_name: String,
    /// From whom they come.
    pub origin: String,
    /// Its name.
    pub origin_name: String,
    /// What receivers read on their statements.
    pub description: String,
}

/// What an organization agreed upon with its bank.
#[derive(Clone, Debug)]
pub struct Terms {
    /// What its files say of it.
    pub heading: Heading,
    /// How what does not come from the portal is authorized.
    pub entry_class: Class,
    /// Whether an account is tried with a prenote before its first debit.
    pub prenotes: bool,
    /// Whether entries settle on the same day, where that can be.
    pub same_day: bool,
    /// At which times files are made, Eastern: `10:00,16:00`.
    pub cut_offs: String,
}

impl Default for Terms {
    /// Without a heading; accounts are validated, and files are made once a day.
    fn default() -> Terms {
        Terms {
            heading: Heading::default(),
            entry_class: Class::Tel,
            prenotes: true,
            same_day: false,
            cut_offs: "16:00".into(),
        }
    }
}

/// Words that mean something to the network and are not for ordinary debits.
const RESERVED: [&str; 6] = [
    description::REVERSAL,
    description::RETRY_PAYMENT,
    description::RETURN_FEE,
    description::MICRO_ENTRY,
    description::REDEPOSITED_CHECK,
    description::ENROLLMENT,
];

impl Terms {
    /// What is wrong, by field.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let mut fault = |field: &'static str, say: &str| faults.push((field, say.to_owned()));
        let heading = &self.heading;
        for (field, number) in [("odfi", &heading.odfi), ("destination", &heading.destination)] {
            if routing(number).is_none() {
                fault(field, "must be a routing number of nine digits");
            }
        }
        if self.entry_class == Class::Ccd {
            fault("entry_class", "must be web, tel or ppd: companies' accounts have ccd by themselves");
        }
        if cut_offs(&self.cut_offs).is_none() {
            fault("cut_offs", "must be times of the day, Eastern, like 10:00,16:00");
        }
        if RESERVED.iter().any(|word| heading.description.eq_ignore_ascii_case(word)) {
            fault("description", "must not be a word that the network keeps for other entries");
        }
        if faults.is_empty() {
            faults.extend(heading.refused());
        }
        faults
    }
}

impl Heading {
    /// What a file with these words would be refused for.
    fn refused(&self) -> Option<(&'static str, String)> {
        let opening = self.opening(Date::new(2026, 1, 2)?, nacha::Time::NONE, 'A')?;
        let mut file = match Writer::begin(Vec::new(), &opening) {
            Ok(file) => file,
            Err(refused) => return Some(("origin", refused.to_string())),
        };
        let batch = self.batch(SecCode::Web, ServiceClass::Debits, Date::new(2026, 1, 5)?)?;
        file.batch(&batch).err().map(|refused| ("company_name", refused.to_string()))
    }

    /// How a file begins.
    pub(crate) fn opening(&self, on: Date, at: nacha::Time, modifier: char) -> Option<FileOpening<'_>> {
        Some(FileOpening {
            destination: routing(&self.destination)?,
            origin: &self.origin,
            created_on: on,
            created_at: at,
            modifier,
            destination_name: &self.destination_name,
            origin_name: &self.origin_name,
            reference: "",
        })
    }

    /// How a batch begins.
    pub(crate) fn batch(
        &self,
        sec: SecCode,
        class: ServiceClass,
        effective_on: Date,
    ) -> Option<BatchOpening<'_>> {
        Some(BatchOpening {
            class,
            sec,
            company_name: &self.company_name,
            company_id: &self.company_id,
            description: &self.description,
            descriptive_date: "",
            discretionary: "",
            effective_on,
            odfi: routing(&self.odfi)?,
        })
    }
}

pub(crate) fn routing(text: &str) -> Option<RoutingNumber> {
    base::us::routing_number(text).and_then(|text| RoutingNumber::parse(&text))
}

impl From<&Originator> for Heading {
    fn from(row: &Originator) -> Heading {
        Heading {
            company_name: row.company_name.clone(),
            company_id: row.company_id.clone(),
            odfi: row.odfi.clone(),
            destination: row.destination.clone(),
            destination_name: row.destination_name.clone(),
            origin: row.origin.clone(),
            origin_name: row.origin_name.clone(),
            description: row.description.clone(),
        }
    }
}

impl From<&Originator> for Terms {
    fn from(row: &Originator) -> Terms {
        Terms {
            heading: Heading::from(row),
            entry_class: row.entry_class,
            prenotes: row.prenotes,
            same_day: row.same_day,
            cut_offs: row.cut_offs.clone(),
        }
    }
}

/// Sets an organization's origination up, or changes it. What is in files already stays as it was.
pub struct SetUp<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// What was agreed upon, without faults.
    pub terms: &'a Terms,
}

impl Command for SetUp<'_> {
    type Out = Originator;

    fn name(&self) -> &'static str {
        "ach.set_up"
    }

    async fn exec(&self, tx: &Tx) -> Result<Originator> {
        let (tenant, terms) = (self.tenant, self.terms);
        let heading = terms.heading.clone();
        let before: Option<Originator> = tx.find("WHERE tenant_id = $1 FOR UPDATE", &[&tenant.id]).await?;
        let now = tx.clock().await?;
        let mut row = Originator {
            tenant_id: tenant.id,
            company_name: heading.company_name,
            company_id: heading.company_id,
            odfi: heading.odfi,
            destination: heading.destination,
            destination_name: heading.destination_name,
            origin: heading.origin,
            origin_name: heading.origin_name,
            description: heading.description,
            entry_class: terms.entry_class,
            prenotes: terms.prenotes,
            same_day: terms.same_day,
            cut_offs: canonical(&terms.cut_offs)?,
            next_sequence: before.as_ref().map_or(1, |before| before.next_sequence),
            due_at: None,
            created_at: before.as_ref().map_or(now, |before| before.created_at),
            updated_at: now,
        };
        // A cut-off that is due is not put off by a change of words.
        let was_due = before.as_ref().and_then(|before| before.due_at).filter(|due| *due <= now);
        row.due_at = was_due.or_else(|| next_cut_off(&row, now));
        match before {
            Some(_) => tx.update(1, std::slice::from_ref(&row)).await?,
            None => tx.insert(std::slice::from_ref(&row)).await?,
        }
        Ok(row)
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Originator>> {
        let _: Option<Originator> = originator(tx, self.tenant).await?;
        Ok(None) // setting the same up again changes nothing
    }
}

/// Has the next file cut now, whatever the cut-offs say. 404 where the organization does not originate.
pub struct CutNow<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
}

impl Command for CutNow<'_> {
    type Out = Originator;

    fn name(&self) -> &'static str {
        "ach.cut_now"
    }

    async fn exec(&self, tx: &Tx) -> Result<Originator> {
        let row: Option<Originator> = tx.find("WHERE tenant_id = $1 FOR UPDATE", &[&self.tenant.id]).await?;
        let row = row.ok_or_else(Failure::not_found)?;
        let now = tx.clock().await?;
        let due_at = row.due_at.map_or(now, |due| due.min(now));
        let row = Originator { due_at: Some(due_at), ..row };
        tx.update(1, std::slice::from_ref(&row)).await?;
        Ok(row)
    }

    async fn check(&self, _: &Tx) -> Result<Option<Originator>> {
        Ok(None) // what is due at once is due at once
    }
}

/// Cut-offs in their order, each once.
fn canonical(text: &str) -> Result<String> {
    let times =
        cut_offs(text).ok_or_else(|| Failure::field("cut_offs", "The cut_offs field is no times."))?;
    let words: Vec<String> = times.iter().map(|time: &Time| time.strftime("%H:%M").to_string()).collect();
    Ok(words.join(","))
}
