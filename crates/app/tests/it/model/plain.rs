//! Who owes what to whom, once more: without a database, a ledger, keys, fences or time-outs. Written from the rules
//! alone, so that the platform's answers can be held against it.

/// A debt account.
#[derive(Clone, Debug)]
pub(super) struct Debt {
    pub(super) id: String,
    pub(super) customer: usize,
    pub(super) parent: Option<usize>,
    pub(super) status: &'static str,
    pub(super) balance: i64,
    pub(super) current: i64,
    pub(super) least: Option<i64>,
    pub(super) deleted: bool,
    /// The day it was placed on.
    pub(super) placed: String,
}

/// Parts of a charge: the account, how much, and how much of it was given back.
pub(super) type Parts = Vec<(usize, i64, i64)>;

/// What a method does when it is charged.
pub(super) const TOKENS: &[&str] = &[
    "tok_visa",
    "tok_bank",
    "tok_do_not_honor",
    "tok_answer_lost",
    "tok_bank_r01",
    "tok_bank_r10_late",
    "tok_chargeback",
    "tok_refund_declined",
    "tok_visa",
    "tok_bank",
];

/// A charge.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    pub(super) id: String,
    pub(super) debt: usize,
    pub(super) token: &'static str,
    pub(super) amount: i64,
    pub(super) state: &'static str,
    pub(super) linked: bool,
    /// Account, amount, and how much of it was given back.
    pub(super) parts: Vec<(usize, i64, i64)>,
    pub(super) refunded: i64,
    /// The second in which it was sent, and the day it is to be sent on.
    pub(super) sent: i64,
    pub(super) day: Option<String>,
}

impl Charge {
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, "unknown" | "pending")
    }
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Plain {
    pub(super) customers: Vec<String>,
    pub(super) debts: Vec<Debt>,
    pub(super) charges: Vec<Charge>,
    /// Seconds since the beginning.
    pub(super) now: i64,
}

/// How long bank debits take, in seconds.
const SETTLES: i64 = 60;

