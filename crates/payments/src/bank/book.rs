//! What a statement does to an account: it is booked behind the one before it, stands in the place of reports within its day,
//! or takes back what was sent.

use base::db::{Ids, Tx};
use base::{Cents, Day, Failure, Result};
use books::orgs::Tenant;
use statements::{GroupStatus, State, StatementKind};

use super::OURSELVES;
use super::decide::{self, Undo};
use super::model::{Account, Line, Statement};
use super::received::{self, day_of, too_large};
use super::store::{Decision, match_soon, tell_statement};
use super::words::{Act, BankAccountId, BankFileId, Direction, LineStatus, StatementStatus};

/// How many lines are written in one statement.
const SLICE: usize = 2_000;

/// Whoever books a file's statements, the accounts being held.
pub(super) struct Desk<'a> {
    pub(super) tx: &'a Tx,
    pub(super) tenant: &'a Tenant,
    pub(super) file: BankFileId,
    /// Whether a statement is booked that does not follow the one before it.
    pub(super) accept_gaps: bool,
}

/// What stands around a place among an account's booked statements.
struct Neighbours {
    before: Option<Statement>,
    same: Vec<Statement>,
    after: Option<Statement>,
}

impl Desk<'_> {
    /// Does what a statement asks for; gives whether anything of it was kept or taken back.
    pub(super) async fn take(&self, account: &Account, one: &statements::Statement) -> Result<bool> {
        let head = &one.head;
        let status = head.group.as_ref().map_or(GroupStatus::Update, |group| group.status);
        // Neither says anything that is kept, so nothing of it need be right.
        if status == GroupStatus::Test || head.kind == StatementKind::Notification {
            return Ok(false);
        }
        if head.currency.as_str() != account.currency {
            let say = format!(
                "The file field has a statement in {} in line {}, and the account ending {} is in {}.",
                head.currency, head.line, account.last_four, account.currency
            );
            return Err(Failure::field("file", say));
        }
        let day = day_of(one).ok_or_else(|| {
            let say = format!("The file field has a statement in line {} that names no day.", head.line);
            Failure::field("file", say)
        })?;
        match (status, head.kind) {
            (GroupStatus::Deletion, kind) => {
                self.drop_reports(account.id, day, day, StatementStatus::Withdrawn).await?;
                if kind == StatementKind::Statement {
                    self.withdraw(account.id, day).await?;
                }
                Ok(true)
            }
            (_, StatementKind::Interim | StatementKind::Notification) => {
                self.report(account, one, day).await.map(|()| true)
            }
            (status, StatementKind::Statement) => {
                if status == GroupStatus::Correction {
                    self.withdraw(account.id, day).await?;
                }
                self.book(account, one, day).await
            }
        }
    }

    /// Keeps a report within a day, in the place of the one before it.
    async fn report(&self, account: &Account, one: &statements::Statement, day: Day) -> Result<()> {
        self.drop_reports(account.id, day, day, StatementStatus::Replaced).await?;
        let told = |line: &&statements::Line| line.state != State::Information;
        let (statement, lines) = self.rows(account, one, day, StatementStatus::Pending, told)?;
        self.tx.insert(&[statement]).await?;
        self.write(&lines).await
    }

    /// Books a statement; gives whether it was not here yet.
    async fn book(&self, account: &Account, one: &statements::Statement, day: Day) -> Result<bool> {
        let booked = |line: &&statements::Line| line.state == State::Booked;
        let (mut new, lines) = self.rows(account, one, day, StatementStatus::Booked, booked)?;
        let around = self.neighbours(&new).await?;
        let is_same = |known: &Statement| (known.opening, known.closing) == (new.opening, new.closing);
        if one.head.duplicate && around.same.iter().any(is_same) {
            return Ok(false); // the bank says itself that it sent it before
        }
        overlaps(account, &new, &around)?;
        let before = around.same.iter().rfind(|known| known.place() < new.place()).or(around.before.as_ref());
        new.gap = difference(new.opening, before.and_then(|before| before.closing));
        self.follows(account, before, &new)?;
        // One that came late may close a gap behind it, and must not open one.
        let after = around.same.iter().find(|known| known.place() > new.place()).or(around.after.as_ref());
        if let Some(after) = after {
            let gap = difference(after.opening, new.closing);
            let next = Statement { gap, updated_at: self.tx.now(), ..after.clone() };
            self.follows(account, Some(&new), &next)?;
            self.tx.update(2, &[next]).await?;
        }
        let ever = Day(jiff::civil::date(1, 1, 1));
        self.drop_reports(account.id, ever, day, StatementStatus::Replaced).await?;
        self.tx.insert(std::slice::from_ref(&new)).await?;
        self.write(&lines).await?;
        tell_statement(self.tx, self.tenant, "bank_statement.booked", &new).await?;
        match_soon(self.tx, self.tenant, account.id).await?;
        Ok(true)
    }

    fn follows(&self, account: &Account, before: Option<&Statement>, next: &Statement) -> Result<()> {
        let (Some(gap), Some(before)) = (next.gap, before) else { return Ok(()) };
        if gap.is_zero() || self.accept_gaps {
            return Ok(());
        }
        let cents = |cents: Option<Cents>| cents.unwrap_or(Cents::ZERO);
        let say = format!(
            "The file field does not follow what was booked: the account ending {} closed {} with {} and opens {} with {}. \
             Read what lies between first, or send accept_gaps.",
            account.last_four,
            before.day,
            cents(before.closing),
            next.day,
            cents(next.opening)
        );
        Err(Failure::field("file", say))
    }

    /// A statement as a row, with those of its lines that are meant.
    fn rows(
        &self,
        account: &Account,
        one: &statements::Statement,
        day: Day,
        status: StatementStatus,
        is_meant: impl Fn(&&statements::Line) -> bool,
    ) -> Result<(Statement, Vec<Line>)> {
        let (tx, head, now) = (self.tx, &one.head, self.tx.now());
        let page = head.page.map_or(1, |page| page.number);
        let mut statement = Statement {
            tenant_id: self.tenant.id,
            id: tx.new_id(),
            bank_file_id: self.file,
            bank_account_id: account.id,
            status,
            from_day: head.from.and_then(received::day),
            day,
            sequence: head.sequence.and_then(|number| i64::try_from(number).ok()),
            page: i64::try_from(page).unwrap_or(i64::MAX),
            opening: head.opening_booked_cents.map(Cents::new),
            closing: head.closing_booked_cents.map(Cents::new),
            available: head.available_cents.map(Cents::new),
            lines: 0,
            credits: Cents::ZERO,
            debits: Cents::ZERO,
            gap: None,
            unexplained: None,
            created_at: now,
            updated_at: now,
        };
        let is_booked = status == StatementStatus::Booked;
        let lines: Vec<Line> = one
            .lines
            .iter()
            .filter(is_meant)
            .map(|line| received::line(tx, self.tenant, &statement, line, is_booked))
            .collect::<Result<_>>()?;
        let sum = |way: Direction| {
            let cents: i128 = lines
                .iter()
                .filter(|line| line.direction == way)
                .map(|line| i128::from(line.amount.get()))
                .sum();
            i64::try_from(cents).map(Cents::new).map_err(|_| too_large())
        };
        statement.lines = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        (statement.credits, statement.debits) = (sum(Direction::Credit)?, sum(Direction::Debit)?);
        statement.unexplained = unexplained(&statement)?;
        Ok((statement, lines))
    }

    async fn write(&self, lines: &[Line]) -> Result<()> {
        for slice in lines.chunks(SLICE) {
            self.tx.insert(slice).await?;
        }
        Ok(())
    }

    async fn neighbours(&self, new: &Statement) -> Result<Neighbours> {
        let before = "day < $3 ORDER BY day DESC, coalesce(sequence, 0) DESC, page DESC LIMIT 1";
        let after = "day > $3 ORDER BY day, coalesce(sequence, 0), page LIMIT 1";
        Ok(Neighbours {
            before: self.booked(new, before).await?.pop(),
            same: self.booked(new, "day = $3 ORDER BY coalesce(sequence, 0), page, id").await?,
            after: self.booked(new, after).await?.pop(),
        })
    }

    /// The booked statements of the same account that are where `which` says, `$3` being the day.
    async fn booked(&self, of: &Statement, which: &str) -> Result<Vec<Statement>> {
        let tail = format!("WHERE tenant_id = $1 AND bank_account_id = $2 AND status = 'booked' AND {which}");
        self.tx.select(&tail, &[&self.tenant.id, &of.bank_account_id, &of.day]).await
    }

    /// Lets go of reports within these days: a statement, a later report or nothing stands in their place. Their lines were
    /// never booked.
    async fn drop_reports(
        &self,
        account: BankAccountId,
        from: Day,
        to: Day,
        becomes: StatementStatus,
    ) -> Result<()> {
        let (tx, tenant) = (self.tx, self.tenant.id);
        let tail = "WHERE tenant_id = $1 AND bank_account_id = $2 AND status = 'pending' AND day >= $3 AND day <= $4";
        let reports: Vec<Statement> = tx.select(tail, &[&tenant, &account, &from, &to]).await?;
        if reports.is_empty() {
            return Ok(());
        }
        let ids = Ids::of(reports.iter().map(|report| report.id));
        let sql = "DELETE FROM bank_line WHERE tenant_id = $1 AND bank_statement_id IN ids($2) AND status = 'pending'";
        tx.run(sql, &[&tenant, &ids]).await?;
        let now = tx.now();
        let gone = |report: Statement| Statement { status: becomes, updated_at: now, ..report };
        tx.update(2, &reports.into_iter().map(gone).collect::<Vec<_>>()).await
    }

    /// Takes back the booked statements of a day: their lines, and what those were matched with.
    async fn withdraw(&self, account: BankAccountId, day: Day) -> Result<()> {
        let (tx, tenant, now) = (self.tx, self.tenant, self.tx.now());
        let tail =
            "WHERE tenant_id = $1 AND bank_account_id = $2 AND status = 'booked' AND day = $3 ORDER BY id";
        let booked: Vec<Statement> = tx.select(tail, &[&tenant.id, &account, &day]).await?;
        for statement in booked {
            let tail = "WHERE tenant_id = $1 AND bank_statement_id = $2 ORDER BY id";
            let lines: Vec<Line> = tx.select(tail, &[&tenant.id, &statement.id]).await?;
            let matches = Ids::of(lines.iter().filter_map(|line| line.match_id));
            decide::undo(tx, tenant, &matches, Undo::ByItself(OURSELVES)).await?;
            let decision = Decision { act: Act::Withdrawn, match_id: None, by: OURSELVES, note: None };
            let changes: Vec<_> = lines.iter().map(|line| decision.of_line(tx, tenant, line.id)).collect();
            let gone = |line: Line| Line {
                status: LineStatus::Withdrawn,
                match_id: None,
                due_at: None,
                queued_at: None,
                updated_at: now,
                ..line
            };
            let lines: Vec<Line> = lines.into_iter().map(gone).collect();
            for slice in lines.chunks(SLICE) {
                tx.update(2, slice).await?;
            }
            for slice in changes.chunks(SLICE) {
                tx.insert(slice).await?;
            }
            let statement = Statement { status: StatementStatus::Withdrawn, updated_at: now, ..statement };
            tx.update(2, std::slice::from_ref(&statement)).await?;
            tell_statement(tx, tenant, "bank_statement.withdrawn", &statement).await?;
            // What follows it follows the one before it now.
            let around = self.neighbours(&statement).await?;
            if around.same.is_empty()
                && let Some(after) = around.after
            {
                let closed = around.before.and_then(|before| before.closing);
                let gap = difference(after.opening, closed);
                tx.update(2, &[Statement { gap, updated_at: now, ..after }]).await?;
            }
            match_soon(tx, tenant, account).await?;
        }
        Ok(())
    }
}

