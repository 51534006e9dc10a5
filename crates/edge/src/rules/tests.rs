//! The wording table: what callers of the original service already know by heart.

use base::{Cents, Code, Day, Failure, Ref, Ts};
use serde_json::{Value, json};

use super::*;

const STATUSES: &[(&str, u8)] = &[("active", 1), ("closed", 2), ("resolved", 3), ("paid_off", 3)];

fn context() -> Context {
    Context::json(Ts::parse("2026-11-20T12:00:00Z").unwrap())
}

fn form() -> Context {
    Context { is_form: true, ..context() }
}

fn errors<T>(read: base::Result<T>) -> Vec<(String, Vec<String>)> {
    match read {
        Err(Failure::Refused(refusal)) if refusal.code == Code::ValidationFailed => refusal.fields,
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

/// The one sentence about the one wrong field, or nothing.
fn said<T>(value: Value, rules: impl FnOnce(&mut Reader<'_>) -> T) -> String {
    let all = errors(read(&value, context(), rules));
    all.into_iter().flat_map(|(_, said)| said).collect::<Vec<_>>().join(" ")
}

#[derive(Debug, Default, PartialEq)]
struct Card {
    number: String,
    code: String,
}

fn card(r: &mut Reader<'_>) -> Card {
    Card {
        number: r.digits("card_number").long(13, 19).grouped().write_only().required(),
        code: r.digits("cvv").long(3, 4).never_kept().secret().required().reveal().clone(),
    }
}

fn everything(r: &mut Reader<'_>) {
    let today = r.now().day_in(&jiff::tz::TimeZone::UTC);
    r.text("name").max(10).required();
    r.cents("balance").alias("original_balance").optional();
    r.day("date_of_birth").before_today(today).optional();
    r.int("limit").between(1, 500).optional();
    r.boolean("is_primary").optional();
    r.one_of("status", STATUSES).optional();
    r.reference("customer_id").optional();
    r.timestamp("scheduled_at").optional();
    r.text("email")
        .parse("must be a valid email address.", "a@b.co", |s| s.contains('@').then(|| s.to_owned()))
        .optional();
    r.object("card", card).optional();
    r.list("locations", 2, |r| r.text("name").required()).optional();
    r.each("events", 2, OneOf(STATUSES)).optional();
    r.metadata("metadata").change();
    r.digits("postal_code").long(5, 5).optional();
}

#[test]
fn every_wrong_value_is_told_in_the_known_words() {
    let long = "x".repeat(11);
    for (field, value, words) in [
        ("name", json!(null), "The name field is required."),
        ("name", json!("  "), "The name field is required."),
        ("name", json!(5), "The name field must be a string."),
        ("name", json!(["x"]), "The name field must be a string."),
        ("name", json!(long), "The name field must not be greater than 10 characters."),
        ("balance", json!("abc"), "The balance field must be an integer."),
        ("balance", json!(1.5), "The balance field must be an integer."),
        ("balance", json!("150.50"), "The balance field must be an integer."),
        ("balance", json!("1e3"), "The balance field must be an integer."),
        ("balance", json!("+5"), "The balance field must be an integer."),
        ("balance", json!("$5"), "The balance field must be an integer."),
        ("balance", json!("٣"), "The balance field must be an integer."),
        ("balance", json!(true), "The balance field must be an integer."),
        ("balance", json!(-1), "The balance field must be at least 0."),
        ("balance", json!("-99999999999999999999"), "The balance field must be at least 0."),
        (
            "balance",
            json!(1_000_000_000_001_i64),
            "The balance field must not be greater than 1000000000000.",
        ),
        ("balance", json!("9".repeat(1_000)), "The balance field must not be greater than 1000000000000."),
        ("balance", json!(u64::MAX), "The balance field must not be greater than 1000000000000."),
        ("date_of_birth", json!("2026-02-30"), "The date of birth field must match the format Y-m-d."),
        ("date_of_birth", json!(20260230), "The date of birth field must match the format Y-m-d."),
        ("date_of_birth", json!("2026-11-20"), "The date of birth field must be a date before today."),
        ("limit", json!(0), "The limit field must be between 1 and 500."),
        ("limit", json!("501"), "The limit field must be between 1 and 500."),
        ("limit", json!(1e15), "The limit field must be between 1 and 500."),
        ("limit", json!("x"), "The limit field must be an integer."),
        ("is_primary", json!("yes"), "The is primary field must be true or false."),
        ("is_primary", json!(2), "The is primary field must be true or false."),
        ("status", json!("gone"), "The selected status is invalid."),
        ("status", json!(1), "The selected status is invalid."),
        ("customer_id", json!(7), "The customer id field must be a string."),
        (
            "customer_id",
            json!("x".repeat(256)),
            "The customer id field must not be greater than 255 characters.",
        ),
        ("scheduled_at", json!("tomorrow"), "The scheduled at field must be a valid date."),
        ("email", json!("nobody"), "The email field must be a valid email address."),
        ("card", json!("4242"), "The card field must be an object."),
        ("card", json!({"cvv": "123"}), "The card.card number field is required."),
        (
            "card",
            json!({"card_number": "42", "cvv": "123"}),
            "The card.card number field must be between 13 and 19 digits.",
        ),
        ("locations", json!({}), "The locations field must be an array."),
        ("locations", json!([{"name": "A"}, {}]), "The locations.1.name field is required."),
        ("locations", json!([1]), "The locations.0 field must be an object."),
        ("locations", json!([{}, {}, {}]), "The locations field must not have more than 2 items."),
        ("events", json!(["active", "x"]), "The selected events.1 is invalid."),
        ("events", json!([null]), "The events.0 field is required."),
        ("metadata", json!({"a": {"b": 1}}), "The metadata.a field must be a string, a number or a boolean."),
        ("metadata", json!("text"), "The metadata field must be an object."),
        ("metadata", json!([{"value": 1}]), "The metadata.0 field must have an attribute and a value."),
        ("postal_code", json!(1.5), "The postal code field must be 5 digits."),
        ("postal_code", json!("1234"), "The postal code field must be 5 digits."),
    ] {
        let mut body = json!({"name": "Ann"});
        body[field] = value.clone();
        assert_eq!(said(body, everything), words, "{field} = {:.60}", value.to_string());
    }
}

#[test]
fn what_means_the_same_is_taken() {
    for (value, cents) in [
        (json!(15000), 15000),
        (json!("15000"), 15000),
        (json!(15000.0), 15000),
        (json!(" 15000.00 "), 15000),
        (json!("000"), 0),
        (json!("-0"), 0),
        (json!(1e3), 1000),
    ] {
        assert_eq!(
            read(&json!({"a": value}), context(), |r| r.cents("a").required()).unwrap(),
            Cents::new(cents)
        );
    }
    for (value, is) in [
        (json!(true), true),
        (json!(1), true),
        (json!("0"), false),
        (json!("false"), false),
        (json!(0.0), false),
    ] {
        assert_eq!(read(&json!({"a": value}), context(), |r| r.boolean("a").required()).unwrap(), is);
    }
    for (value, digits) in [(json!(90210), "90210"), (json!(" 90210 "), "90210")] {
        assert_eq!(read(&json!({"a": value}), context(), |r| r.digits("a").required()).unwrap(), digits);
    }
    let body = json!({"card_number": "4242-4242 4242 4242", "cvv": 123});
    assert_eq!(
        read(&body, context(), card).unwrap(),
        Card { number: "4242424242424242".into(), code: "123".into() }
    );
    let emoji = read(&json!({"a": " Zoë 😀 "}), context(), |r| r.text("a").required()).unwrap();
    assert_eq!(emoji, "Zoë 😀");
    assert_eq!(
        read(&json!({"a": "c-1"}), context(), |r| r.reference("a").required()).unwrap(),
        Ref::new("c-1").unwrap()
    );
    assert_eq!(
        read(&json!({"a": "2026-11-20"}), context(), |r| r.day("a").required()).unwrap(),
        Day::parse("2026-11-20").unwrap()
    );
    assert_eq!(
        read(&json!({"a": "resolved"}), context(), |r| r.one_of("a", STATUSES).required()).unwrap(),
        3
    );
}

#[test]
fn all_wrong_fields_are_named_at_once_and_unknown_ones_ignored() {
    let body = json!({"balance": "x", "limit": 0, "card": {"card_number": 1, "cvv": "1"}, "whatever": 1});
    let all: Vec<String> = errors(read(&body, context(), everything)).into_iter().map(|(at, _)| at).collect();
    assert_eq!(all, ["name", "balance", "limit", "card.card_number", "card.cvv"]);
}

#[test]
fn an_update_tells_absent_from_cleared_from_set() {
    let change = |body| read(&body, context(), |r| r.text("a").change()).unwrap();
    assert_eq!(change(json!({})), Change::Keep);
    assert_eq!(change(json!({"a": null})), Change::Clear);
    assert_eq!(change(json!({"a": " "})), Change::Clear);
    assert_eq!(change(json!({"a": "x"})), Change::Set("x".into()));
    let replace = |r: &mut Reader<'_>| r.text("a").replace();
    assert_eq!(read(&json!({}), context(), replace).unwrap(), None);
    assert_eq!(read(&json!({"a": "x"}), context(), replace).unwrap(), Some("x".into()));
    assert_eq!(said(json!({"a": null}), replace), "The a field is required.");
    assert_eq!(said(json!({"a": ""}), replace), "The a field is required.");
    let rules = |r: &mut Reader<'_>| {
        r.object("rules", |r| {
            let least = r.cents("min_payment_amount").at_least(Cents::new(100)).change();
            r.only_known();
            least
        })
        .empty_clears()
        .change()
    };
    assert_eq!(read(&json!({"rules": {}}), context(), rules).unwrap(), Change::Clear);
    let cleared = read(&json!({"rules": {"min_payment_amount": null}}), context(), rules).unwrap();
    assert_eq!(cleared, Change::Set(Change::Clear));
    assert_eq!(said(json!({"rules": {"max": 1}}), rules), "The rules.max field is prohibited.");
}

#[test]
fn free_attributes_are_merged_deleted_or_all_deleted() {
    let change = |value| read(&json!({"m": value}), context(), |r| r.metadata("m").change()).unwrap();
    for nothing in [json!(null), json!(""), json!({}), json!([])] {
        assert_eq!(change(nothing), Change::Clear);
    }
    let Change::Set(set) = change(json!({"b": 1.10, "a": true, "c": null, "d": ""})) else { panic!() };
    let set: Vec<_> = set.iter().map(|(k, v)| (k.as_str(), v.as_deref())).collect();
    assert_eq!(set, [("a", Some("true")), ("b", Some("1.1")), ("c", None), ("d", None)]);
    let Change::Set(set) = change(json!([{"attribute": "x", "value": "1"}])) else { panic!() };
    assert_eq!(set["x"].as_deref(), Some("1"));
    let long = json!({"m": [{"attribute": "x".repeat(256), "value": null}]});
    assert!(read(&long, context(), |r| r.metadata("m").change()).is_err());
}

#[test]
fn two_names_for_one_field_have_to_agree() {
    let rules = |r: &mut Reader<'_>| r.cents("balance").alias("original_balance").required();
    assert_eq!(read(&json!({"original_balance": "5"}), context(), rules).unwrap(), Cents::new(5));
    assert_eq!(
        read(&json!({"balance": 5, "original_balance": "5.0"}), context(), rules).unwrap(),
        Cents::new(5)
    );
    assert_eq!(
        read(&json!({"balance": null, "original_balance": 5}), context(), rules).unwrap(),
        Cents::new(5)
    );
    assert_eq!(said(json!({}), rules), "The balance field is required.");
    let all = errors(read(&json!({"balance": 5, "original_balance": 6}), context(), rules));
    assert_eq!(
        all,
        [("original_balance".into(), vec!["The original balance field must match balance.".into()])]
    );
}

#[test]
fn an_alias_that_repeats_what_is_stored_counts_as_not_sent() {
    let put = |balance: Value, original: Value| {
        let body = json!({"balance": balance, "original_balance": original});
        read(&body, context(), |r| {
            r.cents("balance").alias("original_balance").stored(Some(Cents::new(100))).change()
        })
    };
    assert_eq!(put(json!(100), json!(200)).unwrap(), Change::Set(Cents::new(200)));
    assert_eq!(put(json!(200), json!(100)).unwrap(), Change::Set(Cents::new(200)));
    assert_eq!(put(json!(null), json!(100)).unwrap(), Change::Clear);
    assert!(put(json!(200), json!(300)).is_err());
    assert!(put(json!(null), json!(300)).is_err());
}

#[test]
fn fields_may_depend_on_each_other() {
    let plan = |r: &mut Reader<'_>| {
        r.text("frequency").required_with("start_date");
        r.text("name").required_without("last_name");
        r.text("phone").required_when(true, "lookup flow type is phone");
    };
    let all: Vec<String> = errors(read(&json!({"start_date": "x"}), context(), plan))
        .into_iter()
        .flat_map(|(_, said)| said)
        .collect();
    assert_eq!(
        all,
        [
            "The frequency field is required when start date is present.",
            "The name field is required when last name is not present.",
            "The phone field is required when lookup flow type is phone.",
        ]
    );
    let method = |r: &mut Reader<'_>| {
        r.object("card", card).optional();
        r.text("bank_token").optional();
        r.exactly_one_of(&["card", "bank_token"]);
    };
    assert_eq!(said(json!({}), method), "The card field is required when none of bank token are present.");
    let card = json!({"card_number": "4242424242424242", "cvv": "123"});
    assert_eq!(
        said(json!({"card": card, "bank_token": "x"}), method),
        "The card field prohibits bank token from being present."
    );
    assert_eq!(said(json!({"card": card, "bank_token": null}), method), "");
}

