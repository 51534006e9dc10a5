//! How often somebody may try to be found: failures are counted in the database, for each phone or name and for all of
//! a tenant's together, by whatever node and flow they came.
//!
//! What a customer proves themselves with has few values (the last four digits of a number: 9,999), so what protects it
//! is that nobody may try many. An attempt is written down as a failure *before* anything is looked at, and taken back
//! when it was none: a crash costs the caller an attempt and gives nobody one. A success takes back its own attempt and no
//! other: customers who are found by their phone every day would otherwise give whoever knows it new tries every day.

use base::db::{Command, Tx};
use base::us::fold_name;
use base::{Code, Failure, Result, TenantId, Ts};
use serde_json::json;
use uuid::Uuid;

use crate::events;
use crate::orgs::{self, Tenant};
use crate::people::Sought;

/// How many failures there may be. With twenty tries in thirty days a known phone's four digits are guessed with a chance
/// of 0.2 % (20 of 9,999); OWASP ASVS 5.0, 6.3.1 and 6.6.3 ask for such a limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one identifier, in an hour.
    pub hour: i64,
    /// For one identifier, in a day.
    pub day: i64,
    /// For one identifier, in thirty days, whichever they are; after that nobody is found by it until they are over, or
    /// somebody with the scope unlocks it.
    pub month: i64,
    /// For all organizations together, in a day: a net under their own budgets.
    pub everywhere_a_day: i64,
}

/// The limits.
pub const LIMITS: Limits = Limits { hour: 5, day: 10, month: 20, everywhere_a_day: 20_000 };

/// Thirty days, in seconds.
const MONTH: i64 = 30 * 86_400;

base::record! {
    struct Count in "lookup_count" {
        tenant_id: TenantId,
        id: Uuid,
        subject: Option<Vec<u8>>,
        is_all: bool,
        hour_began_at: Ts,
        hour: i64,
        day_began_at: Ts,
        day: i64,
        month_began_at: Option<Ts>,
        month: i64,
        month_before: i64,
        updated_at: Ts,
    }
}

impl Count {
    fn new(tx: &Tx, tenant: &Tenant, subject: Option<Vec<u8>>) -> Count {
        let now = tx.now();
        Count {
            tenant_id: tenant.id,
            id: tx.new_id(),
            is_all: subject.is_none(),
            subject,
            hour_began_at: now,
            hour: 0,
            day_began_at: now,
            day: 0,
            month_began_at: Some(now),
            month: 0,
            month_before: 0,
            updated_at: now,
        }
    }

    fn month_began_at(&self) -> Ts {
        self.month_began_at.unwrap_or(self.updated_at)
    }

    /// The same with windows that are over begun anew.
    fn at(self, now: Ts) -> Count {
        let mut count = self;
        if now >= count.hour_began_at.plus_seconds(3_600) {
            (count.hour_began_at, count.hour) = (now, 0);
        }
        if now >= count.day_began_at.plus_seconds(86_400) {
            (count.day_began_at, count.day) = (now, 0);
        }
        // Any thirty days lie within two windows, so what those two hold together is what is limited.
        let began = count.month_began_at();
        if now >= began.plus_seconds(2 * MONTH) {
            (count.month_began_at, count.month, count.month_before) = (Some(now), 0, 0);
        } else if now >= began.plus_seconds(MONTH) {
            let next = Some(began.plus_seconds(MONTH));
            (count.month_began_at, count.month, count.month_before) = (next, 0, count.month);
        }
        count
    }

    /// Why another attempt is refused, where it is: the seconds until it would not be.
    fn refusal(&self, now: Ts) -> Option<i64> {
        let until = |at: Ts| at.since(now).as_secs().max(1);
        if self.month + self.month_before >= LIMITS.month {
            let windows = if self.month >= LIMITS.month { 2 } else { 1 };
            return Some(until(self.month_began_at().plus_seconds(windows * MONTH)));
        }
        if self.day >= LIMITS.day {
            return Some(until(self.day_began_at.plus_seconds(86_400)));
        }
        (self.hour >= LIMITS.hour).then(|| until(self.hour_began_at.plus_seconds(3_600)))
    }
}

