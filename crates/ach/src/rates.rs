//! How many debits came back, held against what Nacha allows.

use base::db::Tx;
use base::{Day, Result, Ts};
use books::orgs::Tenant;
use jiff::ToSpan as _;
use payments::networks::{self, Counter, Network, ach};

/// From which part of a limit on somebody is warned: four fifths of it.
const WARNS: (i64, i64) = (4, 5);

/// How one counter stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Which returns.
    pub counter: Counter,
    /// How many debits were to settle within the days that count.
    pub debits: i64,
    /// How many of them came back for such a reason.
    pub returns: i64,
    /// How many of a thousand may.
    pub most_per_mille: i64,
    /// Within how many days.
    pub days: u32,
    /// How close that is.
    pub standing: Standing,
}

base::words! {
    /// How close a figure is to its limit.
    Standing {
        /// Far enough.
        Fine = "fine",
        /// At four fifths of it, or beyond.
        Near = "near",
        /// Above it.
        Above = "above",
    }
}

impl Figure {
    fn of(rate: &ach::Rate, debits: i64, returns: i64) -> Figure {
        let (given, allowed) = (returns.saturating_mul(1_000), debits.saturating_mul(rate.most_per_mille));
        let standing = if given > allowed {
            Standing::Above
        } else if returns > 0 && given.saturating_mul(WARNS.1) >= allowed.saturating_mul(WARNS.0) {
            Standing::Near
        } else {
            Standing::Fine
        };
        Figure {
            counter: rate.counter,
            debits,
            returns,
            most_per_mille: rate.most_per_mille,
            days: rate.days,
            standing,
        }
    }

    /// Of a hundred debits, with two decimals: `0.45`.
    pub fn percent(&self) -> String {
        let hundredths = if self.debits == 0 { 0 } else { self.returns.saturating_mul(10_000) / self.debits };
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

base::record! {
    struct Returned { code: String, many: i64 }
}

/// Every counter at `now`.
pub async fn figures(tx: &Tx, tenant: &Tenant, now: Ts) -> Result<Vec<Figure>> {
    let today = ach::day(now);
    let mut figures = Vec::new();
    for rate in ach::rates(today) {
        let since = Day(today.0.checked_sub(i64::from(rate.days).days()).unwrap_or(today.0));
        let sql = "SELECT count(*) FROM ach_entry WHERE tenant_id = $1 AND kind = 'debit' \
                   AND effective_on > $2 AND effective_on <= $3 AND state IN ('filed', 'settled', 'returned')";
        let debits = tx.number(sql, &[&tenant.id, &since, &today]).await?;
        let sql = "SELECT code, count(*) AS many FROM ach_entry WHERE tenant_id = $1 AND kind = 'debit' \
                   AND effective_on > $2 AND effective_on <= $3 AND state = 'returned' AND code IS NOT NULL GROUP BY code";
        let returned: Vec<Returned> = tx.all(sql, &[&tenant.id, &since, &today]).await?;
        let counts = |code: &str| {
            networks::rule(Network::Ach, code, today).is_some_and(|rule| rule.counts.contains(&rate.counter))
        };
        let returns = returned.iter().filter(|row| counts(&row.code)).map(|row| row.many).sum();
        figures.push(Figure::of(rate, debits, returns));
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_warned_before_a_limit_is_reached() {
        let today = Day::parse("2026-11-30").unwrap();
        let rate = ach::rates(today).find(|rate| rate.counter == Counter::Unauthorized).unwrap();
        let standing = |returns, debits| Figure::of(rate, debits, returns).standing;
        assert_eq!(standing(0, 0), Standing::Fine);
        assert_eq!(standing(3, 1_000), Standing::Fine);
        assert_eq!(standing(4, 1_000), Standing::Near);
        assert_eq!(standing(5, 1_000), Standing::Near, "five are allowed");
        assert_eq!(standing(6, 1_000), Standing::Above);
        assert_eq!(standing(1, 100), Standing::Above, "a few debits make a rate, too");
        assert_eq!(Figure::of(rate, 1_000, 6).percent(), "0.60");
    }
}