#[test]
fn a_form_may_number_its_lists() {
    let rules = |r: &mut Reader<'_>| r.list("a", 9, |r| r.text("n").required()).required();
    let body = json!({"a": {"1": {"n": "y"}, "0": {"n": "x"}}});
    assert_eq!(read(&body, form(), rules).unwrap(), ["x", "y"]);
    assert!(read(&body, context(), rules).is_err());
    let metadata = |r: &mut Reader<'_>| r.metadata("m").optional();
    let body = json!({"m": {"0": {"attribute": "k", "value": "v"}}});
    assert_eq!(read(&body, form(), metadata).unwrap().unwrap()["k"].as_deref(), Some("v"));
    assert!(read(&body, context(), metadata).is_err());
    let body = json!({"a": {"1": {"n": "y"}, "0": {"n": "x"}}});
    let one = |r: &mut Reader<'_>| r.one_or_many("a", 9, |r| r.text("n").required()).required();
    assert_eq!(read(&json!({"a": {"n": "x"}}), context(), one).unwrap(), ["x"]);
    assert_eq!(read(&json!({"a": [{"n": "x"}, {"n": "y"}]}), context(), one).unwrap(), ["x", "y"]);
    assert_eq!(read(&body, form(), one).unwrap(), ["x", "y"]);
}

