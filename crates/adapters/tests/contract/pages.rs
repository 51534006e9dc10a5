//! Pages of Stripe's own, on which a holder gives a card or bank account.

use base::secret::Secret;
use payments::processor::{About, PageAsk, Processor as _, TokenizeError};

use crate::worlds::{now, stripe};

fn ask(is_card: bool) -> PageAsk {
    PageAsk {
        key: format!("page {is_card}"),
        is_card,
        opener: Secret::new("ada's browser".into()),
        back: "https://pay.example.com/portal/there?how=whole".into(),
        away: "https://pay.example.com/portal/here".into(),
    }
}

#[tokio::test]
async fn what_is_given_on_a_page_is_told_to_whoever_opened_it_and_to_nobody_else() {
    let (p, end) = stripe().await;
    assert!(p.has_pages() && !p.takes_cards() && !p.takes_accounts());
    for (is_card, method) in [(true, "pm_card_visa_loose"), (false, "pm_usBankAccount_success")] {
        let url = p.open_page(now(), &ask(is_card)).await.unwrap();
        assert_eq!(p.open_page(now(), &ask(is_card)).await, Ok(url.clone()), "the same key, the same page");
        let page = url.strip_prefix("https://checkout.stripe.com/c/pay/").unwrap().to_owned();
        let opened = end.book(|book| book.pages[&page].clone());
        assert_eq!(opened.kind, if is_card { "card" } else { "us_bank_account" });
        assert_eq!(opened.cancel_url, "https://pay.example.com/portal/here");
        assert_eq!(
            opened.success_url,
            "https://pay.example.com/portal/there?how=whole&from={CHECKOUT_SESSION_ID}"
        );
        let (ada, mallory) = (ask(is_card).opener, Secret::new("mallory's".to_owned()));
        let refused = |given| matches!(given, Err(TokenizeError::Refused(_)));
        assert!(refused(p.given_on_page(now(), &page, &ada).await), "nothing was given yet");
        let back = end.book(|book| book.give(&page, method));
        assert_eq!(back, opened.success_url.replace("{CHECKOUT_SESSION_ID}", &page));
        assert!(refused(p.given_on_page(now(), &page, &mallory).await));
        assert!(refused(p.given_on_page(now(), "cs_nobody", &ada).await));
        assert!(refused(p.given_on_page(now(), "../customers", &ada).await));
        let given = p.given_on_page(now(), &page, &ada).await.unwrap();
        assert_eq!(matches!(given.about, About::Card { .. }), is_card);
        assert_eq!(p.inspect(now(), &given.token).await.unwrap().about, given.about);
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_opened_is_no_refusal() {
    let (p, end) = stripe().await;
    end.break_next(crate::stripe_end::Fault::Away);
    assert!(matches!(p.open_page(now(), &ask(true)).await, Err(TokenizeError::Unreachable(_))));
}
