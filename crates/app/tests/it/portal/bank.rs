//! How a card or a bank account gets in on the portal: what is authorized by it, what is kept of it, and how often it is tried.

use base::Code;
use payments::velocity::{self, Try};
use payments::verify::{self, Sight};
use serde_json::{Value, json};

use super::browser::{Browser, known, link_of};
use super::paying::{ada, card, hidden, pays, pays_by_card, pays_by_saved, reviews};
use crate::support::agency::Agency;
use crate::support::client::Answer;

pub(crate) fn bank(account: &str) -> Vec<(&'static str, String)> {
    [
        ("holder", "Ada Lovelace"),
        ("kind", "checking"),
        ("routing", "1100-0000 0"),
        ("account", account),
        ("again", account),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

/// The same and kept for the next time.
fn kept(mut fields: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    fields.push(("keep", "yes".into()));
    fields
}

/// The id of the payment that a browser shows.
fn payment(browser: &Browser<'_>) -> String {
    browser.place().strip_prefix("/portal/payments/").expect("a payment is shown").to_owned()
}

async fn methods(agency: &Agency, customer: &str) -> Vec<Value> {
    let all = agency.get(&format!("/payment-methods?customer_id={customer}")).await;
    all.is(200)["data"].as_array().unwrap().clone()
}

async fn hashes(agency: &Agency) -> (u64, u64) {
    let tx = agency.db.read().await.unwrap();
    let tenants = agency.tenants.all(&tx).await.unwrap();
    let report = verify::run(&mut Sight::of(&tx), &tenants, true, &|_, _| {}).await.unwrap();
    let found = report.checks.into_iter().find(|check| check.name == "authorizations = their hash").unwrap();
    (found.compared, found.wrong)
}

/// Tries a card to the end of it.
async fn tries(agency: &Agency, customer: &str, debt: &str, number: &str) -> Answer {
    let (mut browser, account) = ada(agency, customer, debt).await;
    let page = reviews(&mut browser, &account, "how=part&amount=1&with=card").await;
    pays_by_card(&mut browser, &page, &card(number)).await
}

const DECLINED: &str = "4000000000000002";

on_both_engines! {
    async fn a_bank_account_is_debited_and_counts_as_paid_once_that_has_settled(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let page = reviews(&mut ada, &account, "how=part&amount=50&with=bank").await;
        assert_eq!(ada.place(), format!("/portal/tokenizer/bank/{debt}/5000"));
        for told in ["is debited on", "authorize Acme Recovery to debit my bank account electronically, once: USD 50.00.", "Keep this bank account"] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        let pending = pays_by_card(&mut ada, &page, &bank("000123456789")).await;
        for told in ["On its way from your bank", "will be debited on November 23, 2026", "Bank account ending in 6789", "What you authorized"] {
            assert!(pending.text.contains(told), "{told}: {}", pending.text);
        }
        assert!(!pending.text.contains("000123456789"), "{}", pending.text);
        assert_eq!(agency.owed(&debt).await, 123_45);
        let charge = agency.charge(&payment(&ada)).await;
        assert_eq!((&charge["type"], &charge["state"], &charge["settles_on"]), (&json!("bank_account"), &json!("pending"), &json!("2026-11-23")));
        // Chosen again, it is the same payment.
        let place = ada.place().to_owned();
        ada.get(&format!("/portal/tokenizer/bank/{debt}/5000")).await.is(200);
        pays_by_card(&mut ada, &page, &[]).await.is(200);
        assert_eq!(ada.place(), place);
        agency.seconds(3_600).await;
        agency.steps().await;
        assert!(ada.get(&place).await.text.contains("<strong>Paid</strong>"));
        assert_eq!(agency.owed(&debt).await, 73_45);
        assert!(methods(agency, &customer).await.is_empty(), "it is not kept");
        agency.books_hold().await;
    }

    async fn what_is_wrong_with_a_bank_account_is_said_field_by_field(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let page = reviews(&mut ada, &account, "how=whole&with=bank").await;
        let nothing = pays_by_card(&mut ada, &page, &[]).await;
        assert_eq!(nothing.status, 422);
        for field in ["holder", "kind", "routing", "account"] {
            assert!(nothing.text.contains(&format!("href=\"#{field}\"")) && nothing.text.contains(&format!("id=\"{field}\"")), "{field}: {}", nothing.text);
        }
        for (name, value, why) in [
            ("routing", "110000001", "nine digits of your bank"),
            ("routing", "000000000", "nine digits of your bank"),
            ("account", "123", "4 to 17 digits"),
            ("account", "000123456789012345", "4 to 17 digits"),
            ("again", "000123456788", "are not the same"),
            ("kind", "credit", "which kind of account"),
            ("holder", "  ", "the name on the account"),
        ] {
            let mut fields = bank("000123456789");
            fields.iter_mut().find(|(known, _)| *known == name).unwrap().1 = value.into();
            let wrong = pays_by_card(&mut ada, &page, &fields).await;
            assert!(wrong.status == 422 && wrong.text.contains(why), "{name} {value}: {}", wrong.text);
            assert_eq!(wrong.text.matches("href=\"#").count(), 2, "one fault alone, and the skip link: {}", wrong.text);
            assert!(!wrong.text.contains("00012345678"), "{}", wrong.text);
        }
        // In Spanish too, and what was written besides is still there.
        let page = ada.send("/portal/language", &[("language", "es"), ("to", &format!("/portal/tokenizer/bank/{debt}/12345"))]).await;
        let mut fields = kept(bank("000123456789"));
        fields[1].1 = "savings".into();
        fields[2].1 = "1".into();
        let wrong = pays_by_card(&mut ada, &page, &fields).await;
        assert!(wrong.text.contains("nueve dígitos del número de ruta") && wrong.text.contains("Ada Lovelace"), "{}", wrong.text);
        assert!(wrong.text.contains("value=\"savings\" id=\"kind-savings\" required checked") && wrong.text.contains("aria-describedby=\"keep-words\" checked"), "{}", wrong.text);
        assert_eq!(agency.many("/charges").await, 0);
    }

    async fn a_debit_that_comes_back_does_not_count_and_says_so(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let page = reviews(&mut ada, &account, "how=whole&with=bank").await;
        pays_by_card(&mut ada, &page, &bank("000111111001")).await.is(200);
        let place = ada.place().to_owned();
        agency.seconds(3_600).await;
        agency.steps().await;
        let back = ada.get(&place).await;
        assert!(back.text.contains("does not count as paid"), "{}", back.text);
        assert_eq!(agency.owed(&debt).await, 123_45);
        agency.books_hold().await;
    }

    async fn what_somebody_authorizes_is_kept_in_the_words_that_they_saw(agency: &Agency) {
        agency.put("/organization", json!({ "brand": { "support_phone": "(212) 555-0100" } })).await.is(200);
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let review = reviews(&mut ada, &account, &format!("how=part&amount=23.45&with={method}")).await;
        let words = format!(
            "I, Ada Lovelace, authorize Acme Recovery to charge my card ending in 4242, once: USD 23.45. It is charged on this day. \
             No other charge follows from this authorization. I may revoke it by telling Acme Recovery (+12125550100) before the card \
             is charged. Date: 2026-11-20. Reference: {debt}."
        );
        assert!(review.text.contains(&words), "{}", review.text);
        let paid = pays(&mut ada, &account, &review).await;
        assert!(paid.text.contains("What you authorized") && paid.text.contains(&words) && paid.text.contains("November 20, 2026"), "{}", paid.text);
        let path = format!("/charges/{}", payment(&ada));
        let given = agency.get(&path).await.data()["authorization"].clone();
        for (field, is) in [
            ("channel", "web"), ("text", words.as_str()), ("text_version", "card-single-en-1"), ("terms", "USD 23.45"), ("given_by", "Ada Lovelace"),
            ("given_at", "2026-11-20T15:00:00Z"), ("ip_address", "127.0.0.1"), ("payment_method_id", &method), ("recorded_by", "portal"),
        ] {
            assert_eq!(given[field], is, "{given}");
        }
        let receipt = agency.get(&format!("{path}/receipt")).await.data();
        assert_eq!((&receipt["authorization"]["text"], &receipt["authorization"]["sha256"]), (&json!(words), &given["sha256"]));
        assert!(agency.get(&format!("{path}/receipt.txt")).await.text.contains(&words));
        // Of what the API charges nothing is known here.
        let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 1_00 });
        let other = agency.post("/charges", pays).await.made();
        assert_eq!(agency.charge(&other).await["authorization"], json!(null));
        // It outlives whoever gave it, sealed, and its hash is of what is kept.
        let clear = "SELECT count(*) FROM charge_authorization WHERE terms LIKE '%Ada%' OR recorded_by LIKE '%Ada%' OR text_version LIKE '%Ada%'";
        assert_eq!(agency.number(clear).await, 0);
        assert_eq!(hashes(agency).await, (1, 0));
        agency.sql("UPDATE charge_authorization SET terms = 'USD 2345.00'").await;
        assert_eq!(hashes(agency).await, (1, 1));
    }

    async fn words_that_changed_since_the_page_was_shown_are_shown_once_more(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let review = reviews(&mut ada, &account, &format!("how=part&amount=1&with={method}")).await;
        agency.put("/organization", json!({ "name": "Other Recovery" })).await.is(200);
        let again = pays(&mut ada, &account, &review).await;
        assert!(again.status == 422 && again.text.contains("What you authorize has changed") && again.text.contains("href=\"#words\""), "{}", again.text);
        assert!(again.text.contains("authorize Other Recovery to charge"), "{}", again.text);
        // On another day too, and where it is written anew.
        let page = reviews(&mut ada, &account, "how=part&amount=1&with=card").await;
        agency.seconds(14 * 3_600).await;
        let again_card = pays_by_card(&mut ada, &page, &card("4242424242424242")).await;
        assert!(again_card.status == 422 && again_card.text.contains("Date: 2026-11-21"), "{}", again_card.text);
        assert_eq!(agency.many("/charges").await, 0);
        let paid = pays_by_card(&mut ada, &again_card, &card("4242424242424242")).await;
        assert!(paid.text.contains("<strong>Paid</strong>"), "{}", paid.text);
        assert_eq!(agency.many("/charges").await, 1);
        agency.books_hold().await;
    }

    async fn a_card_is_kept_where_that_was_asked_for_and_it_was_not_declined(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let query = "how=part&amount=1&with=card";
        let page = reviews(&mut ada, &account, query).await;
        assert!(page.text.contains("<input type=\"checkbox\" name=\"keep\" value=\"yes\" id=\"keep\" aria-describedby=\"keep-words\"><label"), "unticked: {}", page.text);
        pays_by_card(&mut ada, &page, &card("4242424242424242")).await.is(200);
        let page = reviews(&mut ada, &account, query).await;
        let declined = pays_by_card(&mut ada, &page, &kept(card(DECLINED))).await;
        assert!(declined.text.contains("Declined"), "{}", declined.text);
        assert!(methods(agency, &customer).await.is_empty());
        let mut charge = String::new();
        // Twice, and it is kept once.
        for _ in 0..2 {
            let page = reviews(&mut ada, &account, query).await;
            pays_by_card(&mut ada, &page, &kept(card("4242424242424242"))).await.is(200);
            charge = payment(&ada);
        }
        let all = methods(agency, &customer).await;
        assert_eq!(all.len(), 1);
        assert_eq!((&all[0]["last_four"], &all[0]["card_token"]["card_holder"], &all[0]["is_primary"]), (&json!("4242"), &json!("Ada Lovelace"), &json!(true)));
        let given = agency.charge(&charge).await["authorization"].clone();
        assert_eq!(given["text_version"], "card-single-en-1 card-kept-en-1");
        assert!(given["text"].as_str().unwrap().contains("\nAcme Recovery keeps this card for payments that I make myself"), "{given}");
        // An account as well, while its debit is on its way; and what is kept pays.
        let page = reviews(&mut ada, &account, "how=part&amount=1&with=bank").await;
        pays_by_card(&mut ada, &page, &kept(bank("000123456789"))).await.is(200);
        assert_eq!(methods(agency, &customer).await.len(), 2);
        let page = ada.get(&format!("{account}/pay")).await;
        assert!(page.text.contains("Visa card ending in 4242") && page.text.contains("Bank account ending in 6789"), "{}", page.text);
        let method = all[0]["id"].as_str().unwrap();
        assert_eq!(agency.state(&pays_by_saved(agency, &customer, &debt, (method, "2.00")).await).await, "succeeded");
        agency.books_hold().await;
    }

    async fn what_somebody_keeps_they_can_delete_and_nobody_else_can(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (visa, bank) = (agency.method_of(&customer, "tok_visa").await, agency.method_of(&customer, "tok_bank").await);
        let (other, theirs) = known(agency).await;
        let foreign = agency.method_of(&other, "tok_mastercard").await;
        let (mut ada, _) = ada(agency, &customer, &debt).await;
        let page = ada.get("/portal/methods").await;
        for told in ["Visa card ending in 4242", "Bank account ending in", &visa, &bank] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        assert!(!page.text.contains(&foreign), "{}", page.text);
        for nobodys in [&foreign, "0193c0de-0000-7000-8000-000000000000", "x"] {
            assert_eq!(ada.send(&format!("/portal/methods/{nobodys}/delete"), &[]).await.status, 404, "{nobodys}");
            ada.get("/portal/methods").await.is(200);
        }
        assert_eq!(methods(agency, &other).await.len(), 1);
        // Not while a debit of it is on its way, nor where a plan charges it.
        pays_by_saved(agency, &customer, &debt, (&bank, "1.00")).await;
        let refused = ada.send(&format!("/portal/methods/{bank}/delete"), &[]).await;
        assert!(refused.status == 422 && refused.text.contains("still needs it"), "{}", refused.text);
        ada.get("/portal/methods").await.is(200);
        let gone = ada.send(&format!("/portal/methods/{visa}/delete"), &[]).await;
        assert!(gone.text.contains("Deleted.") && !gone.text.contains("4242"), "{}", gone.text);
        agency.seconds(3_600).await;
        agency.steps().await;
        let gone = ada.send(&format!("/portal/methods/{bank}/delete"), &[]).await;
        assert!(gone.text.contains("No card and no bank account"), "{}", gone.text);
        assert!(methods(agency, &customer).await.is_empty());
        // Of somebody else nothing is gone.
        let mut bob = Browser::new(agency);
        bob.comes_by(&link_of(agency, &other).await).await.is(200);
        assert!(bob.get("/portal/methods").await.text.contains(&foreign), "{theirs}");
        agency.books_hold().await;
    }

    async fn a_number_is_tried_ten_times_a_day_by_whomever(agency: &Agency) {
        let (one, first) = known(agency).await;
        let (two, second) = known(agency).await;
        for n in 0..10 {
            let (customer, debt) = if n % 2 == 0 { (&one, &first) } else { (&two, &second) };
            assert!(tries(agency, customer, debt, DECLINED).await.text.contains("Declined"));
        }
        let asked = agency.many("/charges").await;
        assert_eq!(tries(agency, &one, &first, DECLINED).await.status, 429);
        assert_eq!(agency.many("/charges").await, asked);
        // Another number is another matter; and so is a payment that succeeds, however often.
        for _ in 0..12 {
            assert!(tries(agency, &two, &second, "5555555555554444").await.text.contains("Paid"));
        }
        agency.seconds(86_401).await;
        assert!(tries(agency, &one, &first, DECLINED).await.text.contains("Declined"));
        agency.books_hold().await;
    }

    async fn numbers_of_one_range_and_all_new_ones_are_counted_together(agency: &Agency) {
        let (one, first) = known(agency).await;
        let (two, second) = known(agency).await;
        assert!(tries(agency, &one, &first, DECLINED).await.text.contains("Declined"));
        // As if twenty-nine others had been tried since, by others: another number of that range is refused, and no other range.
        agency.sql("UPDATE velocity_count SET tries = 30").await;
        assert_eq!(tries(agency, &two, &second, "4000000000009995").await.status, 429);
        assert!(tries(agency, &two, &second, "4242424242424242").await.text.contains("Paid"));
        agency.seconds(3_600).await;
        assert!(tries(agency, &two, &second, "4000000000009995").await.text.contains("Declined"));
        // Where very many are declined, no new ones are taken for an hour; what is saved still pays.
        agency.sql("UPDATE velocity_count SET tries = 300").await;
        let (three, third) = known(agency).await;
        assert_eq!(tries(agency, &three, &third, "5555555555554444").await.status, 429);
        let saved = agency.method_of(&three, "tok_visa").await;
        assert_eq!(agency.state(&pays_by_saved(agency, &three, &third, (&saved, "1.00")).await).await, "succeeded");
        agency.seconds(3_600).await;
        assert!(tries(agency, &three, &third, "5555555555554444").await.text.contains("Paid"));
        // What is over is forgotten.
        agency.days(2).await;
        agency.steps().await;
        assert_eq!(agency.number("SELECT count(*) FROM velocity_count").await, 0);
    }
}

