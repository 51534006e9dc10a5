//! What callers do: a few things at once, so that they meet.

use base::db::Tx;
use base::{Result, TenantId};
use books::debts::DebtId;
use payments::charges::ChargeId;

use super::agenda::{Act, later};
use super::clients::{What, day_after};
use super::world::{SECOND, World, now};

base::record! {
    struct Open { open: i64, owed: i64 }
}

async fn open(tx: &Tx, tenant: TenantId, debt: DebtId) -> Result<(i64, i64)> {
    let sql = "SELECT current_balance - reserved, current_balance FROM debt WHERE tenant_id = $1 AND id = $2";
    tx.one::<Open>(sql, &[&tenant, &debt]).await.map(|row| (row.open, row.owed))
}

impl World<'_> {
    /// Somebody begins a few things at once, and perhaps something goes wrong meanwhile.
    pub(super) fn burst(&mut self) {
        let house = self.dice.index(self.template.houses.len());
        let payer = self.dice.index(self.template.houses[house].payers.len());
        for _ in 0..self.dice.between(1, self.plan.acts) {
            let wait = if self.dice.per_mille(700) { 3 * SECOND } else { 60 * SECOND };
            let wait = self.dice.between(0, wait);
            self.one(house, payer, wait);
        }
        let node = self.dice.index(2);
        if self.dice.per_mille(self.plan.crash) {
            let at = later(self.now, self.dice.between(0, 6 * SECOND));
            self.agenda.at(at, Act::Crash(node));
        }
        if self.dice.per_mille(self.plan.sleep) {
            let at = later(self.now, self.dice.between(0, 3 * SECOND));
            self.agenda.at(at, Act::Sleep(1 - node));
            let until = later(at, self.dice.between(5 * SECOND, 150 * SECOND));
            self.agenda.at(until, Act::Wake(1 - node));
        }
        if self.dice.per_mille(self.plan.outage) {
            let at = later(self.now, self.dice.between(0, 5 * SECOND));
            let swallows = self.dice.per_mille(500);
            let seconds = match self.dice.between(0, 2) {
                0 => self.dice.between(60, 600),
                1 => self.dice.between(3_600, 12 * 3_600),
                _ => self.dice.between(86_400, 3 * 86_400),
            };
            self.agenda.at(at, Act::OutageBegins { swallows, seconds });
        }
    }

    /// Somebody asks about a few charges that were settled.
    pub(super) fn look_around(&mut self) {
        for _ in 0..2 {
            if let Some((house, charge)) = self.known(None) {
                self.begin(house, What::Sync { charge }, None, 0, 1);
            }
        }
    }

    fn one(&mut self, house: usize, payer: usize, wait: i64) {
        match self.dice.between(0, 99) {
            0..=49 => self.pay(house, payer, wait),
            50..=59 => self.compete(house, payer, wait),
            60..=79 => self.give_back(house, wait),
            80..=86 => self.schedule(house, payer, wait),
            87..=90 => {
                if let Some((house, charge)) = self.known(Some(house)) {
                    self.begin(house, What::Cancel { charge }, None, wait, 1);
                }
            }
            91..=94 => {
                if let Some((house, charge)) = self.known(Some(house)) {
                    self.begin(house, What::Sync { charge }, None, wait, 1);
                }
            }
            95..=97 => {
                let debt = self.debt(house, payer);
                let to = self.owed(house, debt).1 + self.dice.between(-20_00, 60_00);
                self.begin(house, What::Adjust { debt, to: to.max(0) }, None, wait, 1);
            }
            _ => self.pay_by_a_used_key(house, payer, wait),
        }
    }

    fn debt(&mut self, house: usize, payer: usize) -> DebtId {
        let debts = &self.template.houses[house].payers[payer].debts;
        debts[self.dice.index(debts.len())]
    }

    fn owed(&self, house: usize, debt: DebtId) -> (i64, i64) {
        let tx = now(self.db.read()).expect("it can be read");
        now(open(&tx, self.tenants[house].id, debt)).expect("the account is there")
    }

    fn payment(&mut self, house: usize, payer: usize) -> What {
        let debt = self.debt(house, payer);
        let methods = &self.template.houses[house].payers[payer].methods;
        let plain = self.dice.per_mille(600);
        let method = methods[self.dice.index(if plain { 2 } else { methods.len() })];
        let open = self.owed(house, debt).0;
        let amount = match self.dice.between(0, 9) {
            0 => open + self.dice.between(1, 9_99), // more than there is
            1..=3 => open,
            _ => self.dice.between(1, open.max(1)),
        };
        let linked = !self.dice.per_mille(50);
        let debt = (!self.dice.per_mille(30)).then_some(debt);
        What::Charge { debt, method, amount: amount.max(1), linked, day: None }
    }

    fn pay(&mut self, house: usize, payer: usize, wait: i64) {
        let what = self.payment(house, payer);
        let key = self.key(house, 700);
        let request = self.begin(house, what, key, wait, 4);
        if self.clients.requests[request].key.is_some() && self.dice.per_mille(350) {
            let again = wait + self.dice.between(0, 40 * SECOND);
            self.agenda.at(later(self.now, again), Act::Send(request));
        }
    }

    /// Two want all of it at the same instant.
    fn compete(&mut self, house: usize, payer: usize, wait: i64) {
        let what = self.payment(house, payer);
        let What::Charge { debt: Some(debt), method, .. } = what else { return };
        let amount = self.owed(house, debt).0.max(1);
        for _ in 0..2 {
            let what = What::Charge { debt: Some(debt), method, amount, linked: true, day: None };
            let key = self.key(house, 500);
            self.begin(house, what, key, wait, 2);
        }
        self.chronicle.count("payments competing for one balance");
    }

    fn give_back(&mut self, house: usize, wait: i64) {
        let Some((house, charge)) = self.known(Some(house)) else { return };
        let amount = if self.dice.per_mille(400) { None } else { Some(self.dice.between(1, 40_00)) };
        let key = self.key(house, 700);
        let request = self.begin(house, What::Refund { charge, amount }, key, wait, 4);
        if self.clients.requests[request].key.is_some() && self.dice.per_mille(350) {
            let again = wait + self.dice.between(0, 40 * SECOND);
            self.agenda.at(later(self.now, again), Act::Send(request));
        }
    }

    fn schedule(&mut self, house: usize, payer: usize, wait: i64) {
        let what = self.payment(house, payer);
        let What::Charge { debt, method, amount, linked, .. } = what else { return };
        let days = self.dice.between(0, 12);
        let day = Some(day_after(&self.tenants[house], self.now, days));
        let key = self.key(house, 500);
        self.begin(house, What::Charge { debt, method, amount, linked, day }, key, wait, 2);
        self.chronicle.count("charge for a later day");
    }

    fn pay_by_a_used_key(&mut self, house: usize, payer: usize, wait: i64) {
        let what = self.payment(house, payer);
        let used = self.clients.requests.iter().rev().find(|r| r.house == house && r.key.is_some());
        if let Some(key) = used.and_then(|r| r.key.clone()) {
            self.begin(house, what, Some(key), wait, 1);
        }
    }

    /// A charge that somebody was told of, most likely one of the last.
    fn known(&mut self, house: Option<usize>) -> Option<(usize, ChargeId)> {
        let of = |(at, _): &&(usize, ChargeId)| house.is_none_or(|house| *at == house);
        let known: Vec<_> = self.clients.known.iter().filter(of).copied().collect();
        let few = if self.dice.per_mille(700) { 3 } else { known.len() };
        let last = &known[known.len().saturating_sub(few)..];
        (!last.is_empty()).then(|| last[self.dice.index(last.len())])
    }

    /// A key of the caller's, in so many of a thousand cases. Houses use the same words.
    fn key(&mut self, house: usize, often: i64) -> Option<String> {
        let used = self.clients.requests.iter().filter(|r| r.house == house).count();
        self.dice.per_mille(often).then(|| format!("key-{used}"))
    }

    fn begin(&mut self, house: usize, what: What, key: Option<String>, wait: i64, tries: u32) -> usize {
        let request = self.clients.new_request(house, what, key, tries);
        self.agenda.at(later(self.now, wait), Act::Send(request));
        request
    }
}