/// What is counted together: a phone by all flows that ask for it, a name by all flows that ask for that.
fn identifier(sought: &Sought) -> [String; 2] {
    match sought {
        Sought::PhoneSsn(phone, _) | Sought::PhoneBirth(phone, _) | Sought::PhonePostalCode(phone, _) => {
            ["phone".into(), phone.clone()]
        }
        Sought::NameSsn(name, _) | Sought::NameBirth(name, _) => ["name".into(), fold_name(name)],
    }
}

/// The row of an identifier, or of all, locked; made where there is none.
async fn locked(tx: &Tx, tenant: &Tenant, about: Option<&[String; 2]>) -> Result<Count> {
    let missing = || Failure::broken("counting lookups", "the row is gone");
    let Some([kind, value]) = about else {
        tx.insert_if_new(&[Count::new(tx, tenant, None)]).await?;
        let all: Option<Count> = tx.find("WHERE tenant_id = $1 AND is_all FOR UPDATE", &[&tenant.id]).await?;
        return all.ok_or_else(missing);
    };
    let values = [kind.as_str(), value.as_str()];
    // While the index key is exchanged a row stands under the old one or the new.
    for index in tenant.key.indexes("lookup_subject", &values) {
        let tail = "WHERE tenant_id = $1 AND subject = $2 FOR UPDATE";
        if let Some(found) = tx.find(tail, &[&tenant.id, &index]).await? {
            return Ok(found);
        }
    }
    let index = tenant.key.index("lookup_subject", &values);
    tx.insert_if_new(&[Count::new(tx, tenant, Some(index.clone()))]).await?;
    let tail = "WHERE tenant_id = $1 AND subject = $2 FOR UPDATE";
    tx.find(tail, &[&tenant.id, &index]).await?.ok_or_else(missing)
}

/// Writes an attempt down as a failure, or refuses it: 429 with the seconds to wait. Known and unknown identifiers are
/// counted and refused alike.
pub struct Attempt<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// What is told.
    pub sought: &'a Sought,
}

impl Command for Attempt<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "lookup.attempt"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let settings = orgs::settings(tx, self.tenant).await?;
        if !settings.lookup_flows.0.contains(&self.sought.flow()) {
            let say = "The selected lookup flow type is not switched on for this organization: see `lookup.flows` of /organization.";
            return Err(Failure::field("lookup_flow_type", say));
        }
        let now = tx.now();
        let mine = locked(tx, self.tenant, Some(&identifier(self.sought))).await?.at(now);
        if let Some(seconds) = mine.refusal(now) {
            return Err(refused(seconds));
        }
        let all = locked(tx, self.tenant, None).await?.at(now);
        let day_ends = || all.day_began_at.plus_seconds(86_400).since(now).as_secs().max(1);
        if all.day >= settings.lookup_failures_a_day {
            return Err(refused(day_ends()));
        }
        if everywhere(tx, now).await? >= LIMITS.everywhere_a_day {
            tracing::warn!(
                "lookups are refused everywhere: more than {} failed in a day",
                LIMITS.everywhere_a_day
            );
            return Err(refused(3_600));
        }
        if all.day + 1 == settings.lookup_failures_a_day {
            // Once a day: somebody should look who it is that tries so often.
            tracing::warn!(tenant = %self.tenant.id, "the organization's lookups of a day are used up");
            let body = json!({ "failures_a_day": settings.lookup_failures_a_day, "until": all.day_began_at.plus_seconds(86_400).to_string() });
            events::emit(tx, self.tenant, "lookup.exhausted", "organization", self.tenant.org.0, &body)
                .await?;
        }
        tx.update(2, &[failed(mine, now), failed(all, now)]).await
    }
}

fn failed(count: Count, now: Ts) -> Count {
    Count { hour: count.hour + 1, day: count.day + 1, month: count.month + 1, updated_at: now, ..count }
}

/// Failures of a day, of all tenants.
async fn everywhere(tx: &Tx, now: Ts) -> Result<i64> {
    let since = now.plus_seconds(-86_400);
    let sql =
        "SELECT CAST(coalesce(sum(day), 0) AS bigint) FROM lookup_count WHERE is_all AND day_began_at > $1";
    tx.number(sql, &[&since]).await
}

