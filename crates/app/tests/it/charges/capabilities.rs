//! Processors that can do less: without keys that are remembered, without look-ups, without a list.

use sandbox::wire::{CAPABILITIES, Capabilities};
use serde_json::json;

use crate::support::agency::Agency;
use crate::support::{Engine, tell_where};

/// Tells a story on both engines where the processor can do no more than this.
macro_rules! where_the_processor {
    ($can:expr; $($(#[$meta:meta])* async fn $name:ident($agency:ident) $body:block)*) => {
        $($(#[$meta])*
        #[test]
        fn $name() {
            for engine in [Engine::Sqlite, Engine::Postgres] {
                tell_where(engine, $can, async |$agency: &Agency| $body);
            }
        })*
    };
}

const FORGETS: Capabilities = Capabilities { idempotency_seconds: Some(0), ..CAPABILITIES };
const NO_LOOKUP: Capabilities = Capabilities { lookup: false, ..CAPABILITIES };
const FORGETS_NO_LOOKUP: Capabilities = Capabilities { lookup: false, ..FORGETS };
const NO_LIST: Capabilities = Capabilities { list: false, ..CAPABILITIES };
const BLIND: Capabilities = Capabilities { lookup: false, list: false, ..FORGETS };
const A_DAY: Capabilities = Capabilities { idempotency_seconds: Some(86_400), ..CAPABILITIES };

async fn submits_of_each_key(agency: &Agency) -> Vec<(u64, u64)> {
    agency.bank.stats().keys.values().map(|key| (key.submits, key.charges)).collect()
}

where_the_processor! { FORGETS;
    async fn forgets_its_keys_nothing_is_ever_sent_twice(agency) {
        let lost = agency.debtor(50_00, "tok_answer_lost").await;
        let never = agency.debtor(50_00, "tok_answer_lost_before").await;
        let lost_charge = agency.once("a", "/charges", lost.pays(30_00)).await.made();
        let never_charge = agency.once("b", "/charges", never.pays(30_00)).await.made();
        for _ in 0..5 {
            agency.seconds(3_600).await;
            agency.steps().await;
            agency.once("a", "/charges", lost.pays(30_00)).await.is(201);
            agency.once("b", "/charges", never.pays(30_00)).await.is(201);
        }
        assert_eq!(agency.state(&lost_charge).await, "succeeded");
        let waits = agency.charge(&never_charge).await;
        assert_eq!((waits["state"].as_str(), waits["review"].as_bool()), (Some("unknown"), Some(true)));
        let mut told = submits_of_each_key(agency).await;
        told.sort_unstable();
        assert_eq!(told, [(1, 0), (1, 1)], "each once on the wire");
    }
}

where_the_processor! { NO_LOOKUP;
    async fn has_no_look_up_its_list_tells(agency) {
        let lost = agency.debtor(50_00, "tok_answer_lost").await;
        let never = agency.debtor(50_00, "tok_answer_lost_before").await;
        let lost_charge = agency.post("/charges", lost.pays(30_00)).await.made();
        let never_charge = agency.post("/charges", never.pays(30_00)).await.made();
        agency.seconds(60).await;
        agency.steps().await;
        assert_eq!((&*agency.state(&lost_charge).await, &*agency.state(&never_charge).await), ("unknown", "unknown"));
        agency.sweeps().await;
        assert_eq!((&*agency.state(&lost_charge).await, &*agency.state(&never_charge).await), ("succeeded", "unknown"));
        // The list was read since, and it is not in it: it goes out once more, under the same key.
        agency.seconds(600).await;
        agency.sweeps().await;
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.state(&never_charge).await, "succeeded");
        assert_eq!(agency.bank.charges(), 2);
    }

    async fn has_no_look_up_nothing_is_charged_in_verify_mode(agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.sweeps().await;
        payments::charges::till::watch::enter_verify_mode(&agency.db, "restored").await.unwrap();
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(503), "busy");
        agency.sweeps().await;
        agency.post("/charges", debtor.pays(10_00)).await.made();
    }
}

where_the_processor! { FORGETS_NO_LOOKUP;
    async fn forgets_its_keys_and_has_no_look_up_a_person_decides(agency) {
        let never = agency.debtor(50_00, "tok_answer_lost_before").await;
        let charge = agency.post("/charges", never.pays(30_00)).await.made();
        agency.seconds(600).await;
        agency.sweeps().await;
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.charge(&charge).await["review"], true);
        assert_eq!(submits_of_each_key(agency).await, [(1, 0)]);
    }
}

where_the_processor! { NO_LIST;
    async fn has_no_list_settled_bank_debits_are_asked_about_daily(agency) {
        let debtor = agency.debtor(50_00, "tok_bank_r10_late").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        assert!(agency.till.clone().closed_until_swept().first_sweep().await.unwrap(), "there is nothing to wait for");
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        assert_eq!(agency.till.ask_about_settled(100).await.unwrap(), 0, "the steps have, and not again today");
        agency.days(2).await;
        assert_eq!(agency.till.ask_about_settled(100).await.unwrap(), 1);
        assert_eq!((&*agency.state(&charge).await, agency.owed(&debtor.debt).await), ("returned", 50_00));
        assert_eq!(agency.till.sweep(100).await.unwrap(), 0);
    }
}

where_the_processor! { BLIND;
    async fn can_tell_nothing_what_is_open_is_for_a_person_and_not_asked_for_ever(agency) {
        let lost = agency.debtor(50_00, "tok_answer_lost").await;
        let charge = agency.post("/charges", lost.pays(30_00)).await.made();
        agency.seconds(60).await;
        agency.steps().await;
        assert_eq!(agency.charge(&charge).await["review"], false);
        agency.seconds(4_000).await;
        agency.steps().await;
        assert_eq!(agency.charge(&charge).await["review"], true);
        assert_eq!(agency.number("SELECT count(*) FROM charge WHERE due_at IS NOT NULL").await, 0);
    }
}

where_the_processor! { A_DAY;
    async fn remembers_a_day_is_sent_again_for_half_a_day(agency) {
        let soon = agency.debtor(50_00, "tok_answer_lost_before").await;
        let charge = agency.post("/charges", soon.pays(30_00)).await.made();
        agency.seconds(43_199).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        let late = agency.debtor(50_00, "tok_answer_lost_before").await;
        let charge = agency.post("/charges", late.pays(20_00)).await.made();
        agency.seconds(43_200).await;
        agency.steps().await;
        let waits = agency.charge(&charge).await;
        assert_eq!((waits["state"].as_str(), waits["review"].as_bool()), (Some("unknown"), Some(true)));
        assert_eq!(agency.bank.charges(), 1);
        agency.bank.script(json!([]));
    }
}
