//! What banks said: each statement against its lines and its balances, and each match against what is in it.

use base::Result;
use base::db::Tx;
use books::orgs::Tenant;
use uuid::Uuid;

use super::{Check, Checks, EVERY, Pages, Sight, money};

base::record! {
    /// A booked statement, and what its lines come to.
    struct Said {
        id: Uuid, bank_account_id: Uuid, lines: i64, credits: i64, debits: i64, opening: Option<i64>, closing: Option<i64>,
        unexplained: Option<i64>, own_lines: i64, own_credits: i64, own_debits: i64
    }
}
base::record! {
    /// A match, and what is in it.
    struct Put {
        id: Uuid, amount: i64, is_undone: bool, lines: i64, expectations: i64, came: i64, was_expected: i64, strays: i64
    }
}
base::record! {
    /// How many lines and expectations say that they are in a match which is not there.
    struct Lost { lines: i64, expectations: i64 }
}
base::record! {
    /// A booked statement in the order of its account.
    struct Next { id: Uuid, bank_account_id: Uuid, opening: Option<i64>, closing: Option<i64>, gap: Option<i64> }
}

impl Said {
    fn fault(&self) -> Option<String> {
        let ours = (self.own_lines, self.own_credits, self.own_debits);
        if ours != (self.lines, self.credits, self.debits) {
            return Some(format!(
                "{} lines that come to {} and {}, and there are {} that come to {} and {}",
                self.lines,
                money(self.credits.into()),
                money(self.debits.into()),
                self.own_lines,
                money(self.own_credits.into()),
                money(self.own_debits.into()),
            ));
        }
        let (Some(opening), Some(closing)) = (self.opening, self.closing) else { return None };
        let wide = i128::from;
        let comes_to =
            wide(opening) + wide(self.credits) - wide(self.debits) + wide(self.unexplained.unwrap_or(0));
        (comes_to != wide(closing))
            .then(|| format!("it closes with {}, and comes to {}", money(closing.into()), money(comes_to)))
    }
}

impl Put {
    fn fault(&self) -> Option<String> {
        if self.strays > 0 {
            return Some("something of another account is in it".into());
        }
        if self.is_undone {
            return (self.lines + self.expectations > 0)
                .then(|| "it was taken back, and something is still in it".into());
        }
        if self.lines == 0 || self.expectations == 0 {
            return Some(format!("{} lines and {} expectations are in it", self.lines, self.expectations));
        }
        (self.came != self.amount || self.was_expected != self.amount).then(|| {
            format!(
                "{} was matched, the lines come to {}, and {} was expected",
                money(self.amount.into()),
                money(self.came.into()),
                money(self.was_expected.into())
            )
        })
    }
}

/// Compares everything that a tenant's banks said.
pub(super) async fn check(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    statements(sight, tenant, checks).await?;
    let tx = sight.look().await?;
    chain(tx, tenant, &mut checks.statements).await?;
    matches(sight, tenant, checks).await
}

async fn statements(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    const SQL: &str = "SELECT s.id, s.bank_account_id, s.lines, s.credits, s.debits, s.opening, s.closing, s.unexplained, \
        (SELECT count(*) FROM bank_line AS l WHERE l.tenant_id = s.tenant_id AND l.bank_statement_id = s.id \
         AND l.status IN ('unmatched', 'matched', 'ignored')), \
        (SELECT CAST(coalesce(sum(l.amount), 0) AS bigint) FROM bank_line AS l WHERE l.tenant_id = s.tenant_id \
         AND l.bank_statement_id = s.id AND l.direction = 'credit' AND l.status IN ('unmatched', 'matched', 'ignored')), \
        (SELECT CAST(coalesce(sum(l.amount), 0) AS bigint) FROM bank_line AS l WHERE l.tenant_id = s.tenant_id \
         AND l.bank_statement_id = s.id AND l.direction = 'debit' AND l.status IN ('unmatched', 'matched', 'ignored')) \
        FROM bank_statement AS s WHERE s.tenant_id = $1 AND s.id > $2 AND s.status = 'booked' ORDER BY s.id LIMIT $3";
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        let rows: Vec<Said> = sight.look().await?.all(SQL, &[&tenant.id, &after, &EVERY]).await?;
        pages.turn(rows.iter().map(|row| row.id));
        checks.told("bank statements", rows.len());
        for row in rows {
            let fault = row.fault();
            checks.statements.compare(fault.is_none(), || {
                format!("{} of account {}: {}", row.id, row.bank_account_id, fault.unwrap_or_default())
            });
        }
    }
    Ok(())
}

