//! Paying on the portal: once, whatever is chosen how often, and with a result that leaves no doubt.

use http::Method;
use serde_json::json;

use super::browser::{Browser, known, link, link_of};
use crate::support::agency::Agency;
use crate::support::client::Answer;

/// What is hidden on a page under this name.
pub(super) fn hidden(page: &Answer, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let rest = page.text.split(&mark).nth(1).unwrap_or_else(|| panic!("no {name}: {}", page.text));
    rest.split('"').next().unwrap().to_owned()
}

/// A browser of somebody who came in, and the path of their account.
pub(super) async fn ada<'a>(agency: &'a Agency, customer: &str, debt: &str) -> (Browser<'a>, String) {
    let mut ada = Browser::new(agency);
    ada.comes_by(&link_of(agency, customer).await).await.is(200);
    (ada, format!("/portal/accounts/{debt}"))
}

/// Goes from the account to the page that says what will happen.
pub(super) async fn reviews(browser: &mut Browser<'_>, account: &str, query: &str) -> Answer {
    browser.get(&format!("{account}/pay")).await.is(200);
    browser.get(&format!("{account}/review?{query}")).await
}

/// Chooses the button of that page.
pub(crate) async fn pays(browser: &mut Browser<'_>, account: &str, review: &Answer) -> Answer {
    let all = ["once", "cents", "method", "words"].map(|name| (name, hidden(review, name)));
    let fields: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.send(&format!("{account}/review"), &fields).await
}