fn refused(seconds: i64) -> Failure {
    let say = "Too many lookups have failed. Please try again later, or ask the customer for other details.";
    Failure::refused_for_now(Code::RateLimited, say, u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// Takes an attempt back that found somebody.
pub struct Success<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// What was told.
    pub sought: &'a Sought,
}

impl Command for Success<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "lookup.success"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let less = |count: Count| Count {
            hour: (count.hour - 1).max(0),
            day: (count.day - 1).max(0),
            month: (count.month - 1).max(0),
            ..count
        };
        let mine = locked(tx, self.tenant, Some(&identifier(self.sought))).await?;
        let all = locked(tx, self.tenant, None).await?;
        tx.update(2, &[less(mine), less(all)]).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(Some(())) // where it was not written, an attempt too many is counted
    }
}

/// Forgets the failures of an identifier: by a person who knows who is asking.
pub struct Unlock<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// `phone` and a number in E.164, or `name` and a whole name.
    pub about: (&'static str, String),
    /// Who unlocks it.
    pub by: &'a str,
}

impl Command for Unlock<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "lookup.unlock"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (kind, value) = &self.about;
        let value = if *kind == "name" { fold_name(value) } else { value.clone() };
        let count = locked(tx, self.tenant, Some(&[(*kind).into(), value])).await?;
        let none = Count { hour: 0, day: 0, month: 0, month_before: 0, updated_at: tx.now(), ..count };
        tx.update(2, &[none]).await?;
        let body = json!({ "by": self.by, "kind": kind });
        events::emit(tx, self.tenant, "lookup.unlock", "organization", self.tenant.org.0, &body).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(hour: i64, day: i64, month: i64, month_before: i64) -> Count {
        let began = Ts::from_micros(0);
        Count {
            tenant_id: TenantId(Uuid::nil()),
            id: Uuid::nil(),
            subject: None,
            is_all: true,
            hour_began_at: began,
            hour,
            day_began_at: began,
            day,
            month_began_at: Some(began),
            month,
            month_before,
            updated_at: began,
        }
    }

    fn at(seconds: i64) -> Ts {
        Ts::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn windows_end_by_themselves_and_a_month_counts_until_the_next_is_over() {
        let told = |seconds| {
            let c = count(5, 10, 12, 7).at(at(seconds));
            (c.hour, c.day, c.month, c.month_before)
        };
        assert_eq!(told(3_599), (5, 10, 12, 7));
        assert_eq!(told(3_600), (0, 10, 12, 7));
        assert_eq!(told(86_400), (0, 0, 12, 7));
        assert_eq!(told(MONTH), (0, 0, 0, 12));
        assert_eq!(told(2 * MONTH), (0, 0, 0, 0));
    }

    #[test]
    fn each_limit_refuses_until_its_window_ends() {
        let now = at(60);
        assert_eq!(count(4, 9, 12, 7).refusal(now), None);
        assert_eq!(count(5, 9, 12, 7).refusal(now), Some(3_540));
        assert_eq!(count(0, 10, 12, 7).refusal(now), Some(86_340));
        assert_eq!(count(0, 0, 13, 7).refusal(now), Some(MONTH - 60));
        assert_eq!(count(0, 0, 20, 0).refusal(now), Some(2 * MONTH - 60));
    }

    #[test]
    fn no_thirty_days_have_more_than_twenty_failures_however_they_lie() {
        // Whoever tries every seven hours, and whoever waits for a window to end before they try all at once.
        for pause in [1, 7, 240, 719, 720, 721] {
            let (mut now_count, mut failures) = (count(0, 0, 0, 0), Vec::new());
            for hour in 0..4_000 {
                let now = at(hour * 3_600);
                now_count = now_count.at(now);
                if hour % pause < 3 && now_count.refusal(now).is_none() {
                    now_count = failed(now_count, now);
                    failures.push(hour);
                }
            }
            for (n, first) in failures.iter().enumerate() {
                let within = failures[n..].iter().filter(|hour| **hour < first + 720).count();
                assert!(within <= 20, "{within} from hour {first} on, by a pause of {pause}");
            }
        }
    }
}