on_both_engines! { in threads
    async fn of_many_tries_at_once_no_more_are_taken_than_may_be(agency: &Agency) {
        let tenant = agency.tenant(books::orgs::Environment::Sandbox).await;
        let (customer, _) = known(agency).await;
        let id = books::people::CustomerId(customer.parse().unwrap());
        let limits = velocity::of_payment(id, None);
        let tries = (0..40).map(|_| async { agency.db.run(&Try { tenant: &tenant, limits: &limits }).await });
        let done = futures_util::future::join_all(tries).await;
        assert_eq!(done.iter().filter(|tried| tried.is_ok()).count(), 10);
        assert!(done.iter().filter_map(|tried| tried.as_ref().err()).all(|refused| refused.code() == Some(Code::RateLimited)));
    }

    async fn of_a_hundred_stolen_cards_at_once_ten_are_asked_about(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (mut eve, account) = ada(agency, &customer, &debt).await;
        let page = reviews(&mut eve, &account, "how=part&amount=1&with=card").await;
        let path = eve.place().to_owned();
        let fields = card(DECLINED).iter().map(|(name, value)| format!("&{name}={}", value.replace(' ', "+"))).collect::<String>();
        let forms = (0..100).map(|_| {
            let once = agency.db.seams().id::<base::ids::Uuid>();
            format!("form={}&once={once}&words={}{fields}", hidden(&page, "form"), hidden(&page, "words"))
        });
        let sends = forms.map(|form| {
            let ask = agency.ask(http::Method::POST, &path).nobody().header("cookie", &eve.cookie_line()).form(&form);
            ask.send()
        });
        let answers = futures_util::future::join_all(sends).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 10);
        assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 90);
        assert_eq!(agency.many("/charges").await, 10);
    }
}