/// Refuses a statement of days of which one is booked already. Several of one day are only those that the bank counts, and
/// pages of one.
fn overlaps(account: &Account, new: &Statement, around: &Neighbours) -> Result<()> {
    let is_apart = |known: &Statement| match (known.sequence, new.sequence) {
        (Some(known_number), Some(number)) if known_number != number => true,
        _ => known.page != new.page && known.sequence == new.sequence,
    };
    let reaches_into = |known: &Statement| match known.day < new.day {
        true => new.from_day.is_some_and(|from| from < known.day),
        false => known.from_day.is_some_and(|from| from < new.day),
    };
    let taken = around
        .same
        .iter()
        .find(|known| !is_apart(known))
        .or_else(|| around.before.iter().chain(&around.after).find(|known| reaches_into(known)));
    let Some(taken) = taken else { return Ok(()) };
    let say = format!(
        "The file field has a statement of {} of the account ending {}, and one of {} is booked already. A bank that sends \
         another in its place says so (BAI2: group status 3).",
        new.day, account.last_four, taken.day
    );
    Err(Failure::field("file", say))
}

fn difference(later: Option<Cents>, earlier: Option<Cents>) -> Option<Cents> {
    later?.get().checked_sub(earlier?.get()).map(Cents::new)
}

/// What its balances differ by beyond its lines: a bank may leave transactions out.
fn unexplained(of: &Statement) -> Result<Option<Cents>> {
    let (Some(opening), Some(closing)) = (of.opening, of.closing) else { return Ok(None) };
    let wide = |cents: Cents| i128::from(cents.get());
    let rest = wide(closing) - wide(opening) - wide(of.credits) + wide(of.debits);
    i64::try_from(rest).map(|rest| Some(Cents::new(rest))).map_err(|_| too_large())
}
