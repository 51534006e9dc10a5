//! Our charges and the processor's, both ways.

use std::collections::BTreeMap;

use base::Ts;
use base::db::{Command, Tx};
use books::orgs::Environment;
use payments::processor::{Later, Lookup, Page, Processor, Trace, Unreachable};
use payments::reconcile::{self, Kind, Line, Sink, Theirs};
use serde_json::json;

use crate::support::agency::Agency;

struct Bank<'a>(&'a Agency);

impl Theirs for Bank<'_> {
    fn page<'a>(&'a self, since: Ts, after: Option<String>) -> Later<'a, Result<Page, Unreachable>> {
        self.0.bank.list_since(self.0.now(), since, after)
    }
    fn ask<'a>(&'a self, what: &'a Trace) -> Later<'a, Lookup> {
        self.0.bank.lookup(self.0.now(), what)
    }
}

#[derive(Default)]
struct Lines(Vec<Line>);

impl Sink for Lines {
    fn line(&mut self, line: Line) {
        self.0.push(line);
    }
}

/// How many of each kind there are.
pub(crate) async fn kinds(agency: &Agency, since: Option<Ts>) -> BTreeMap<&'static str, usize> {
    let mut lines = Lines::default();
    let tenants = [agency.tenant(Environment::Sandbox).await];
    reconcile::run(&agency.db, &tenants, &Bank(agency), since, &mut lines).await.unwrap();
    let mut kinds = BTreeMap::new();
    lines.0.iter().for_each(|line| *kinds.entry(line.kind.as_str()).or_default() += 1);
    kinds
}

struct Do(&'static str);

impl Command for Do {
    type Out = u64;
    fn name(&self) -> &'static str {
        "test.do"
    }
    async fn exec(&self, tx: &Tx) -> base::Result<u64> {
        tx.run(self.0, &[]).await
    }
}

on_both_engines! {
    async fn every_way_in_which_the_two_differ_is_told_apart(agency: &Agency) {
        let debtor = agency.debtor(200_00, "tok_visa").await;
        for cents in [10_00, 11_00, 12_00, 13_00] {
            agency.post("/charges", debtor.pays(cents)).await.made();
        }
        let paid = agency.post("/charges", debtor.pays(14_00)).await.made();
        agency.post(&format!("/charges/{paid}/refund"), json!({ "amount": 1_00 })).await.is(200);
        let bank = agency.debtor(50_00, "tok_bank").await;
        agency.post("/charges", bank.pays(5_00)).await.made();
        let declined = agency.debtor(50_00, "tok_do_not_honor").await;
        agency.post("/charges", declined.pays(6_00)).await.is(400);
        let clean = BTreeMap::from([("in_flight", 1), ("matched", 7)]);
        assert_eq!(kinds(agency, None).await, clean);
        for (wrong, right, kind) in [
            ("UPDATE charge SET amount = amount + 1 WHERE amount = 1000", "UPDATE charge SET amount = amount - 1 WHERE amount = 1001", Kind::AmountDiffers),
            ("UPDATE charge SET state = 'declined' WHERE amount = 1100", "UPDATE charge SET state = 'succeeded' WHERE amount = 1100", Kind::StateDiffers),
            ("UPDATE refund SET state = 'declined'", "UPDATE refund SET state = 'succeeded'", Kind::StateDiffers),
        ] {
            agency.db.run(&Do(wrong)).await.unwrap();
            let found = kinds(agency, None).await;
            assert_eq!(found.get(kind.as_str()), Some(&1), "{wrong}: {found:?}");
            agency.db.run(&Do(right)).await.unwrap();
        }
        // Under another key, ours is a charge that they never made, and theirs is one that we never asked for.
        agency.db.run(&Do("UPDATE charge SET pkey = 'x' || pkey WHERE amount = 1200")).await.unwrap();
        let found = kinds(agency, None).await;
        assert_eq!((found["ours_without_theirs"], found["theirs_without_ours"]), (1, 1), "{found:?}");
        agency.db.run(&Do("UPDATE charge SET pkey = substr(pkey, 2) WHERE amount = 1200")).await.unwrap();
        assert_eq!(kinds(agency, None).await, clean);
    }

    async fn what_is_older_than_the_day_asked_for_is_left_out(agency: &Agency) {
        let debtor = agency.debtor(200_00, "tok_visa").await;
        agency.post("/charges", debtor.pays(10_00)).await.made();
        agency.days(5).await;
        let since = agency.now();
        agency.post("/charges", debtor.pays(11_00)).await.made();
        assert_eq!(kinds(agency, Some(since)).await, BTreeMap::from([("matched", 1)]));
        assert_eq!(kinds(agency, None).await, BTreeMap::from([("matched", 2)]));
    }
}