/// A status of an answer and its code, where it is refused.
pub(super) type Verdict = Result<(), (u16, &'static str)>;

impl Plain {
    pub(super) fn children(&self, debt: usize) -> Vec<usize> {
        let of = |d: &usize| self.debts[*d].parent == Some(debt) && !self.debts[*d].deleted;
        (0..self.debts.len()).filter(of).collect()
    }

    pub(super) fn reserved(&self, debt: usize) -> i64 {
        let children = self.children(debt);
        if !children.is_empty() {
            return children.into_iter().map(|c| self.reserved(c)).sum();
        }
        let parts = self.charges.iter().filter(|c| c.is_open()).flat_map(|c| &c.parts);
        parts.filter(|(d, ..)| *d == debt).map(|(_, amount, _)| amount).sum()
    }

    /// What is owed, placed and shown of an account: a parent is its children.
    pub(super) fn shown(&self, debt: usize) -> (i64, i64, &'static str) {
        let d = &self.debts[debt];
        (d.balance, d.current, d.status)
    }

    /// A balance that is reached opens or pays off; what a person decided stays.
    pub(super) fn at_balance(&mut self, debt: usize) {
        let d = &mut self.debts[debt];
        d.status = match d.status {
            "active" if d.current == 0 => "paid_off",
            "paid_off" if d.current > 0 => "active",
            other => other,
        };
    }

    /// A parent is the sum of its children, as soon as one of them changed.
    pub(super) fn sum_up(&mut self, parent: Option<usize>) {
        let Some(parent) = parent else { return };
        let children = self.children(parent);
        self.debts[parent].balance = children.iter().map(|c| self.debts[*c].balance).sum();
        self.debts[parent].current = children.iter().map(|c| self.debts[*c].current).sum();
        self.at_balance(parent);
    }

    /// Money moves on an account.
    fn moves(&mut self, debt: usize, by: i64) {
        if !self.children(debt).is_empty() {
            return; // its own debt was replaced by its children's
        }
        self.debts[debt].current += by;
        self.at_balance(debt);
        if !self.debts[debt].deleted {
            self.sum_up(self.debts[debt].parent);
        }
    }

    /// Whether `parent` may take `child` in, or an account of this customer that is not there yet.
    pub(super) fn adopts(&self, parent: usize, child: Option<usize>, customer: usize) -> bool {
        let p = &self.debts[parent];
        let first = self.children(parent).is_empty();
        let is_parent = child.is_some_and(|c| !self.children(c).is_empty());
        !p.deleted
            && p.parent.is_none()
            && p.customer == customer
            && child != Some(parent)
            && !is_parent
            && !(first && self.reserved(parent) > 0)
    }

    /// What may be taken on an account, and from where.
    pub(super) fn admits(&self, debt: usize, amount: i64) -> Result<Parts, (u16, &'static str)> {
        let d = &self.debts[debt];
        if d.deleted {
            return Err((422, "invalid"));
        }
        let root = d.parent.unwrap_or(debt);
        if self.debts[root].status != "active" || d.status != "active" {
            return Err((400, "not_allowed_now"));
        }
        let children = self.children(debt);
        let mut payable = if children.is_empty() { vec![debt] } else { children };
        payable.retain(|p| self.debts[*p].status == "active");
        let open = |p: usize| self.debts[p].current - self.reserved(p);
        let all: i64 = payable.iter().map(|p| open(*p)).sum();
        if amount > all {
            return Err((422, "above_balance"));
        }
        let least = if debt == root { self.debts[root].least.or(d.least) } else { d.least };
        if least.is_some_and(|least| amount < least && amount < all) {
            return Err((422, "below_minimum"));
        }
        // The oldest first; those of one day in the order in which they were placed.
        payable.sort_by_key(|p| (self.debts[*p].placed.clone(), *p));
        let mut left = amount;
        let mut parts = Vec::new();
        for p in payable {
            let taken = left.min(open(p));
            if taken > 0 {
                parts.push((p, taken, 0));
                left -= taken;
            }
        }
        parts.sort_unstable();
        Ok(parts)
    }

    /// What the processor says at once.
    pub(super) fn sends(&mut self, charge: usize) {
        self.charges[charge].sent = self.now;
        let state = match self.charges[charge].token {
            "tok_do_not_honor" => "declined",
            "tok_answer_lost" => "unknown",
            "tok_bank" | "tok_bank_r01" | "tok_bank_r10_late" => "pending",
            _ => "succeeded",
        };
        self.charges[charge].state = state;
        match state {
            "declined" => self.charges[charge].parts.clear(),
            "succeeded" => self.pays(charge),
            _ => {}
        }
    }

    fn pays(&mut self, charge: usize) {
        self.charges[charge].state = "succeeded";
        for (debt, amount, _) in self.charges[charge].parts.clone() {
            self.moves(debt, -amount);
        }
    }

    /// What has come back by now at the processor, whether or not we know.
    pub(super) fn came_back(&self, charge: &Charge) -> bool {
        let after = self.now - charge.sent;
        match charge.token {
            "tok_bank_r01" => after >= SETTLES,
            "tok_bank_r10_late" | "tok_chargeback" => after >= SETTLES + 86_400,
            _ => false,
        }
    }

    /// The processor is asked about a charge.
    pub(super) fn asks(&mut self, charge: usize) {
        let c = self.charges[charge].clone();
        let back = self.came_back(&c);
        match c.state {
            "unknown" => self.pays(charge),
            "pending" if back => self.charges[charge].state = "returned",
            "pending" if self.now - c.sent >= SETTLES => self.pays(charge),
            "succeeded" if back => {
                self.charges[charge].state = "returned";
                for (debt, amount, given) in c.parts {
                    self.moves(debt, amount - given);
                }
            }
            _ => {}
        }
    }

    /// Money is given back.
    pub(super) fn refunds(&mut self, charge: usize, amount: Option<i64>) -> Verdict {
        let c = self.charges[charge].clone();
        if c.state == "pending" {
            return self.voids(charge, amount.unwrap_or(c.amount));
        }
        if c.state != "succeeded" {
            return Err((400, "not_allowed_now"));
        }
        let left = c.amount - c.refunded;
        let amount = amount.unwrap_or(left);
        if amount <= 0 || amount > left {
            return Err((422, "invalid"));
        }
        if c.token == "tok_refund_declined" || self.came_back(&c) {
            return Err((400, "refund_declined"));
        }
        let shares = in_proportion(amount, &c.parts);
        for (part, share) in shares.into_iter().enumerate() {
            self.charges[charge].parts[part].2 += share;
            if share > 0 {
                self.moves(c.parts[part].0, share);
            }
        }
        self.charges[charge].refunded += amount;
        if self.charges[charge].refunded == c.amount {
            self.charges[charge].state = "refunded";
        }
        Ok(())
    }

    /// A bank debit is taken back before it settles, in whole or not at all.
    fn voids(&mut self, charge: usize, amount: i64) -> Verdict {
        let c = self.charges[charge].clone();
        match () {
            () if amount < c.amount => Err((400, "not_allowed_now")),
            () if amount > c.amount => Err((422, "invalid")),
            () if self.now - c.sent >= SETTLES => {
                self.asks(charge); // too late; and that is how we hear of it
                Err((400, "refund_declined"))
            }
            () => {
                self.charges[charge].state = "canceled";
                Ok(())
            }
        }
    }

    /// A charge whose day has come.
    pub(super) fn starts(&mut self, charge: usize) {
        let c = self.charges[charge].clone();
        if c.linked {
            let open = self.debts[c.debt].current - self.reserved(c.debt);
            let amount = c.amount.min(open);
            let parts = if open <= 0 { Err((400, "")) } else { self.admits(c.debt, amount) };
            match parts {
                // Cut, it stays cut, whatever is refused afterwards.
                Err(_) => {
                    self.charges[charge].state = "canceled";
                    if open > 0 {
                        self.charges[charge].amount = amount;
                    }
                    return;
                }
                Ok(parts) => {
                    (self.charges[charge].amount, self.charges[charge].parts) = (amount, parts);
                }
            }
        }
        self.sends(charge);
    }
}

/// `amount` over the parts in proportion to what is left of each; odd cents to the largest remainders, and among
/// equal ones to the first.
fn in_proportion(amount: i64, parts: &[(usize, i64, i64)]) -> Vec<i64> {
    let left: Vec<i128> = parts.iter().map(|(_, amount, given)| i128::from(amount - given)).collect();
    let all: i128 = left.iter().sum();
    if all == 0 {
        return vec![0; parts.len()];
    }
    let whole: Vec<i128> = left.iter().map(|l| i128::from(amount) * l / all).collect();
    let mut odd = i128::from(amount) - whole.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|p| (std::cmp::Reverse(i128::from(amount) * left[*p] % all), *p));
    let mut shares = whole;
    for part in order {
        if odd > 0 {
            shares[part] += 1;
            odd -= 1;
        }
    }
    shares.into_iter().map(|share| i64::try_from(share).expect("it is a part of the amount")).collect()
}