pub(super) fn card(number: &str) -> Vec<(&'static str, String)> {
    [
        ("holder", "Ada Lovelace"),
        ("number", number),
        ("month", "12"),
        ("year", "30"),
        ("code", "123"),
        ("zip", "12207"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

/// Sends a card or a bank account on the page where it is written.
pub(super) async fn pays_by_card(
    browser: &mut Browser<'_>,
    review: &Answer,
    fields: &[(&'static str, String)],
) -> Answer {
    let (path, once, words) = (browser.place().to_owned(), hidden(review, "once"), hidden(review, "words"));
    let mut all = vec![("once", once.as_str()), ("words", words.as_str())];
    all.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
    browser.send(&path, &all).await
}

/// Somebody pays this much by a saved method; the payment's id.
pub(crate) async fn pays_by_saved(
    agency: &Agency,
    customer: &str,
    debt: &str,
    (method, dollars): (&str, &str),
) -> String {
    let (mut browser, account) = ada(agency, customer, debt).await;
    let review = reviews(&mut browser, &account, &format!("how=part&amount={dollars}&with={method}")).await;
    pays(&mut browser, &account, &review).await.is(200);
    browser.place().strip_prefix("/portal/payments/").expect("it shows the payment").to_owned()
}

on_both_engines! {
    async fn a_part_and_then_the_rest_are_paid_with_a_saved_method(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let page = ada.get(&format!("{account}/pay")).await;
        assert!(page.text.contains("Visa card ending in 4242") && page.text.contains("All of it: $123.45"), "{}", page.text);
        let review = reviews(&mut ada, &account, &format!("how=part&amount=%2423.45&with={method}")).await;
        for told in ["Pay $23.45", "$100.00", "General Memorial Hospital", "authorize Acme Recovery to charge my card ending in 4242, once: USD 23.45."] {
            assert!(review.text.contains(told), "{told}: {}", review.text);
        }
        assert_eq!(agency.many("/charges").await, 0, "nothing is charged before the button");
        let paid = pays(&mut ada, &account, &review).await;
        assert!(ada.place().starts_with("/portal/payments/"), "{}", paid.text);
        for told in ["Paid", "$23.45", "Visa card ending in 4242", "$100.00", "print this page"] {
            assert!(paid.text.contains(told), "{told}: {}", paid.text);
        }
        assert_eq!(agency.owed(&debt).await, 100_00);
        let review = reviews(&mut ada, &account, &format!("how=whole&amount=&with={method}")).await;
        pays(&mut ada, &account, &review).await.is(200);
        assert_eq!(agency.owed(&debt).await, 0);
        let charges = agency.get("/charges?payment_source=portal").await;
        assert_eq!(charges.is(200)["data"].as_array().unwrap().len(), 2);
        assert!(ada.get(&account).await.text.contains("Paid in full"));
        let list = ada.get("/portal/payments").await;
        assert!(list.text.contains("$23.45") && list.text.contains("$100.00"), "{}", list.text);
        let over = ada.get(&format!("{account}/pay")).await;
        assert!(over.text.contains("Nothing can be paid"), "{}", over.text);
        agency.steps().await;
        assert_eq!(agency.letters.given().iter().filter(|letter| letter.to == "ada@example.com").count(), 2, "a receipt of each");
        agency.books_hold().await;
    }

    async fn a_card_is_written_on_a_page_of_its_own_and_never_shown_again(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let page = reviews(&mut ada, &account, "how=part&amount=50&with=card").await;
        assert_eq!(ada.place(), format!("/portal/tokenizer/card/{debt}/5000"));
        // What is wrong is said field by field, and what was written comes back without its numbers.
        let mut wrong = card("4242424242424241");
        wrong[2].1 = "13".into();
        wrong[4].1 = "12".into();
        wrong[5].1 = "1220".into();
        let again = pays_by_card(&mut ada, &page, &wrong).await;
        assert_eq!(again.status, 422);
        for field in ["number", "month", "code", "zip"] {
            assert!(again.text.contains(&format!("href=\"#{field}\"")), "{field}: {}", again.text);
        }
        assert!(again.text.contains("Ada Lovelace") && !again.text.contains("424242424242"), "{}", again.text);
        assert_eq!(hidden(&again, "once"), hidden(&page, "once"));
        let paid = pays_by_card(&mut ada, &again, &card("4242 4242 4242 4242")).await;
        assert!(paid.text.contains("Paid") && paid.text.contains("ending in 4242"), "{}", paid.text);
        assert_eq!(agency.owed(&debt).await, 73_45);
        assert_eq!(agency.many(&format!("/payment-methods?customer_id={customer}")).await, 0, "it is not kept");
        agency.books_hold().await;
    }

    async fn a_declined_card_says_why_and_another_one_may_be_tried(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        for (number, why) in [("4000000000009995", "not enough money"), ("4000000000000127", "security code was not right"), ("4000000000000002", "Your bank did not allow it")] {
            let page = reviews(&mut ada, &account, "how=whole&with=card").await;
            let declined = pays_by_card(&mut ada, &page, &card(number)).await;
            assert!(declined.text.contains("Declined: nothing was paid") && declined.text.contains(why), "{why}: {}", declined.text);
        }
        assert_eq!(agency.owed(&debt).await, 123_45);
        let page = reviews(&mut ada, &account, "how=whole&with=card").await;
        pays_by_card(&mut ada, &page, &card("4242424242424242")).await.is(200);
        assert_eq!(agency.owed(&debt).await, 0);
        agency.books_hold().await;
    }

    async fn an_answer_that_is_lost_is_looked_for_and_found_by_the_page_itself(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_answer_lost").await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let review = reviews(&mut ada, &account, &format!("how=whole&with={method}")).await;
        let checking = pays(&mut ada, &account, &review).await;
        assert!(checking.text.contains("You have not been charged twice"), "{}", checking.text);
        assert_eq!(checking.headers["refresh"], "10");
        let place = ada.place().to_owned();
        let twice = pays(&mut ada, &account, &review).await;
        assert_eq!(ada.place(), place, "{}", twice.text);
        agency.seconds(60).await;
        agency.steps().await;
        let paid = ada.get(&place).await;
        assert!(paid.text.contains("Paid") && paid.headers.get("refresh").is_none(), "{}", paid.text);
        assert_eq!(agency.owed(&debt).await, 0);
        agency.books_hold().await;
    }

    async fn what_the_account_does_not_allow_is_explained_and_charges_nothing(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        let path = format!("/debt-accounts/{debt}");
        agency.put(&path, json!({ "rules": { "min_payment_amount": 20_00 } })).await.is(200);
        for (amount, why) in [("19.99", "at least $20.00"), ("123.46", "at most $123.45"), ("", "an amount in dollars"), ("-5", "an amount in dollars"), ("1e9", "an amount in dollars")] {
            let refused = reviews(&mut ada, &account, &format!("how=part&amount={amount}&with={method}")).await;
            assert_eq!(refused.status, 422, "{amount}: {}", refused.text);
            assert!(refused.text.contains(why) && refused.text.contains("href=\"#amount\""), "{amount}: {}", refused.text);
        }
        let nothing = reviews(&mut ada, &account, "how=whole&with=nothing").await;
        assert!(nothing.status == 422 && nothing.text.contains("href=\"#with\"") && nothing.text.contains("id=\"with\""), "{}", nothing.text);
        let both = reviews(&mut ada, &account, &format!("how=whole&amount=50&with={method}")).await;
        assert!(both.status == 422 && both.text.contains("Choose one of the two"), "{}", both.text);
        // Nobody pays with another's card.
        let other = agency.customer().await;
        let theirs = agency.method_of(&other, "tok_mastercard").await;
        assert_eq!(reviews(&mut ada, &account, &format!("how=whole&with={theirs}")).await.status, 422);
        // Only the whole of it.
        agency.put(&path, json!({ "billing_type": ["full-amount-payment"] })).await.is(200);
        let only = reviews(&mut ada, &account, &format!("how=part&amount=50&with={method}")).await;
        assert!(only.status == 422 && only.text.contains("Only all of it") && only.text.contains("id=\"amount\""), "{}", only.text);
        agency.put(&path, json!({ "billing_type": ["payment-plan"] })).await.is(200);
        assert!(ada.get(&format!("{account}/pay")).await.text.contains("in instalments"));
        agency.put(&path, json!({ "billing_type": [] })).await.is(200);
        // What comes in between the page and its button.
        let review = reviews(&mut ada, &account, &format!("how=whole&with={method}")).await;
        agency.put(&path, json!({ "current_balance": 100_00 })).await.is(200);
        let refused = pays(&mut ada, &account, &review).await;
        assert!(refused.status == 422 && refused.text.contains("at most $100.00"), "{}", refused.text);
        let review = reviews(&mut ada, &account, &format!("how=whole&with={method}")).await;
        agency.post("/blocks", json!({ "debt_account_id": debt, "reason": "paid_to_client" })).await.made();
        let refused = pays(&mut ada, &account, &review).await;
        assert!(refused.text.contains("Nothing can be paid"), "{}", refused.text);
        assert_eq!(agency.many("/charges").await, 0);
    }

    async fn who_changes_the_language_keeps_what_was_chosen(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "current_balance": 2_000_00 })).await.is(200);
        let method = agency.method_of(&customer, "tok_visa").await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        for (chosen, button) in [("how=part&amount=1,234.5", "Pagar $1,234.50"), ("how=whole", "Pagar $2,000.00")] {
            let review = reviews(&mut ada, &account, &format!("{chosen}&with={method}")).await;
            let here = hidden(&review, "to").replace("&#38;", "&");
            let page = ada.send("/portal/language", &[("language", "es"), ("to", &here)]).await;
            assert!(page.status == 200 && page.text.contains(button), "{here}: {}", page.text);
            ada.send("/portal/language", &[("language", "en"), ("to", "/portal/accounts")]).await.is(200);
        }
        // Whoever comes back without their choices is told of no mistake.
        let page = ada.get(&format!("{account}/review")).await;
        assert_eq!((page.status, ada.place()), (200, &*format!("{account}/pay")));
    }

    async fn whoever_tests_cards_is_stopped_after_ten(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (mut eve, account) = ada(agency, &customer, &debt).await;
        for _ in 0..10 {
            let page = reviews(&mut eve, &account, "how=part&amount=1&with=card").await;
            assert!(pays_by_card(&mut eve, &page, &card("4000000000000002")).await.text.contains("Declined"));
        }
        let asked = agency.many("/charges").await;
        for number in ["4000000000000002", "4242424242424242"] {
            let page = reviews(&mut eve, &account, "how=part&amount=1&with=card").await;
            let refused = pays_by_card(&mut eve, &page, &card(number)).await;
            assert!(refused.status == 429 && refused.text.contains("Too many payments"), "{}", refused.text);
        }
        assert_eq!(agency.many("/charges").await, asked);
        agency.seconds(86_401).await;
        eve.comes_by(&link_of(agency, &customer).await).await.is(200);
        let page = reviews(&mut eve, &account, "how=part&amount=1&with=card").await;
        assert!(pays_by_card(&mut eve, &page, &card("4242424242424242")).await.text.contains("Paid"));
    }

    async fn whoever_has_paid_may_go_on_to_where_the_session_says(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let allow = async |origins: &[&str]| agency.put("/organization", json!({ "allowed_origins": origins })).await.is(200).clone();
        allow(&["https://shop.example"]).await;
        let session = json!({ "debt_account_id": debt, "destination": "account_checkout", "return_url": "https://shop.example/thanks?a=1&b=2" });
        let mut ada = Browser::new(agency);
        ada.comes_by(&link(agency, session).await).await.is(200);
        let account = format!("/portal/accounts/{debt}");
        assert_eq!(ada.place(), format!("{account}/pay"));
        let review = reviews(&mut ada, &account, &format!("how=part&amount=1&with={method}")).await;
        let paid = pays(&mut ada, &account, &review).await;
        assert!(paid.text.contains("href=\"https://shop.example/thanks?a=1&#38;b=2\""), "{}", paid.text);
        // Not to where the organization does not allow any more, and not after a payment that they did not make here.
        let place = ada.place().to_owned();
        allow(&[]).await;
        assert!(!ada.get(&place).await.text.contains("shop.example"));
        allow(&["https://shop.example"]).await;
        let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 1_00 });
        let charge = agency.post("/charges", pays).await.made();
        assert!(!ada.get(&format!("/portal/payments/{charge}")).await.text.contains("shop.example"));
    }

    async fn a_payment_is_shown_to_whoever_made_it_alone(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 1_00 });
        let charge = agency.post("/charges", pays).await.made();
        let (other, theirs) = known(agency).await;
        let (mut bob, _) = ada(agency, &other, &theirs).await;
        assert_eq!(bob.get(&format!("/portal/payments/{charge}")).await.status, 404);
        assert!(!bob.get("/portal/payments").await.text.contains(&charge));
        assert_eq!(bob.get("/portal/payments/x").await.status, 404);
        assert_eq!(bob.get("/portal/payments?before=x").await.status, 404);
        let (mut ada, _) = ada(agency, &customer, &debt).await;
        assert!(ada.get(&format!("/portal/payments/{charge}")).await.text.contains("$1.00"));
    }

    async fn a_receipt_is_kept_as_a_file_in_the_language_of_the_page(agency: &Agency) {
        agency.put("/organization", json!({ "brand": { "support_phone": "(212) 555-0100" } })).await.is(200);
        let (customer, debt) = known(agency).await;
        let (mut browser, account) = ada(agency, &customer, &debt).await;
        let page = reviews(&mut browser, &account, "how=part&amount=50&with=card").await;
        let paid = pays_by_card(&mut browser, &page, &card("4242 4242 4242 4242")).await;
        let path = format!("{}/receipt.pdf", browser.place());
        assert!(paid.text.contains(&format!("href=\"{path}\"")), "{}", paid.text);
        let id = path.split('/').nth(3).unwrap().to_owned();
        let file = browser.get(&path).await;
        let head = |answer: &Answer, name: &str| answer.headers[name].to_str().unwrap().to_owned();
        assert_eq!((file.status, head(&file, "content-type")), (200, "application/pdf".into()));
        assert_eq!(head(&file, "content-disposition"), format!("attachment; filename*=UTF-8''receipt-{id}.pdf"));
        let holds = |answer: &Answer, words: &str| String::from_utf8_lossy(&answer.bytes).contains(words);
        assert!(file.bytes.starts_with(b"%PDF-") && holds(&file, "Receipt") && !holds(&file, "Recibo"));
        let page = path.strip_suffix("/receipt.pdf").unwrap();
        browser.get(page).await.is(200);
        browser.send("/portal/language", &[("language", "es"), ("to", page)]).await.is(200);
        let file = browser.get(&path).await;
        assert!(holds(&file, "Recibo") && head(&file, "content-disposition").contains("recibo-"));
        // Of nobody else's, and of none that is not decided.
        let (other, theirs) = known(agency).await;
        let (mut bob, _) = ada(agency, &other, &theirs).await;
        assert_eq!(bob.get(&path).await.status, 404);
        let method = agency.method_of(&customer, "tok_visa").await;
        let later = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 1_00, "scheduled_at": agency.day(3) });
        let later = agency.post("/charges", later).await.made();
        let page = browser.get(&format!("/portal/payments/{later}")).await;
        assert!(page.status == 200 && !page.text.contains("receipt.pdf"), "{}", page.text);
        assert_eq!(browser.get(&format!("/portal/payments/{later}/receipt.pdf")).await.status, 404);
    }

    async fn long_lists_of_payments_go_on(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let mut all = Vec::new();
        for cents in 1..=30 {
            let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": cents });
            all.push(agency.post("/charges", pays).await.made());
        }
        let (mut ada, _) = ada(agency, &customer, &debt).await;
        let first = ada.get("/portal/payments").await;
        let older = first.text.split("/portal/payments?before=").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let second = ada.get(&format!("/portal/payments?before={older}")).await;
        let on = |page: &Answer| all.iter().filter(|id| page.text.contains(&format!("/portal/payments/{id}"))).count();
        assert_eq!((on(&first), on(&second)), (25, 5));
        assert!(!second.text.contains("href=\"/portal/payments?before="), "{}", second.text);
    }
}

on_both_engines! { in threads
    async fn a_button_that_is_chosen_three_times_at_once_pays_once(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let (mut ada, account) = ada(agency, &customer, &debt).await;
        for round in 1..=10 {
            let review = reviews(&mut ada, &account, &format!("how=part&amount=1&with={method}")).await;
            let form = format!(
                "form={}&once={}&cents={}&method={}&words={}",
                hidden(&review, "form"), hidden(&review, "once"), hidden(&review, "cents"), hidden(&review, "method"), hidden(&review, "words")
            );
            let send = async || {
                let ask = agency.ask(Method::POST, &format!("{account}/review")).nobody().header("cookie", &ada.cookie_line());
                ask.form(&form).send().await
            };
            let (one, two, three) = futures_util::future::join3(send(), send(), send()).await;
            let to = |answer: &Answer| (answer.status, answer.headers.get("location").map(|to| to.to_str().unwrap().to_owned()));
            assert_eq!(to(&one).0, 303, "{}", one.text);
            assert_eq!((to(&one), to(&one)), (to(&two), to(&three)));
            assert_eq!(agency.many("/charges").await, round);
        }
        assert_eq!(agency.owed(&debt).await, 113_45);
        agency.books_hold().await;
    }
}
