//! What belongs to what: by what the program finds, and by what people decide.

use std::collections::BTreeSet;

use base::db::{Command, Ids, Tx};
use base::{Cents, Code, Failure, Result};
use books::orgs::Tenant;

use super::expectations::late_at;
use super::model::{Expectation, Line, MatchRow};
use super::received::LOOKED_FOR_SECONDS;
use super::store::{Decision, expectations, find_line, hold, lines, save_expectations, save_lines};
use super::words::{
    Act, BankAccountId, BankLineId, ExpectationId, ExpectationStatus, LineStatus, MatchId, Rule,
};

/// How many lines or expectations one match may have.
const MOST: usize = 100;

/// Lines and expectations that belong together.
pub(super) struct Together {
    pub(super) rule: Rule,
    pub(super) lines: Vec<Line>,
    pub(super) expectations: Vec<Expectation>,
}

/// Puts these together. The account is held, and each of them is open.
pub(super) async fn put_together(
    tx: &Tx,
    tenant: &Tenant,
    account: BankAccountId,
    all: Vec<Together>,
    by: &str,
) -> Result<()> {
    let now = tx.now();
    let (mut rows, mut changes, mut lines, mut expected) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in all {
        let id: MatchId = tx.new_id();
        let sum: i128 = one.lines.iter().map(Line::signed).sum();
        let amount = i64::try_from(sum).map_err(|e| Failure::broken("adding up bank lines", e))?;
        rows.push(MatchRow {
            tenant_id: tenant.id,
            id,
            bank_account_id: account,
            rule: one.rule,
            amount: Cents::new(amount),
            by_whom: by.to_owned(),
            created_at: now,
            undone_at: None,
            undone_by: None,
        });
        let decision = Decision { act: Act::Matched, match_id: Some(id), by, note: None };
        changes.extend(one.lines.iter().map(|line| decision.of_line(tx, tenant, line.id)));
        changes.extend(one.expectations.iter().map(|e| decision.of_expectation(tx, tenant, e.id)));
        lines.extend(one.lines.into_iter().map(|line| Line {
            status: LineStatus::Matched,
            match_id: Some(id),
            due_at: None,
            queued_at: None,
            updated_at: now,
            ..line
        }));
        expected.extend(one.expectations.into_iter().map(|e| Expectation {
            status: ExpectationStatus::Matched,
            match_id: Some(id),
            due_at: None,
            updated_at: now,
            ..e
        }));
    }
    tx.insert(&rows).await?;
    save_lines(tx, tenant, &lines, "bank_line.matched").await?;
    save_expectations(tx, tenant, &expected, "bank_expectation.matched").await?;
    tx.insert(&changes).await
}

