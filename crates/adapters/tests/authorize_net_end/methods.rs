//! Cards and bank accounts by which everything can be made to happen. Each is a nonce, as Accept.js gives one; and some break the
//! line.

/// What happens to a request that does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Authorize.net is too busy, E00053: nothing was done. <https://developer.authorize.net/api/reference/responseCodes.html>
    Busy,
    /// It is not there, 503: nothing was done.
    Away,
    /// An error of its own, E00001, after everything was done.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Approve,
    /// Declined, with this reason.
    Decline(&'static str),
    /// An error, with this reason: nothing is kept.
    Error(&'static str),
    /// Held by a filter against fraud, until somebody decides.
    Hold,
    /// Approves; a minute after it has settled the holder disputes it.
    Dispute,
    /// Approves; the answer to its first refund is lost.
    RefundLost,
    /// The first charge of an order is broken so, or every one of them.
    Break(Fault, Often),
    /// A bank debit that settles a minute later.
    Settle,
    /// A bank debit that comes back as soon as it has settled.
    ComeBack(&'static str),
    /// A bank debit that somebody at Authorize.net looks at.
    Review,
    /// Is declined when it is validated.
    Invalid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Often {
    Once,
    Always,
}

/// The reasons of a decline, with the network's code that says the same to us: `decline_<reason>`.
/// <https://developer.authorize.net/api/reference/responseCodes.html>
#[rustfmt::skip]
pub(crate) const DECLINES: &[(&str, &str)] = &[
    ("2", "05"), ("3", "01"), ("4", "04"), ("27", "05"), ("41", "59"), ("44", "N7"), ("45", "N7"), ("65", "N7"),
    ("127", "05"), ("128", "57"), ("141", "59"), ("145", "N7"), ("165", "N7"), ("191", "05"), ("200", "14"),
    ("201", "54"), ("211", "14"), ("224", "19"), ("250", "59"), ("251", "59"), ("315", "14"), ("316", "54"),
    ("317", "54"),
];

/// Errors by which a card is refused before anything is kept, and what they are to us: `error_<reason>`.
pub(crate) const ERRORS: &[(&str, &str)] = &[
    ("6", "invalid_number"),
    ("8", "expired_card"),
    ("17", "not_permitted"),
    ("37", "invalid_number"),
    ("49", "amount_too_large"),
];

/// What `name` does; `None` where there is no such nonce.
pub(super) fn does(name: &str) -> Option<Does> {
    if let Some(reason) = name.strip_prefix("decline_") {
        let all = DECLINES.iter().chain(&[("999", "")]);
        return all.map(|(known, _)| *known).find(|known| *known == reason).map(Does::Decline);
    }
    if let Some(reason) = name.strip_prefix("error_").filter(|_| name != "error_after_charge") {
        let all = ERRORS.iter().chain(&[("20", ""), ("122", "")]);
        return all.map(|(known, _)| *known).find(|known| *known == reason).map(Does::Error);
    }
    Some(match name {
        "visa" | "mastercard" | "amex" => Does::Approve,
        "held" => Does::Hold,
        "chargeback" => Does::Dispute,
        "invalid" => Does::Invalid,
        "refund_lost" => Does::RefundLost,
        "answer_lost" => Does::Break(Fault::CutAfter, Often::Once),
        "answer_lost_before" => Does::Break(Fault::CutBefore, Often::Once),
        "error_after_charge" => Does::Break(Fault::ErrorAfter, Often::Once),
        "processor_error" => Does::Break(Fault::Away, Often::Always),
        "hang" => Does::Break(Fault::Hang, Often::Once),
        "bank" => Does::Settle,
        "bank_r01" => Does::ComeBack("R01"),
        "bank_r10" => Does::ComeBack("R10"),
        "bank_review" => Does::Review,
        _ => return None,
    })
}

pub(super) fn is_bank(name: &str) -> bool {
    name.starts_with("bank")
}
