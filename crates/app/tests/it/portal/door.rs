//! Getting in by a link, and who does not.

use edge::Access;
use http::{HeaderMap, Method};
use serde_json::json;

use super::browser::{Browser, known, link, link_of, says_nothing};
use crate::support::agency::Agency;
use crate::support::client::Answer;

const BIRTH: &[(&str, &str)] =
    &[("question", "date_of_birth"), ("month", "6"), ("day", "5"), ("year", "1987")];
const NOT_BORN: &[(&str, &str)] =
    &[("question", "date_of_birth"), ("month", "6"), ("day", "6"), ("year", "1987")];

#[track_caller]
fn is_in(page: &Answer) {
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("$123.45"), "{}", page.text);
}

#[track_caller]
fn asks(page: &Answer, what: &str) {
    assert!(page.text.contains(&format!("name=\"question\" value=\"{what}\"")), "{}", page.text);
    says_nothing(page);
}

on_both_engines! {
    async fn a_link_shows_a_name_and_a_button_and_only_the_button_lets_in(agency: &Agency) {
        agency.put("/organization", json!({ "name": "Acme <Recovery>", "brand": { "support_phone": "(212) 555-0100", "primary_color": "#1a5fb4" } })).await.is(200);
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        // Scanners look at every link there is in a mail, however often, and nothing comes of it.
        let before = agency.get("/customer-sessions").await.text;
        for method in [Method::GET, Method::HEAD].iter().cycle().take(20) {
            let seen = agency.ask(method.clone(), &link).nobody().send().await;
            assert_eq!(seen.status, 200);
            says_nothing(&seen);
        }
        assert_eq!(agency.get("/customer-sessions").await.text, before);
        let mut ada = Browser::new(agency);
        let door = ada.get(&link).await;
        assert!(door.text.contains("Acme &#60;Recovery&#62;") && door.text.contains("(212) 555-0100"), "{}", door.text);
        assert!(door.text.contains("/portal/colors/1a5fb4.css"), "{}", door.text);
        is_in(&ada.send(&link, &[]).await);
        assert_eq!(ada.place(), "/portal/accounts");
        // She is in until she leaves, and the link knows her browser.
        is_in(&ada.get("/portal/accounts").await);
        is_in(&ada.comes_by(&link).await);
        assert_ne!(agency.get("/customer-sessions").await.json["data"][0]["last_used_at"], json!(null));
    }

    async fn any_other_browser_says_first_who_it_is(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        is_in(&Browser::new(agency).comes_by(&link).await);
        let mut other = Browser::new(agency);
        let asked = other.comes_by(&link).await;
        asks(&asked, "date_of_birth");
        other.get("/portal/accounts").await.is(401);
        other.get(&link).await.is(200);
        is_in(&other.send(&link, BIRTH).await);
        is_in(&other.comes_by(&link).await);
    }

    async fn it_is_asked_for_what_is_known_and_the_hardest_to_guess(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        Browser::new(agency).comes_by(&link).await.is(200);
        let change = async |what| agency.put(&format!("/customers/{customer}"), what).await.is(200).clone();
        change(json!({ "date_of_birth": null })).await;
        let mut other = Browser::new(agency);
        asks(&other.comes_by(&link).await, "ssn_last4");
        is_in(&other.send(&link, &[("question", "ssn_last4"), ("answer", " 0042 ")]).await);
        change(json!({ "ssn_last4": null })).await;
        let mut other = Browser::new(agency);
        asks(&other.comes_by(&link).await, "postal_code");
        is_in(&other.send(&link, &[("question", "postal_code"), ("answer", "12207")]).await);
        // Of whom nothing is known, nothing can be asked.
        let stranger = agency.customer().await;
        let link = link_of(agency, &stranger).await;
        Browser::new(agency).comes_by(&link).await.is(200);
        let refused = Browser::new(agency).comes_by(&link).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text.contains("Please contact us"), "{}", refused.text);
        says_nothing(&refused);
    }

    async fn five_wrong_answers_close_a_link_to_whoever_is_not_in(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        let mut ada = Browser::new(agency);
        is_in(&ada.comes_by(&link).await);
        let (mut one, mut two) = (Browser::new(agency), Browser::new(agency));
        one.comes_by(&link).await.is(200);
        two.comes_by(&link).await.is(200);
        // What is no answer costs nothing.
        for (month, year) in [("", "1987"), ("13", "1987"), ("6", "87"), ("x", "1987")] {
            let wrong = one.send(&link, &[("question", "date_of_birth"), ("month", month), ("day", "5"), ("year", year)]).await;
            assert_eq!(wrong.status, 422);
            assert!(wrong.text.contains("href=\"#month\"") && wrong.text.contains("aria-invalid"), "{}", wrong.text);
            asks(&wrong, "date_of_birth");
        }
        for left in ["4 more times", "3 more times", "2 more times", "once more"] {
            let wrong = one.send(&link, NOT_BORN).await;
            assert_eq!(wrong.status, 422);
            assert!(wrong.text.contains(left), "{left}: {}", wrong.text);
        }
        // A fifth by another browser, and to another question, which is not asked.
        let closed = two.send(&link, &[("question", "ssn_last4"), ("answer", "0043")]).await;
        assert_eq!(closed.status, 403);
        says_nothing(&closed);
        one.get(&link).await.is(200);
        assert_eq!(one.send(&link, BIRTH).await.text, closed.text, "not even the right one is taken");
        is_in(&ada.comes_by(&link).await);
    }

    async fn an_organization_may_want_it_from_everybody(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        let mut ada = Browser::new(agency);
        is_in(&ada.comes_by(&link).await);
        agency.put("/organization", json!({ "portal": { "check": "sometimes" } })).await.invalid("portal.check");
        let set = agency.put("/organization", json!({ "portal": { "check": "always" } })).await;
        assert_eq!(set.data()["portal"]["check"], "always");
        let link = link_of(agency, &customer).await;
        asks(&ada.comes_by(&link).await, "date_of_birth");
        is_in(&ada.send(&link, BIRTH).await);
        agency.put("/organization", json!({ "portal": { "check": "other_browsers" } })).await.is(200);
        is_in(&Browser::new(agency).comes_by(&link_of(agency, &customer).await).await);
    }

    async fn a_link_that_we_sent_asks_whoever_opens_it(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link(agency, json!({ "customer_id": customer, "send_by": "email" })).await;
        let mut ada = Browser::new(agency);
        asks(&ada.comes_by(&link).await, "date_of_birth");
        is_in(&ada.send(&link, BIRTH).await);
    }

    async fn a_browser_that_somebody_came_in_by_needs_no_more_for_their_other_links(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let (first, second) = (link_of(agency, &customer).await, link_of(agency, &customer).await);
        let mut ada = Browser::new(agency);
        is_in(&ada.comes_by(&first).await);
        is_in(&Browser::new(agency).comes_by(&second).await);
        is_in(&ada.comes_by(&second).await);
        is_in(&ada.comes_by(&first).await);
        // One that we sent asks all the same, as long as it was never answered in that browser.
        let sent = link(agency, json!({ "customer_id": customer, "send_by": "email" })).await;
        asks(&ada.comes_by(&sent).await, "date_of_birth");
        is_in(&ada.send(&sent, BIRTH).await);
        is_in(&ada.comes_by(&link(agency, json!({ "customer_id": customer, "send_by": "email" })).await).await);
        // Somebody else's link is nothing of hers.
        let (other, _) = known(agency).await;
        let theirs = link_of(agency, &other).await;
        is_in(&Browser::new(agency).comes_by(&theirs).await);
        asks(&ada.comes_by(&theirs).await, "date_of_birth");
    }

    async fn whoever_logs_out_is_out(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        let mut ada = Browser::new(agency);
        is_in(&ada.comes_by(&link).await);
        let before = ada.cookies.clone();
        let left = ada.send("/portal/leave", &[]).await;
        assert_eq!(left.status, 200);
        says_nothing(&left);
        assert!(!ada.cookies.contains_key("__Host-quittance"));
        // Not even by a cookie that somebody kept.
        ada.cookies = before;
        let refused = ada.get("/portal/accounts").await;
        assert_eq!(refused.status, 401);
        assert!(refused.headers.get("www-authenticate").is_none());
        says_nothing(&refused);
        asks(&ada.comes_by(&link).await, "date_of_birth");
    }

    async fn a_session_that_ended_shows_nothing_any_more(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let account = format!("/customers/{customer}");
        // Revoked, locked, and again.
        let made = agency.post("/customer-sessions", json!({ "customer_id": customer })).await.data();
        let path = made["portal_url"].as_str().unwrap().replace("https://pay.example.com", "");
        let mut ada = Browser::new(agency);
        is_in(&ada.comes_by(&path).await);
        agency.put(&account, json!({ "status": "locked" })).await.is(200);
        says_nothing(&ada.get("/portal/accounts").await);
        agency.put(&account, json!({ "status": "active" })).await.is(200);
        is_in(&ada.get("/portal/accounts").await);
        agency.delete(&format!("/customer-sessions/{}", made["id"].as_str().unwrap())).await.is(200);
        assert_eq!(ada.get("/portal/accounts").await.status, 401);

        // Run out, with a place to go to and without.
        agency.put("/organization", json!({ "allowed_origins": ["https://shop.example"] })).await.is(200);
        let fixed = link(agency, json!({ "customer_id": customer, "expires_in": 7_200, "expiration_return_url": "https://shop.example/over" })).await;
        let bare = link(agency, json!({ "customer_id": customer, "expires_in": 7_200 })).await;
        let (mut one, mut two) = (Browser::new(agency), Browser::new(agency));
        is_in(&one.comes_by(&fixed).await);
        is_in(&two.comes_by(&bare).await);
        agency.seconds(7_199).await;
        is_in(&one.get("/portal/accounts").await);
        is_in(&two.get("/portal/accounts").await);
        agency.seconds(1).await;
        for path in ["/portal/accounts", &fixed] {
            let away = one.get(path).await;
            assert_eq!((away.status, away.headers["location"].to_str().unwrap()), (303, "https://shop.example/over"));
        }
        // No browser follows a form to another site: a page says where to go on.
        for (path, status) in [("/portal/leave", 401), (&*fixed, 404)] {
            let page = one.send(path, &[]).await;
            assert_eq!((page.status, page.headers.get("location")), (status, None));
            assert!(page.text.contains("href=\"https://shop.example/over\""), "{}", page.text);
            says_nothing(&page);
        }
        let over = two.get("/portal/accounts").await;
        assert_eq!(over.status, 401);
        says_nothing(&over);
        assert_eq!(two.get(&bare).await.status, 404);

        // Deleted: with the customer goes the browser.
        let gone = agency.customer().await;
        let link = link_of(agency, &gone).await;
        let mut browser = Browser::new(agency);
        browser.comes_by(&link).await.is(200);
        agency.delete(&format!("/customers/{gone}")).await.is(200);
        assert_eq!(browser.get("/portal/accounts").await.status, 401);
    }

    async fn a_sliding_session_lasts_a_day_after_each_use(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        let mut ada = Browser::new(agency);
        is_in(&ada.comes_by(&link).await);
        for _ in 0..5 {
            agency.seconds(86_399).await;
            is_in(&ada.get("/portal/accounts").await);
        }
        agency.seconds(86_400).await;
        assert_eq!(ada.get("/portal/accounts").await.status, 401);
        assert_eq!(ada.get(&link).await.status, 404);
        // One that lasts longer ends in a browser that was left alone, and opens again in it.
        let fixed = super::browser::link(agency, json!({ "customer_id": customer, "valid_until": 100 })).await;
        is_in(&ada.comes_by(&fixed).await);
        agency.seconds(86_400).await;
        assert_eq!(ada.get("/portal/accounts").await.status, 401);
        is_in(&ada.comes_by(&fixed).await);
    }

    async fn only_a_form_of_a_page_in_the_same_browser_changes_anything(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let plan = plan_on(agency, &customer, &debt).await;
        let dispute = agency.post("/debt-account-disputes", json!({ "debt_account_id": debt })).await.made();
        let link = link_of(agency, &customer).await;
        let (mut ada, mut eve) = (Browser::new(agency), Browser::new(agency));
        is_in(&ada.comes_by(&link).await);
        eve.get(&link).await.is(200);
        let theirs = eve.nonce();
        let (mut tried, own) = (0, ada.nonce());
        let log_in = agency.put("/organization", json!({ "portal": { "log_in": true } })).await;
        let log_in = log_in.is(200)["data"]["portal"]["log_in_path"].as_str().unwrap().trim_start_matches("/portal").to_owned();
        // Hosted fields know no browser: their own stories say what they believe.
        let rows = portal::table();
        for row in rows.rows().iter().filter(|row| row.method == Method::POST && !is_of_fields(&row.path)) {
            if row.path == "/in/{organization}" {
                continue; // production lets nobody in here; the sandbox's is the next row
            }
            let path = row.path.replace("/in/{organization}/sandbox", &log_in).replace("{link}", link.trim_start_matches("/portal/")).replace("{way}", "full-amount-payment");
            let path = path.replace("{account}", &debt).replace("{dispute}", &dispute).replace("{cents}", "100").replace("{method}", &debt);
            let path = path.replace("{plan}", &plan).replace("{instalment}", &plan).replace("{offer}", &plan).replace("{kind}", "bank");
            let path = format!("/portal{path}");
            let ask = |nonce: &str, headers: &[(&str, &str)]| {
                let ask = agency.ask(Method::POST, &path).nobody().header("cookie", &ada.cookie_line());
                let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
                ask.form(&format!("form={nonce}&language=es&to=/portal/accounts"))
            };
            let is_door = path.starts_with(&link) || path.ends_with(&log_in);
            let door = if is_door { Some(agency.ask(Method::GET, if path.ends_with(&log_in) { &path } else { &link }).nobody().header("cookie", &ada.cookie_line()).send().await) } else { None };
            let right = door.as_ref().map_or(own.clone(), |page| page.text.split("name=\"form\" value=\"").nth(1).unwrap()[..32].to_owned());
            let no_cookie = agency.ask(Method::POST, &path).nobody().form(&format!("form={right}"));
            for (what, ask) in [
                ("no nonce", ask("", &[("sec-fetch-site", "same-origin")])),
                ("another browser's nonce", ask(&theirs, &[("sec-fetch-site", "same-origin")])),
                ("another site's page", ask(&right, &[("sec-fetch-site", "cross-site"), ("origin", "https://pay.example.com"), ("host", "pay.example.com")])),
                ("a sister site's page", ask(&right, &[("sec-fetch-site", "same-site")])),
                ("another origin", ask(&right, &[("origin", "https://evil.example"), ("host", "pay.example.com")])),
                ("a longer origin", ask(&right, &[("origin", "https://pay.example.com.evil.example"), ("host", "pay.example.com")])),
                ("no cookie", no_cookie),
            ] {
                let refused = ask.send().await;
                let refusal = if what == "no cookie" && row.access == Access::Token { 401 } else { 403 };
                assert_eq!(refused.status, refusal, "{path} by {what}: {}", refused.text);
                says_nothing(&refused);
                tried += 1;
            }
        }
        assert!(tried >= 70, "only {tried}");
        is_in(&ada.get("/portal/accounts").await);
        assert_eq!(agency.many("/charges").await, 0);
        assert_eq!(agency.many("/debt-account-disputes?status=open").await, 1);
        assert_eq!(agency.get(&format!("/payment-plans/{plan}")).await.is(200)["data"]["state"], "active");
        // An older browser tells the origin alone, and none at all where pages send no referrer.
        for headers in [&[("origin", "https://pay.example.com"), ("host", "pay.example.com")][..], &[("origin", "null")], &[]] {
            let ask = agency.ask(Method::POST, "/portal/language").nobody().header("cookie", &ada.cookie_line());
            let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
            assert_eq!(ask.form(&format!("form={own}&language=es&to=/portal/accounts")).send().await.status, 303, "{headers:?}");
        }
    }

    async fn every_answer_carries_what_keeps_it_private(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let plan = plan_on(agency, &customer, &debt).await;
        let dispute = agency.post("/debt-account-disputes", json!({ "debt_account_id": debt })).await.made();
        let method = agency.method_of(&customer, "tok_visa").await;
        let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 1_00 });
        let payment = agency.post("/charges", pays).await.made();
        let letter = ("a.txt", "text/plain", &b"words"[..]);
        let document = agency.ask(Method::POST, &format!("/debt-accounts/{debt}/documents")).upload(&[("visible_to_customer", "true")], letter).send().await.made();
        let link = link_of(agency, &customer).await;
        let mut ada = Browser::new(agency);
        ada.comes_by(&link).await.is(200);
        let style = ada.page.as_ref().unwrap().1.text.split("href=\"/portal/style/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let mut looked_at = 0;
        for row in portal::table().rows().iter().filter(|row| !is_of_fields(&row.path)) {
            let path = row.path.replace("{link}", link.trim_start_matches("/portal/")).replace("{way}", "payment-plan");
            let path = path.replace("{account}", &debt).replace("{dispute}", &dispute).replace("{cents}", "100").replace("{payment}", &payment).replace("{document}", &document).replace("{method}", &method);
            let path = path.replace("{plan}", &plan).replace("{instalment}", &plan).replace("{offer}", &plan).replace("{kind}", "bank");
            let path = format!("/portal{}", path.replace("{version}", &style).replace("{color}", "1a5fb4.css"));
            for cookie in [ada.cookie_line(), String::new()] {
                let answer = agency.ask(row.method.clone(), &path).nobody().header("cookie", &cookie).form("").send().await;
                looked_at += 1;
                keeps_private(&path, &answer);
            }
        }
        for path in ["/portal", "/portal/", "/portal/nowhere/at/all", "/portal/accounts/nowhere"] {
            for method in [Method::GET, Method::PUT] {
                keeps_private(path, &agency.ask(method, path).nobody().header("cookie", &ada.cookie_line()).send().await);
            }
        }
        assert!(looked_at >= 48, "only {looked_at}");
    }

    async fn a_page_speaks_the_language_that_was_chosen_or_else_asked_for(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        let mut ada = Browser::new(agency);
        ada.language = "es-MX,es;q=0.9,en;q=0.8";
        let door = ada.get(&link).await;
        assert!(door.text.contains("<html lang=\"es\">") && door.text.contains("Continuar"), "{}", door.text);
        let page = ada.send("/portal/language", &[("language", "en"), ("to", &link)]).await;
        assert!(page.text.contains("<html lang=\"en\">"), "{}", page.text);
        assert_eq!(ada.place(), link);
        is_in(&ada.send(&link, &[]).await);
        let page = ada.send("/portal/language", &[("language", "es"), ("to", "/portal/accounts")]).await;
        assert!(page.text.contains("Sus cuentas"), "{}", page.text);
        for to in ["https://evil.example/", "//evil.example/portal/", "/portal/\\evil.example", "/api/v1/customers", ""] {
            let refused = ada.send("/portal/language", &[("language", "en"), ("to", to)]).await;
            assert_eq!(refused.status, 404, "{to}");
            ada.get("/portal/accounts").await.is(200);
        }
        // Who said that they read Spanish gets it, whatever their browser asks for.
        let (other, _) = known(agency).await;
        agency.put(&format!("/customers/{other}/preferences"), json!({ "language": "es" })).await.is(200);
        let mut bob = Browser::new(agency);
        let page = bob.comes_by(&link_of(agency, &other).await).await;
        assert!(page.text.contains("Sus cuentas"), "{}", page.text);
        // A refusal too.
        bob.cookies.remove("__Host-quittance");
        assert!(bob.get("/portal/accounts").await.text.contains("Abra su enlace otra vez"));
    }
}