/// How matches are taken back.
#[derive(Clone, Copy)]
pub(super) enum Undo<'a> {
    /// Because a line of them is gone: the others are looked for again.
    ByItself(&'a str),
    /// Because somebody said so: nothing but a person puts these together again.
    ByHand(&'a str),
}

/// Takes these matches back, the account being held.
pub(super) async fn undo(tx: &Tx, tenant: &Tenant, matches: &Ids, how: Undo<'_>) -> Result<()> {
    if matches.is_empty() {
        return Ok(());
    }
    let (now, (by, is_by_hand)) = (
        tx.now(),
        match how {
            Undo::ByItself(by) => (by, false),
            Undo::ByHand(by) => (by, true),
        },
    );
    let tail = "WHERE tenant_id = $1 AND id IN ids($2) AND undone_at IS NULL ORDER BY id";
    let rows: Vec<MatchRow> = tx.select(tail, &[&tenant.id, matches]).await?;
    let tail = "WHERE tenant_id = $1 AND match_id IN ids($2) ORDER BY id";
    let lines: Vec<Line> = tx.select(tail, &[&tenant.id, matches]).await?;
    let expected: Vec<Expectation> = tx.select(tail, &[&tenant.id, matches]).await?;
    let of = |match_id| Decision { act: Act::Unmatched, match_id, by, note: None };
    let mut changes: Vec<_> =
        lines.iter().map(|line| of(line.match_id).of_line(tx, tenant, line.id)).collect();
    changes.extend(expected.iter().map(|e| of(e.match_id).of_expectation(tx, tenant, e.id)));
    let line = |line: Line| Line {
        status: LineStatus::Unmatched,
        match_id: None,
        is_by_hand: line.is_by_hand || is_by_hand,
        due_at: (!is_by_hand).then(|| now.plus_seconds(LOOKED_FOR_SECONDS)),
        queued_at: is_by_hand.then_some(now),
        updated_at: now,
        ..line
    };
    let expectation = |e: Expectation| Expectation {
        status: ExpectationStatus::Open,
        match_id: None,
        is_by_hand: e.is_by_hand || is_by_hand,
        due_at: e.overdue_at.is_none().then(|| late_at(tenant, e.to_day)),
        updated_at: now,
        ..e
    };
    let lines: Vec<Line> = lines.into_iter().map(line).collect();
    let expected: Vec<Expectation> = expected.into_iter().map(expectation).collect();
    let undone = |row: MatchRow| MatchRow { undone_at: Some(now), undone_by: Some(by.to_owned()), ..row };
    tx.update(2, &rows.into_iter().map(undone).collect::<Vec<_>>()).await?;
    save_lines(tx, tenant, &lines, "bank_line.reopened").await?;
    save_expectations(tx, tenant, &expected, "bank_expectation.reopened").await?;
    tx.insert(&changes).await
}

/// Says that lines and expectations belong together: one line and any number of expectations, or the other way round.
pub struct Match<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The line.
    pub line: BankLineId,
    /// Others beside it.
    pub lines: &'a [BankLineId],
    /// What they are.
    pub expectations: &'a [ExpectationId],
    /// Who says so.
    pub by: &'a str,
}

impl Match<'_> {
    /// Everything that is named, all of one account. What is not this tenant's is refused before anything else is said.
    async fn named(&self, tx: &Tx) -> Result<(Vec<Line>, Vec<Expectation>)> {
        let all: BTreeSet<BankLineId> = self.lines.iter().chain([&self.line]).copied().collect();
        let wanted: BTreeSet<ExpectationId> = self.expectations.iter().copied().collect();
        let found = lines(tx, self.tenant, &Ids::of(all.iter().copied())).await?;
        if !found.iter().any(|line| line.id == self.line) {
            return Err(Failure::not_found());
        }
        if found.len() < all.len() {
            return Err(Failure::unknown_reference("bank_line_ids"));
        }
        let expected = expectations(tx, self.tenant, &Ids::of(wanted.iter().copied())).await?;
        if expected.len() < wanted.len() || expected.is_empty() {
            return Err(Failure::unknown_reference("bank_expectation_ids"));
        }
        Ok((found, expected))
    }
}