/// Whether each statement follows the one before it as it says: there is one a day, so that all of them are read at once.
async fn chain(tx: &Tx, tenant: &Tenant, check: &mut Check) -> Result<()> {
    let sql = "SELECT id, bank_account_id, opening, closing, gap FROM bank_statement WHERE tenant_id = $1 AND status = 'booked' \
               ORDER BY bank_account_id, day, coalesce(sequence, 0), page, id";
    let rows: Vec<Next> = tx.all(sql, &[&tenant.id]).await?;
    for pair in rows.windows(2).filter(|pair| pair[0].bank_account_id == pair[1].bank_account_id) {
        let (before, next) = (&pair[0], &pair[1]);
        let gap = next.opening.zip(before.closing).map(|(opening, closing)| opening - closing);
        if gap != next.gap {
            check.fault(format!("{} says that it follows {} otherwise than it does", next.id, before.id));
        }
    }
    Ok(())
}

async fn matches(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    const SQL: &str = "SELECT m.id, m.amount, m.undone_at IS NOT NULL, \
        (SELECT count(*) FROM bank_line AS l WHERE l.tenant_id = m.tenant_id AND l.match_id = m.id), \
        (SELECT count(*) FROM bank_expectation AS e WHERE e.tenant_id = m.tenant_id AND e.match_id = m.id), \
        (SELECT CAST(coalesce(sum(CASE WHEN l.direction = 'credit' THEN l.amount ELSE -l.amount END), 0) AS bigint) \
         FROM bank_line AS l WHERE l.tenant_id = m.tenant_id AND l.match_id = m.id), \
        (SELECT CAST(coalesce(sum(CASE WHEN e.direction = 'credit' THEN e.amount ELSE -e.amount END), 0) AS bigint) \
         FROM bank_expectation AS e WHERE e.tenant_id = m.tenant_id AND e.match_id = m.id), \
        (SELECT count(*) FROM bank_line AS l WHERE l.tenant_id = m.tenant_id AND l.match_id = m.id \
         AND l.bank_account_id <> m.bank_account_id) \
        + (SELECT count(*) FROM bank_expectation AS e WHERE e.tenant_id = m.tenant_id AND e.match_id = m.id \
         AND e.bank_account_id <> m.bank_account_id) \
        FROM bank_match AS m WHERE m.tenant_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3";
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        let rows: Vec<Put> = sight.look().await?.all(SQL, &[&tenant.id, &after, &EVERY]).await?;
        pages.turn(rows.iter().map(|row| row.id));
        checks.told("bank matches", rows.len());
        for row in rows {
            let fault = row.fault();
            checks.matches.compare(fault.is_none(), || format!("{}: {}", row.id, fault.unwrap_or_default()));
        }
    }
    // The schema holds a line to a match that is there; that its state says so too is told here all the same.
    let sql = "SELECT (SELECT count(*) FROM bank_line WHERE tenant_id = $1 AND (status = 'matched') <> (match_id IS NOT NULL)), \
               (SELECT count(*) FROM bank_expectation WHERE tenant_id = $1 AND (status = 'matched') <> (match_id IS NOT NULL))";
    let lost: Lost = sight.look().await?.one(sql, &[&tenant.id]).await?;
    if lost.lines + lost.expectations > 0 {
        let says =
            format!("{} lines and {} expectations are matched with nothing", lost.lines, lost.expectations);
        checks.matches.fault(says);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_comes_to_its_balances() {
        let right = Said {
            id: Uuid::nil(),
            bank_account_id: Uuid::nil(),
            lines: 2,
            credits: 500,
            debits: 200,
            opening: Some(1_000),
            closing: Some(1_310),
            unexplained: Some(10),
            own_lines: 2,
            own_credits: 500,
            own_debits: 200,
        };
        assert_eq!(right.fault(), None);
        assert!(Said { own_lines: 1, ..right.clone() }.fault().is_some());
        assert!(Said { own_credits: 499, ..right.clone() }.fault().is_some());
        assert!(Said { closing: Some(1_311), ..right.clone() }.fault().is_some());
        assert_eq!(Said { closing: None, ..right }.fault(), None);
    }

    #[test]
    fn a_match_comes_to_the_same_on_both_sides() {
        let right = Put {
            id: Uuid::nil(),
            amount: 500,
            is_undone: false,
            lines: 1,
            expectations: 2,
            came: 500,
            was_expected: 500,
            strays: 0,
        };
        assert_eq!(right.fault(), None);
        for wrong in [
            Put { came: 499, ..right.clone() },
            Put { was_expected: 501, ..right.clone() },
            Put { lines: 0, ..right.clone() },
            Put { is_undone: true, ..right.clone() },
            Put { strays: 1, ..right.clone() },
        ] {
            assert!(wrong.fault().is_some(), "{wrong:?}");
        }
        assert_eq!(Put { is_undone: true, lines: 0, expectations: 0, ..right }.fault(), None);
    }
}
