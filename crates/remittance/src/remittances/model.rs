//! What a remittance and its lines are, and what it moves.

use base::{Cents, Day, Failure, Result, TenantId, Ts};
use books::debts::DebtId;
use books::ledger::posting::{Account, Posting};
use books::locations::LocationId;
use payments::charges::ChargeId;
use payments::charges::postings::Rail;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::terms::{Method, TermsId, fee_of};

base::ids! {
    /// What is remitted to a client at one time.
    RemittanceId "remittance"
}

base::words! {
    /// How far a remittance has come.
    State {
        /// Prepared, and looked at.
        Draft = "draft",
        /// Looked at by a second person; it is in the ledger.
        Approved = "approved",
        /// On its way from the trust account.
        Paid = "paid",
        /// A draft that was thrown away; its lines are free again.
        Void = "void",
    }
}

base::words! {
    /// What a line is of.
    LineKind {
        /// Money that was collected.
        Payment = "payment",
        /// Money that we gave back.
        Refund = "refund",
        /// Money that a bank or a network took back.
        Return = "return",
    }
}

base::record! {
    /// What is remitted to a client at one time.
    pub struct Remittance in "remittance" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: RemittanceId,
        /// By which terms.
        pub terms_id: TermsId,
        /// The client.
        pub location_id: LocationId,
        /// How far it has come.
        pub state: State,
        /// How the client gets what was collected.
        pub method: Method,
        /// Its first day; `None`: from the beginning.
        pub first_day: Option<Day>,
        /// Its last day.
        pub last_day: Day,
        /// How many lines it has.
        pub lines: i64,
        /// What was collected.
        pub gross: Cents,
        /// What of this or earlier payments came back.
        pub clawed_back: Cents,
        /// The fee on what was collected.
        pub fees: Cents,
        /// The fee on what came back.
        pub fees_back: Cents,
        /// What the one before left below nothing.
        pub carried_in: Cents,
        /// What still has to move to the operating account for the one before, by the same carrying.
        pub carried_fees: Cents,
        /// What the client gets; below nothing, what the next one takes over.
        pub net: Cents,
        /// The one that took that over.
        pub carried_to: Option<RemittanceId>,
        /// Who prepared it.
        pub prepared_by: String,
        /// Who approved it.
        pub approved_by: Option<String>,
        /// When.
        pub approved_at: Option<Ts>,
        /// Who said that it is paid.
        pub paid_by: Option<String>,
        /// When.
        pub paid_at: Option<Ts>,
        /// The bank's reference of the payment.
        pub bank_reference: Option<String>,
        /// Who threw the draft away.
        pub voided_by: Option<String>,
        /// When.
        pub voided_at: Option<Ts>,
        /// When it was prepared.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

base::record! {
    /// A line of a remittance: a ledger entry on an account of the client.
    pub struct Line in "remittance_line" {
        /// Whose.
        pub tenant_id: TenantId,
        /// The entry's id.
        pub id: Uuid,
        /// The remittance it is on.
        pub remittance_id: RemittanceId,
        /// The line of the payment: this one, or the one that it takes back.
        pub payment_id: Uuid,
        /// What it is of.
        pub kind: LineKind,
        /// Over which network the payment came.
        pub rail: Rail,
        /// The charge.
        pub charge_id: ChargeId,
        /// The account.
        pub debt_id: DebtId,
        /// The day on which the money moved.
        pub moved_on: Day,
        /// How much.
        pub amount: Cents,
        /// What is left of the payment after it.
        pub rest: Cents,
        /// Which fee rule counts, from 1, as the terms were.
        pub rule: i64,
        /// Its fee, in hundredths of a percent.
        pub basis_points: i64,
        /// The fee on it: on what came back, the one that is given back.
        pub fee: Cents,
    }
}

/// A sum or difference, or our mistake.
pub(crate) fn fits(sum: Option<Cents>) -> Result<Cents> {
    sum.ok_or_else(|| Failure::broken("summing a remittance", "it comes to more than can be said"))
}

/// The same told from the other side.
pub(crate) fn less(cents: Cents) -> Result<Cents> {
    fits(Cents::ZERO.minus(cents))
}

impl Line {
    /// The fee on it by its own rule. What comes back gives back what the fee on the rest is less than before, so that no
    /// rounding is left over when all of a payment has come back.
    pub fn fee_by_rule(&self) -> Result<Cents> {
        match self.kind {
            LineKind::Payment => fee_of(self.amount, self.basis_points),
            LineKind::Refund | LineKind::Return => {
                let before = fits(self.rest.plus(self.amount))?;
                let (before, after) =
                    (fee_of(before, self.basis_points)?, fee_of(self.rest, self.basis_points)?);
                fits(before.minus(after))
            }
        }
    }

    /// The amount, the fee and what the client gets by it, each below nothing where money came back: so every column of a
    /// statement adds up.
    pub fn signed(&self, method: Method) -> Result<[Cents; 3]> {
        let given = match method {
            Method::Net => fits(self.amount.minus(self.fee))?,
            Method::Gross => self.amount,
        };
        match self.kind {
            LineKind::Payment => Ok([self.amount, self.fee, given]),
            LineKind::Refund | LineKind::Return => Ok([less(self.amount)?, less(self.fee)?, less(given)?]),
        }
    }
}

impl Remittance {
    /// With its figures as these lines, in whatever order, make them.
    pub fn with_totals<'l>(self, lines: impl IntoIterator<Item = &'l Line>) -> Result<Remittance> {
        let (mut all, zero) = (self, Cents::ZERO);
        (all.lines, all.gross, all.clawed_back, all.fees, all.fees_back) = (0, zero, zero, zero, zero);
        for line in lines {
            all.lines += 1;
            let (sum, fees) = match line.kind {
                LineKind::Payment => (&mut all.gross, &mut all.fees),
                LineKind::Refund | LineKind::Return => (&mut all.clawed_back, &mut all.fees_back),
            };
            (*sum, *fees) = (fits(sum.plus(line.amount))?, fits(fees.plus(line.fee))?);
        }
        let kept = match all.method {
            Method::Net => all.fee()?,
            Method::Gross => zero,
        };
        all.net = fits(all.collected()?.minus(kept).and_then(|net| net.plus(all.carried_in)))?;
        Ok(all)
    }

    /// What was collected, less what came back.
    pub fn collected(&self) -> Result<Cents> {
        fits(self.gross.minus(self.clawed_back))
    }

    /// The fee, less what is given back of earlier ones.
    pub fn fee(&self) -> Result<Cents> {
        fits(self.fees.minus(self.fees_back))
    }

    /// What moves from the trust account to the operating one when it is paid; below nothing, the other way.
    pub fn fee_that_moves(&self) -> Result<Cents> {
        match self.method {
            Method::Net => fits(self.fee()?.plus(self.carried_fees)),
            Method::Gross => Ok(self.carried_fees),
        }
    }

    /// What the client is billed: below nothing, what it is credited.
    pub fn billed(&self) -> Result<Cents> {
        match self.method {
            Method::Net => Ok(Cents::ZERO),
            Method::Gross => self.fee(),
        }
    }

    /// Approved: what was collected is the client's money, and the fee on it is earned.
    pub fn on_approval(&self) -> Result<Vec<Posting>> {
        let owes_fee = match self.method {
            Method::Net => Account::ClientPayable,
            Method::Gross => Account::FeesReceivable,
        };
        let moves = [
            either_way(Account::Placed, Account::ClientPayable, self.collected()?)?,
            either_way(owes_fee, Account::FeeIncome, self.fee()?)?,
        ];
        Ok(moves.into_iter().flatten().collect())
    }

    /// Paid: the client's money leaves the trust account, and so does the fee that was kept.
    pub fn on_payment(&self) -> Result<Vec<Posting>> {
        let moves = [
            either_way(Account::ClientPayable, Account::TrustBank, self.net)?,
            either_way(Account::OperatingBank, Account::TrustBank, self.fee_that_moves()?)?,
        ];
        Ok(moves.into_iter().flatten().collect())
    }

    /// The object that the API answers with and events carry.
    pub fn view(&self) -> Value {
        let at = |at: Option<Ts>| at.map(|at| at.to_string());
        json!({
            "id": self.id.to_string(),
            "client_terms_id": self.terms_id.to_string(),
            "location_id": self.location_id.to_string(),
            "state": self.state.as_str(),
            "method": self.method.as_str(),
            "first_day": self.first_day.map(|day| day.to_string()),
            "last_day": self.last_day.to_string(),
            "lines": self.lines,
            "gross": self.gross.get(),
            "clawed_back": self.clawed_back.get(),
            "fees": self.fees.get(),
            "fees_back": self.fees_back.get(),
            "billed": self.billed().unwrap_or_default().get(),
            "carried_in": self.carried_in.get(),
            "net": self.net.get(),
            "carried_to_id": self.carried_to.map(|id| id.to_string()),
            "prepared_by": self.prepared_by,
            "approved_by": self.approved_by,
            "approved_at": at(self.approved_at),
            "paid_by": self.paid_by,
            "paid_at": at(self.paid_at),
            "bank_reference": self.bank_reference,
            "voided_by": self.voided_by,
            "voided_at": at(self.voided_at),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

/// A movement of an amount, turned round where that is below nothing.
fn either_way(debit: Account, credit: Account, amount: Cents) -> Result<Option<Posting>> {
    Ok(match amount < Cents::ZERO {
        true => Posting::of_money(credit, debit, less(amount)?),
        false => Posting::of_money(debit, credit, amount),
    })
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
mod tests {
    use books::ledger::posting::told;

    use super::*;

    fn line(kind: LineKind, amount: i64, rest: i64) -> Line {
        let nobody = Uuid::nil();
        let line = Line {
            tenant_id: TenantId(nobody),
            id: nobody,
            remittance_id: RemittanceId(nobody),
            payment_id: nobody,
            kind,
            rail: Rail::Card,
            charge_id: ChargeId(nobody),
            debt_id: DebtId(nobody),
            moved_on: Day::parse("2026-11-20").unwrap(),
            amount: Cents::new(amount),
            rest: Cents::new(rest),
            rule: 1,
            basis_points: 2_500,
            fee: Cents::ZERO,
        };
        Line { fee: line.fee_by_rule().unwrap(), ..line }
    }

    fn remittance(method: Method, lines: &[Line], carried: (i64, i64)) -> Remittance {
        let nobody = Uuid::nil();
        let all = Remittance {
            tenant_id: TenantId(nobody),
            id: RemittanceId(nobody),
            terms_id: TermsId(nobody),
            location_id: LocationId(nobody),
            state: State::Draft,
            method,
            first_day: None,
            last_day: Day::parse("2026-11-30").unwrap(),
            lines: 0,
            gross: Cents::ZERO,
            clawed_back: Cents::ZERO,
            fees: Cents::ZERO,
            fees_back: Cents::ZERO,
            carried_in: Cents::new(carried.0),
            carried_fees: Cents::new(carried.1),
            net: Cents::ZERO,
            carried_to: None,
            prepared_by: String::new(),
            approved_by: None,
            approved_at: None,
            paid_by: None,
            paid_at: None,
            bank_reference: None,
            voided_by: None,
            voided_at: None,
            created_at: Ts::from_micros(0),
            updated_at: Ts::from_micros(0),
        };
        all.with_totals(lines).unwrap()
    }

    fn moves(of: &Remittance) -> String {
        let (approved, paid) = (of.on_approval().unwrap(), of.on_payment().unwrap());
        format!("{} net\n{}then\n{}", of.net, told(&approved), told(&paid))
    }

    #[test]
    fn a_net_client_gets_what_is_left_of_the_fee() {
        let lines = [line(LineKind::Payment, 100_00, 100_00), line(LineKind::Refund, 20_00, 80_00)];
        assert_eq!(
            moves(&remittance(Method::Net, &lines, (0, 0))),
            "\
60.00 net
Dr placed Cr client_payable 80.00
Dr client_payable Cr fee_income 20.00
then
Dr client_payable Cr trust_bank 60.00
Dr operating_bank Cr trust_bank 20.00
"
        );
    }

    #[test]
    fn a_gross_client_gets_all_of_it_and_owes_the_fee() {
        let lines = [line(LineKind::Payment, 100_00, 100_00)];
        assert_eq!(
            moves(&remittance(Method::Gross, &lines, (0, 0))),
            "\
100.00 net
Dr placed Cr client_payable 100.00
Dr fees_receivable Cr fee_income 25.00
then
Dr client_payable Cr trust_bank 100.00
"
        );
    }

    #[test]
    fn what_came_back_later_goes_the_other_way_and_is_carried_with_its_fee() {
        let lines = [line(LineKind::Payment, 10_00, 10_00), line(LineKind::Return, 100_00, 0)];
        let below = remittance(Method::Net, &lines, (0, 0));
        assert_eq!(
            told(&below.on_approval().unwrap()),
            "\
Dr client_payable Cr placed 90.00
Dr fee_income Cr client_payable 22.50
"
        );
        assert_eq!((below.net.get(), below.fee_that_moves().unwrap().get()), (-67_50, -22_50));
        let next = [line(LineKind::Payment, 200_00, 200_00)];
        assert_eq!(
            moves(&remittance(Method::Net, &next, (-67_50, -22_50))),
            "\
82.50 net
Dr placed Cr client_payable 200.00
Dr client_payable Cr fee_income 50.00
then
Dr client_payable Cr trust_bank 82.50
Dr operating_bank Cr trust_bank 27.50
"
        );
    }

    #[test]
    fn nothing_moves_for_nothing() {
        let nothing = remittance(Method::Net, &[], (0, 0));
        assert_eq!((nothing.on_approval().unwrap(), nothing.on_payment().unwrap()), (vec![], vec![]));
        let came_back = [line(LineKind::Payment, 33, 33), line(LineKind::Return, 33, 0)];
        let nothing = remittance(Method::Net, &came_back, (0, 0));
        assert_eq!((nothing.net, nothing.on_approval().unwrap()), (Cents::ZERO, vec![]));
    }

    #[test]
    fn every_column_of_lines_adds_up() {
        for method in [Method::Net, Method::Gross] {
            let lines = [line(LineKind::Payment, 99_99, 99_99), line(LineKind::Refund, 33_33, 66_66)];
            let all = remittance(method, &lines, (-1, 0));
            let sum = |column: usize| {
                Cents::sum(lines.iter().map(|line| line.signed(method).unwrap()[column])).unwrap()
            };
            assert_eq!((sum(0), sum(1)), (all.collected().unwrap(), all.fee().unwrap()));
            assert_eq!(sum(2).plus(all.carried_in), Some(all.net));
        }
    }
}