/// A plan of somebody's; its id.
async fn plan_on(agency: &Agency, customer: &str, debt: &str) -> String {
    let method = agency.method_of(customer, "tok_visa").await;
    let plan = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 50_00, "frequency": "monthly" });
    agency.post("/payment-plans", plan).await.made()
}

/// Whether a path is of hosted fields, which alone may be framed and have a script.
fn is_of_fields(path: &str) -> bool {
    ["/tokenizer/fields/", "/fields.js", "/script/"].iter().any(|of| path.starts_with(of))
}

#[track_caller]
fn keeps_private(path: &str, answer: &Answer) {
    let headers: &HeaderMap = &answer.headers;
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    let is_style = path.ends_with(".css") && answer.status == 200;
    let kind = header("content-type");
    let is_file = ["/documents/", "/receipt.pdf"].iter().any(|of| path.contains(of)) && answer.status == 200;
    if is_file {
        assert!(header("content-disposition").starts_with("attachment;"), "{path}");
    }
    assert!(
        answer.status == 303
            || is_file
            || kind == if is_style { "text/css; charset=utf-8" } else { "text/html; charset=utf-8" },
        "{path}: {kind} {}",
        answer.text
    );
    assert_eq!(
        header("cache-control"),
        if is_style { "public, max-age=31536000, immutable" } else { "no-store" },
        "{path}"
    );
    assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(header("x-frame-options"), "DENY", "{path}");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
    assert_eq!(header("strict-transport-security"), "max-age=31536000; includeSubDomains", "{path}");
    let policy = header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{path}: {policy}"
    );
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{path}: {policy}");
    for word in ["<script", " style=", " onclick", "http://"].iter().filter(|_| !is_file) {
        assert!(!answer.text.contains(word), "{path}: {word}");
    }
}

