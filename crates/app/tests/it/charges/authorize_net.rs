//! Real money, by Authorize.net, which has no idempotency keys and searches for nothing: the same till and the same books, and at
//! the other end of the line a server that behaves as its documentation says.

use std::sync::Arc;

use adapters::authorize_net::AuthorizeNet;
use base::Ts;
use base::secret::Secret;
use serde_json::json;

use self::authorize_net_end::End;
use super::real;
use crate::support::Agency;

#[path = "../../../../adapters/tests/authorize_net_end/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the contract of the adapter uses the rest of it")]
mod authorize_net_end;

impl real::End for End {
    fn move_to(&self, now: Ts) {
        End::move_to(self, now);
    }
}

type Production<'a> = real::Production<'a, End>;

/// The agency's production, whose money Authorize.net moves.
async fn by_authorize_net(agency: &Agency) -> Production<'_> {
    let end = End::start(agency.now()).await;
    let secret = |text: &str| Secret::new(text.to_owned());
    let (login, key) = (secret(authorize_net_end::LOGIN), secret(authorize_net_end::KEY));
    let real = AuthorizeNet::new(&end.address, login, key, AuthorizeNet::DEADLINE).unwrap();
    Production::over(agency, end, Arc::new(real))
}

fn nonce(method: &str) -> String {
    format!("COMMON.ACCEPT.INAPP.PAYMENT:{method}")
}

/// How often money moved, by Authorize.net's own books.
fn moved(production: &Production<'_>) -> usize {
    let moved = |status: &str| matches!(status, "capturedPendingSettlement" | "settledSuccessfully");
    let is_payment = |kind: &str| kind == "authCaptureTransaction";
    production
        .end
        .book(|book| book.transactions.iter().filter(|one| is_payment(one.kind) && moved(one.status)).count())
}

on_both_engines! {
    async fn a_card_at_authorize_net_pays_a_debt_and_a_refund_owes_it_again(agency: &Agency) {
        let production = by_authorize_net(agency).await;
        let debtor = production.debtor().await;
        let charge = production.pays(&debtor, &nonce("visa"), 30_00).await.made();
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&debtor).await), ("succeeded", 70_00));
        // A part can be given back once it has settled.
        production.later(86_400).await;
        production.post("back", &format!("/charges/{charge}/refund"), json!({ "amount": 10_00 })).await.is(200);
        assert_eq!((production.owed(&debtor).await, moved(&production)), (80_00, 1));
        assert_eq!(agency.bank.submits(), 0, "the sandbox has heard of nothing");
    }

    async fn what_has_not_settled_at_authorize_net_is_voided_in_whole(agency: &Agency) {
        let production = by_authorize_net(agency).await;
        let debtor = production.debtor().await;
        let charge = production.pays(&debtor, &nonce("visa"), 30_00).await.made();
        production.post("all", &format!("/charges/{charge}/refund"), json!({})).await.is(200);
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&debtor).await), ("refunded", 100_00));
        assert_eq!(moved(&production), 0);
        production.later(60).await;
        production.sweep().await;
        assert_eq!(production.state(&charge).await, "refunded", "the list says the same");
    }

    async fn what_authorize_net_declines_owes_as_before_and_says_why(agency: &Agency) {
        let production = by_authorize_net(agency).await;
        let debtor = production.debtor().await;
        let declined = production.pays(&debtor, &nonce("decline_4"), 30_00).await;
        declined.is(400);
        assert!(declined.text.contains("pick_up_card"), "{}", declined.text);
        assert_eq!((production.owed(&debtor).await, moved(&production)), (100_00, 0));
    }

    async fn an_answer_of_authorize_nets_that_was_lost_is_found_and_what_never_came_is_for_a_person(agency: &Agency) {
        let production = by_authorize_net(agency).await;
        let debtor = production.debtor().await;
        let lost = production.pays(&debtor, &nonce("answer_lost"), 30_00).await.made();
        let never = production.pays(&debtor, &nonce("answer_lost_before"), 20_00).await.made();
        for charge in [&lost, &never] {
            assert_eq!(production.state(charge).await, "unknown");
        }
        assert_eq!((production.owed(&debtor).await, moved(&production)), (100_00, 1));
        production.later(60).await;
        production.house.till.reconcile(100).await.unwrap();
        assert_eq!(production.state(&lost).await, "succeeded");
        assert_eq!(production.get(&format!("/charges/{never}")).await["review"], false, "it may yet come");
        for _ in 0..3 {
            production.later(3_600).await;
            production.house.till.reconcile(100).await.unwrap();
        }
        let waits = production.get(&format!("/charges/{never}")).await;
        assert_eq!((waits["state"].as_str(), waits["review"].as_bool()), (Some("unknown"), Some(true)));
        assert_eq!((production.owed(&debtor).await, moved(&production)), (70_00, 1), "nothing is sent twice by itself");
        let retry = json!({ "outcome": "retry", "reason": "Authorize.net has no such transaction" });
        let sent = production.post("decide", &format!("/charges/{never}/resolve"), retry).await;
        assert_eq!(sent.is(200)["data"]["state"], "succeeded");
        assert_eq!((production.owed(&debtor).await, moved(&production)), (50_00, 2));
    }

    async fn bank_debits_at_authorize_net_settle_or_come_back_by_its_list(agency: &Agency) {
        let production = by_authorize_net(agency).await;
        let debtor = production.debtor().await;
        let good = production.pays(&debtor, &nonce("bank"), 30_00).await.made();
        let bad = production.pays(&debtor, &nonce("bank_r01"), 20_00).await.made();
        assert_eq!((production.state(&good).await.as_str(), production.owed(&debtor).await), ("pending", 100_00));
        production.sweep().await;
        production.later(4 * 86_400).await;
        assert!(production.sweep().await >= 2);
        assert_eq!((production.state(&good).await, production.state(&bad).await), ("succeeded".into(), "returned".into()));
        assert_eq!(production.owed(&debtor).await, 70_00);
    }

    async fn what_authorize_net_holds_is_pending_until_somebody_decides_there(agency: &Agency) {
        let production = by_authorize_net(agency).await;
        let debtor = production.debtor().await;
        let charge = production.pays(&debtor, &nonce("held"), 30_00).await.made();
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&debtor).await), ("pending", 100_00));
        production.later(3_600).await;
        production.end.book(|book| {
            let id = book.transactions[0].id;
            book.decide(id, "declined");
        });
        production.sweep().await;
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&debtor).await), ("canceled", 100_00));
    }
}