#[test]
fn includes_are_words_of_one_vocabulary() {
    const WORDS: &[(&str, &str, u8)] = &[("customer", "customers", 1), ("charge", "charges", 2)];
    let rules = |r: &mut Reader<'_>| r.includes(WORDS);
    assert_eq!(read(&json!({"include": "charges,, customer,charge"}), form(), rules).unwrap(), [2, 1]);
    assert!(read(&json!({"include": ""}), form(), rules).unwrap().is_empty());
    assert_eq!(
        describe(rules).schema["properties"]["include"]["anyOf"][0]["pattern"],
        r"^\s*(customer|customers|charge|charges)?\s*(,\s*(customer|customers|charge|charges)?\s*)*$"
    );
    assert_eq!(said(json!({"include": "secrets"}), rules), "The selected include is invalid.");
}

#[test]
fn digits_may_come_as_a_number() {
    let rules = |r: &mut Reader<'_>| r.digits("zip").long(5, 5).required();
    for zip in [json!("10001"), json!(10001), json!(10001.0)] {
        assert_eq!(read(&json!({"zip": zip}), context(), rules).unwrap(), "10001");
    }
    for zip in [json!(1000.5), json!(-10001), json!(501), json!(true)] {
        assert_eq!(said(json!({"zip": zip}), rules), "The zip field must be 5 digits.");
    }
    let drawn = &describe(rules).schema["properties"]["zip"]["anyOf"][1];
    assert_eq!((&drawn["minimum"], &drawn["maximum"]), (&json!(10_000), &json!(99_999)));
}