on_both_engines! { in threads
    async fn of_a_hundred_browsers_that_come_at_once_one_comes_in(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        let mut browsers: Vec<Browser<'_>> = (0..100).map(|_| Browser::new(agency)).collect();
        for browser in &mut browsers {
            browser.get(&link).await.is(200);
        }
        let all = browsers.iter_mut().map(|browser| browser.send(&link, &[]));
        let pages = futures_util::future::join_all(all).await;
        assert_eq!(pages.iter().filter(|page| page.text.contains("$123.45")).count(), 1);
        let asked = pages.iter().filter(|page| page.text.contains("value=\"date_of_birth\"")).count();
        assert_eq!(asked, 99);
    }

    async fn five_answers_are_taken_however_many_come_at_once(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        Browser::new(agency).comes_by(&link).await.is(200);
        let mut browsers: Vec<Browser<'_>> = (0..20).map(|_| Browser::new(agency)).collect();
        for browser in &mut browsers {
            browser.comes_by(&link).await.is(200);
        }
        let all = browsers.iter_mut().map(|browser| browser.send(&link, NOT_BORN));
        let pages = futures_util::future::join_all(all).await;
        assert_eq!(pages.iter().filter(|page| page.status == 422).count(), 4);
        assert_eq!(pages.iter().filter(|page| page.status == 403).count(), 16);
    }
}