impl Command for Match<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_lines.match"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (found, expected) = self.named(tx).await?;
        let account = found[0].bank_account_id;
        if found.iter().any(|line| line.bank_account_id != account) {
            return Err(Failure::field(
                "bank_line_ids",
                "The bank line ids field must be lines of one account.",
            ));
        }
        if expected.iter().any(|e| e.bank_account_id != account) {
            let say = "The bank expectation ids field must be of the line's account.";
            return Err(Failure::field("bank_expectation_ids", say));
        }
        if found.len().min(expected.len()) > 1 {
            let say = "The bank line ids field must be empty where several expectations are named.";
            return Err(Failure::field("bank_line_ids", say));
        }
        if found.len().max(expected.len()) > MOST {
            let say = format!("The bank expectation ids field must not have more than {MOST} items.");
            return Err(Failure::field("bank_expectation_ids", say));
        }
        hold(tx, self.tenant, account).await?;
        let (found, expected) = self.named(tx).await?; // as they are now that nobody else changes them
        if let Some(line) = found.iter().find(|line| line.status != LineStatus::Unmatched) {
            let say = format!("The bank line {} is {}.", line.id, line.status.as_str());
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        if let Some(one) = expected.iter().find(|e| e.status != ExpectationStatus::Open) {
            let say = format!("The bank expectation {} is {}.", one.id, one.status.as_str());
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        let (came, was_expected): (i128, i128) =
            (found.iter().map(Line::signed).sum(), expected.iter().map(Expectation::signed).sum());
        if came != was_expected {
            let money = |cents: i128| Cents::new(i64::try_from(cents).unwrap_or(i64::MAX)).to_string();
            let say = format!(
                "The bank expectation ids field must come to what the bank booked: {}, and they come to {}.",
                money(came),
                money(was_expected)
            );
            return Err(Failure::field("bank_expectation_ids", say));
        }
        let together = Together { rule: Rule::Person, lines: found, expectations: expected };
        put_together(tx, self.tenant, account, vec![together], self.by).await
    }
}

/// A line, its account being held.
async fn held(tx: &Tx, tenant: &Tenant, id: BankLineId) -> Result<Line> {
    let line = find_line(tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    hold(tx, tenant, line.bank_account_id).await?;
    find_line(tx, tenant, id).await?.ok_or_else(Failure::not_found)
}

/// Takes back what was decided about a line: its match with everything in it, or that nothing belongs to it. It waits for a
/// person from then on.
pub struct Unmatch<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: BankLineId,
    /// Who says so.
    pub by: &'a str,
}

impl Command for Unmatch<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_lines.unmatch"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, now) = (self.tenant, tx.now());
        let line = held(tx, tenant, self.id).await?;
        match line.status {
            LineStatus::Unmatched => Ok(()),
            LineStatus::Matched => undo(tx, tenant, &Ids::of(line.match_id), Undo::ByHand(self.by)).await,
            LineStatus::Ignored => {
                let decision = Decision { act: Act::Restored, match_id: None, by: self.by, note: None };
                let change = decision.of_line(tx, tenant, line.id);
                let line = Line {
                    status: LineStatus::Unmatched,
                    is_by_hand: true,
                    queued_at: Some(now),
                    updated_at: now,
                    ..line
                };
                save_lines(tx, tenant, &[line], "bank_line.reopened").await?;
                tx.insert(&[change]).await
            }
            LineStatus::Pending | LineStatus::Withdrawn => Err(undecided(&line)),
        }
    }
}

fn undecided(line: &Line) -> Failure {
    let say = format!("This bank line is {}: nothing can be decided about it.", line.status.as_str());
    Failure::refused(Code::NotAllowedNow, say)
}

/// Says that nothing belongs to a line.
pub struct Ignore<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: BankLineId,
    /// Why. It is sealed.
    pub reason: &'a str,
    /// Who says so.
    pub by: &'a str,
}

impl Command for Ignore<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_lines.ignore"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, now) = (self.tenant, tx.now());
        let line = held(tx, tenant, self.id).await?;
        match line.status {
            LineStatus::Ignored => Ok(()),
            LineStatus::Unmatched => {
                let note = Some(self.reason);
                let decision = Decision { act: Act::Ignored, match_id: None, by: self.by, note };
                let change = decision.of_line(tx, tenant, line.id);
                let line = Line {
                    status: LineStatus::Ignored,
                    due_at: None,
                    queued_at: None,
                    updated_at: now,
                    ..line
                };
                save_lines(tx, tenant, &[line], "bank_line.ignored").await?;
                tx.insert(&[change]).await
            }
            LineStatus::Matched => {
                let say = "This bank line is matched: take that back first.";
                Err(Failure::refused(Code::NotAllowedNow, say))
            }
            LineStatus::Pending | LineStatus::Withdrawn => Err(undecided(&line)),
        }
    }
}
