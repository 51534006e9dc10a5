//! What a request must be like: <https://api.authorize.net/xml/v1/schema/AnetApiSchema.xsd>, as far as we use it. JSON is read as
//! XML, so that the order of elements counts:
//! <https://support.authorize.net/knowledgebase/Knowledgearticle/?code=000001206>.

use serde_json::Value;

/// An element, and whether it must be there.
struct Element(&'static str, Needed, Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Yes,
    No,
}
use Needed::{No, Yes};

enum Kind {
    /// So many characters at most.
    Text(usize),
    /// Digits, and nothing else.
    Digits,
    /// A decimal number.
    Decimal,
    /// A whole number up to this.
    UpTo(u64),
    /// A day and time.
    Instant,
    /// One of these words.
    One(&'static [&'static str]),
    /// Elements in this order.
    All(&'static [Element]),
    /// So many of the same at most.
    Many(usize, &'static [Element]),
}
use Kind::{All, Decimal, Digits, Instant, Many, One, Text, UpTo};

const WHO: Element = Element(
    "merchantAuthentication",
    Yes,
    All(&[Element("name", Yes, Text(25)), Element("transactionKey", Yes, Text(16))]),
);
const REF: Element = Element("refId", No, Text(20));
const BOOLEAN: &[&str] = &["true", "false"];

const SORTING: Element = Element(
    "sorting",
    No,
    All(&[
        Element("orderBy", Yes, One(&["id", "submitTimeUTC"])),
        Element("orderDescending", Yes, One(BOOLEAN)),
    ]),
);
const PAGING: Element =
    Element("paging", No, All(&[Element("limit", Yes, UpTo(1_000)), Element("offset", Yes, UpTo(100_000))]));

const LINE_ITEM: &[Element] = &[
    Element("itemId", Yes, Text(31)),
    Element("name", Yes, Text(31)),
    Element("description", No, Text(255)),
    Element("quantity", Yes, Decimal),
    Element("unitPrice", Yes, Decimal),
    Element("taxable", No, One(BOOLEAN)),
];

const TRANSACTION: &[Element] = &[
    Element("transactionType", Yes, One(&["authCaptureTransaction", "refundTransaction", "voidTransaction"])),
    Element("amount", No, Decimal),
    Element("currencyCode", No, Text(3)),
    Element(
        "profile",
        No,
        All(&[
            Element("customerProfileId", Yes, Digits),
            Element("paymentProfile", Yes, All(&[Element("paymentProfileId", Yes, Digits)])),
        ]),
    ),
    Element("refTransId", No, Digits),
    Element(
        "order",
        No,
        All(&[Element("invoiceNumber", No, Text(20)), Element("description", No, Text(255))]),
    ),
    Element("lineItems", No, All(&[Element("lineItem", No, Many(30, LINE_ITEM))])),
    Element("poNumber", No, Text(25)),
    Element(
        "transactionSettings",
        No,
        All(&[Element(
            "setting",
            No,
            Many(
                20,
                &[
                    Element("settingName", No, One(&["duplicateWindow"])),
                    Element("settingValue", No, UpTo(28_800)),
                ],
            ),
        )]),
    ),
];

const OPAQUE: &[Element] = &[
    Element("dataDescriptor", Yes, One(&["COMMON.ACCEPT.INAPP.PAYMENT"])),
    Element("dataValue", Yes, Text(8_192)),
];

const NEW_PROFILE: &[Element] = &[
    Element("merchantCustomerId", No, Text(20)),
    Element("description", No, Text(255)),
    Element("email", No, Text(255)),
    Element(
        "paymentProfiles",
        No,
        Many(
            10,
            &[
                Element("customerType", No, One(&["individual", "business"])),
                Element("payment", No, All(&[Element("opaqueData", Yes, All(OPAQUE))])),
            ],
        ),
    ),
];

const REQUESTS: &[Element] = &[
    Element(
        "createTransactionRequest",
        No,
        All(&[WHO, REF, Element("transactionRequest", Yes, All(TRANSACTION))]),
    ),
    Element("getTransactionDetailsRequest", No, All(&[WHO, REF, Element("transId", Yes, Digits)])),
    Element(
        "getUnsettledTransactionListRequest",
        No,
        All(&[WHO, REF, Element("status", No, One(&["any", "pendingApproval"])), SORTING, PAGING]),
    ),
    Element(
        "getSettledBatchListRequest",
        No,
        All(&[
            WHO,
            REF,
            Element("includeStatistics", No, One(BOOLEAN)),
            Element("firstSettlementDate", No, Instant),
            Element("lastSettlementDate", No, Instant),
        ]),
    ),
    Element(
        "getTransactionListRequest",
        No,
        All(&[WHO, REF, Element("batchId", Yes, Digits), SORTING, PAGING]),
    ),
    Element(
        "getTransactionListForCustomerRequest",
        No,
        All(&[
            WHO,
            REF,
            Element("customerProfileId", Yes, Digits),
            Element("customerPaymentProfileId", No, Digits),
            SORTING,
            PAGING,
        ]),
    ),
    Element(
        "createCustomerProfileRequest",
        No,
        All(&[
            WHO,
            REF,
            Element("profile", Yes, All(NEW_PROFILE)),
            Element("validationMode", No, One(&["none", "testMode", "liveMode"])),
        ]),
    ),
    Element(
        "getCustomerProfileRequest",
        No,
        All(&[
            WHO,
            REF,
            Element("customerProfileId", No, Digits),
            Element("merchantCustomerId", No, Text(20)),
        ]),
    ),
    Element(
        "getCustomerPaymentProfileRequest",
        No,
        All(&[
            WHO,
            REF,
            Element("customerProfileId", Yes, Digits),
            Element("customerPaymentProfileId", No, Digits),
            Element("unmaskExpirationDate", No, One(BOOLEAN)),
            Element("includeIssuerInfo", No, One(BOOLEAN)),
        ]),
    ),
];

/// The name of a request; or what is wrong with it, in which case it ends as E00003.
pub(crate) fn checked(request: &Value) -> Result<String, String> {
    let Some(all) = request.as_object().filter(|all| all.len() == 1) else {
        return Err("one request".into());
    };
    elements("", request, REQUESTS)?;
    Ok(all.keys().next().unwrap().clone())
}

fn elements(path: &str, value: &Value, schema: &[Element]) -> Result<(), String> {
    let Some(all) = value.as_object() else { return Err(format!("{path} has no elements")) };
    let mut place = 0;
    for (name, value) in all {
        let path = format!("{path}/{name}");
        let Some(at) = schema[place..].iter().position(|one| one.0 == name) else {
            return Err(format!("{path} is unknown, or out of order"));
        };
        if let Some(missing) = schema[place..place + at].iter().find(|one| one.1 == Yes) {
            return Err(format!("{path} stands where {} should", missing.0));
        }
        kind(&path, value, &schema[place + at].2)?;
        place += at + 1;
    }
    match schema[place..].iter().find(|one| one.1 == Yes) {
        Some(missing) => Err(format!("{path} has no {}", missing.0)),
        None => Ok(()),
    }
}

fn kind(path: &str, value: &Value, kind: &Kind) -> Result<(), String> {
    if let All(schema) = kind {
        return elements(path, value, schema);
    }
    if let Many(most, schema) = kind {
        let one = std::slice::from_ref(value);
        let all = value.as_array().map_or(one, Vec::as_slice);
        let fits = all.len() <= *most;
        return all.iter().try_for_each(|one| elements(path, one, schema)).and(holds(path, fits));
    }
    let Some(text) = value.as_str() else { return Err(format!("{path} is no text")) };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = match kind {
        Text(most) => (1..=*most).contains(&text.chars().count()),
        Digits => digits(text),
        Decimal => text.split_once('.').map_or(digits(text), |(a, b)| digits(a) && digits(b) && b.len() <= 4),
        UpTo(most) => text.parse::<u64>().is_ok_and(|number| number <= *most),
        Instant => base::Ts::parse(text).is_some(),
        One(words) => words.contains(&text),
        All(_) | Many(..) => true,
    };
    holds(path, fits)
}

fn holds(path: &str, fits: bool) -> Result<(), String> {
    if fits { Ok(()) } else { Err(format!("{path} is not what the schema allows")) }
}