#[test]
fn a_form_has_no_null() {
    let drawn = json!({"a": {"type": ["string", "null"], "enum": ["x", "", null]}, "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]}});
    let form = json!({"a": {"type": "string", "enum": ["x", ""]}, "b": {"anyOf": [{"type": "integer"}]}});
    assert_eq!(super::without_null(&json!({"properties": drawn})), json!({"properties": form}));
}

#[test]
fn a_list_body_names_the_position_of_what_is_wrong() {
    let rules = |r: &mut Reader<'_>| r.text("name").required();
    assert_eq!(read_all(&json!([{"name": "a"}]), 5, context(), rules).unwrap(), ["a"]);
    let all = errors(read_all(&json!([{"name": "a"}, {}, 3]), 5, context(), rules));
    assert_eq!(all[0].0, "1.name");
    assert_eq!(all[1], ("2".into(), vec!["The 2 field must be an object.".into()]));
    assert!(read_all(&json!({}), 5, context(), rules).is_err());
}

#[test]
fn the_schema_says_what_the_reader_takes() {
    let described = describe(everything);
    let schema = &described.schema;
    assert_eq!(schema["required"], json!(["name"]));
    assert_eq!(schema["properties"]["name"], json!({"type": "string", "maxLength": 10, "pattern": r"\S"}));
    assert_eq!(
        schema["properties"]["status"],
        json!({"type": ["string", "null"], "enum": ["active", "closed", "resolved", "paid_off", "", null]})
    );
    assert_eq!(schema["properties"]["original_balance"]["description"], "Another name for `balance`.");
    let drawn = &schema["properties"]["card"]["anyOf"][0]["properties"];
    assert_eq!(
        (&drawn["card_number"]["writeOnly"], &drawn["cvv"]["writeOnly"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(described.left_out, [vec!["card".to_owned(), "cvv".to_owned()]]);
    let listed = describe(|r| r.one_or_many("cards", 3, card).optional());
    assert!(listed.left_out.contains(&vec!["cards".to_owned(), "*".into(), "cvv".into()]));
    assert!(listed.left_out.contains(&vec!["cards".to_owned(), "cvv".into()]));
}
