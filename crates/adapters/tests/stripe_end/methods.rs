//! Payment methods by which everything can be made to happen: those of <https://docs.stripe.com/testing> under their own
//! names, one for each decline code of <https://docs.stripe.com/declines/codes>, and some that break the line.

/// What happens to a request that does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Too many requests, 429: it was not looked at. <https://docs.stripe.com/rate-limits>
    Limit,
    /// Another request under the same key is running, 409. <https://docs.stripe.com/error-low-level>
    Running,
    /// Stripe is not there, 503: nothing was done.
    Away,
    /// An error of Stripe's, 500, after everything was done; it is kept and said again under the same key.
    ErrorAfter,
    /// The line is cut, and nothing was done.
    CutBefore,
    /// The line is cut after everything was done.
    CutAfter,
    /// Everything was done, and no answer comes.
    Hang,
    /// Everything was done, and the answer cannot be read.
    Garbled,
}

/// What a method does when it is charged.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Does {
    Approve,
    /// Declined, by Stripe's code, decline code, the network's code and its advice.
    Decline(&'static Declined),
    /// Needs its holder to authenticate, and is not declined for it.
    Waits,
    /// Approves; a minute later the holder disputes all of it.
    Dispute,
    /// Approves; a refund succeeds, and fails a minute later.
    RefundFails,
    /// Approves; the answer to its first refund is lost.
    RefundLost,
    /// The first charge under a key is broken so, or every one of them.
    Break(Fault, Often),
    /// A bank debit that settles a minute later.
    Settle,
    /// A bank debit that comes back instead.
    Fail(&'static str),
    /// A bank debit that settles, and comes back a minute after that: a dispute with this reason.
    ComeBack(&'static str),
    /// A bank account that Stripe has blocked.
    Blocked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Often {
    Once,
    Always,
}

/// A decline as Stripe tells it.
#[derive(Debug)]
pub(crate) struct Declined {
    /// Stripe's decline code, and what the method is called after.
    pub(crate) word: &'static str,
    /// The network's code, where one came.
    pub(crate) network: Option<&'static str>,
    /// The network's advice, where one came.
    pub(crate) advice: Option<&'static str>,
}

const fn no(word: &'static str, network: &'static str) -> Declined {
    Declined { word, network: Some(network), advice: None }
}

const fn stripes(word: &'static str) -> Declined {
    Declined { word, network: None, advice: None }
}

/// Every decline code: <https://docs.stripe.com/declines/codes>. `pm_decline_<word>` is declined with it.
#[rustfmt::skip]
pub(crate) const DECLINES: &[Declined] = &[
    no("approve_with_id", "08"), stripes("authentication_not_handled"), no("authentication_required", "1A"),
    no("call_issuer", "01"), no("card_not_supported", "57"), no("card_velocity_exceeded", "65"),
    no("currency_not_supported", "57"), no("do_not_honor", "05"), no("do_not_try_again", "05"),
    stripes("duplicate_transaction"), no("expired_card", "54"), stripes("fraudulent"),
    stripes("generic_decline"), no("incorrect_cvc", "N7"), no("incorrect_number", "14"),
    no("incorrect_pin", "55"), stripes("incorrect_zip"), no("insufficient_funds", "51"),
    no("invalid_account", "46"), no("invalid_amount", "13"), stripes("invalid_cvc"),
    stripes("invalid_expiry_month"), stripes("invalid_expiry_year"), stripes("invalid_number"),
    no("invalid_pin", "55"), no("issuer_not_available", "91"), no("lost_card", "41"),
    stripes("merchant_blacklist"), no("new_account_information_available", "05"), no("no_action_taken", "21"),
    no("not_permitted", "57"), stripes("offline_pin_required"), stripes("online_or_offline_pin_required"),
    no("pickup_card", "04"), no("pin_try_exceeded", "75"), stripes("processing_error"),
    no("reenter_transaction", "19"), no("restricted_card", "62"), no("revocation_of_all_authorizations", "R3"),
    no("revocation_of_authorization", "R1"), no("security_violation", "63"), no("service_not_allowed", "57"),
    no("stolen_card", "43"), no("stop_payment_order", "R0"), stripes("testmode_decline"),
    no("transaction_not_allowed", "57"), stripes("try_again_later"), no("withdrawal_count_limit_exceeded", "65"),
    Declined { word: "insufficient_funds_mastercard", network: Some("51"), advice: Some("24") },
];

/// Cards by their last part: `pm_card_<name>`.
pub(crate) const CARDS: &[&str] = &[
    "visa",
    "mastercard",
    "amex",
    "createDispute",
    "refundFail",
    "waits",
    "refund_lost",
    "answer_lost",
    "answer_lost_before",
    "error_after_charge",
    "processor_error",
    "hang",
];

/// Bank accounts by their last part: `pm_usBankAccount_<name>`.
pub(crate) const BANKS: &[&str] = &[
    "success",
    "insufficientFunds",
    "accountClosed",
    "noAccount",
    "debitNotAuthorized",
    "dispute",
    "blocked",
];

/// What `id` does; `None` where there is no such method. `_loose` behind a name belongs to no customer.
pub(crate) fn does(id: &str) -> Option<Does> {
    let name = id.strip_suffix("_loose").unwrap_or(id);
    if let Some(word) = name.strip_prefix("pm_decline_") {
        return DECLINES.iter().find(|one| one.word == word).map(Does::Decline);
    }
    if let Some(name) = name.strip_prefix("pm_usBankAccount_") {
        return Some(match name {
            "success" => Does::Settle,
            "insufficientFunds" => Does::Fail("insufficient_funds"),
            "accountClosed" => Does::Fail("account_closed"),
            "noAccount" => Does::Fail("no_account"),
            "debitNotAuthorized" => Does::Fail("debit_not_authorized"),
            "dispute" => Does::ComeBack("debit_not_authorized"),
            "blocked" => Does::Blocked,
            _ => return None,
        });
    }
    Some(match name.strip_prefix("pm_card_")? {
        "visa" | "mastercard" | "amex" => Does::Approve,
        "createDispute" => Does::Dispute,
        "refundFail" => Does::RefundFails,
        "waits" => Does::Waits,
        "refund_lost" => Does::RefundLost,
        "answer_lost" => Does::Break(Fault::CutAfter, Often::Once),
        "answer_lost_before" => Does::Break(Fault::CutBefore, Often::Once),
        "error_after_charge" => Does::Break(Fault::ErrorAfter, Often::Once),
        "processor_error" => Does::Break(Fault::Away, Often::Always),
        "hang" => Does::Break(Fault::Hang, Often::Once),
        _ => return None,
    })
}

pub(crate) fn is_bank(id: &str) -> bool {
    id.starts_with("pm_usBankAccount_")
}

/// Who a method belongs to, unless somebody gave it to a customer.
pub(crate) fn customer(id: &str) -> Option<String> {
    (!id.ends_with("_loose")).then(|| format!("cus_of{}", id.replace('_', "")))
}
