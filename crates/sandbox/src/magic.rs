//! How every test number, ready-made token and amount behaves: one table as data.
//!
//! What must hold: every card number passes the Luhn check and looks like its brand; no number, token name or
//! amount stands for two things; a name, once published, keeps its meaning, since journals refer to it.

/// A row of the table.
#[derive(Debug)]
pub struct Scenario {
    /// The name; `tok_` and the name is its ready-made token.
    pub name: &'static str,
    /// The number that behaves so.
    pub on: On,
    /// The amount in cents that makes any approving instrument behave so.
    pub amount: Option<i64>,
    /// What it does.
    pub does: Does,
}

/// A number.
#[derive(Debug)]
pub enum On {
    /// A card's.
    Card(Brand, &'static str),
    /// A bank account's.
    Bank(&'static str),
}

/// The card networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brand {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express.
    Amex,
    /// Discover.
    Discover,
}

/// Why something is refused or comes back.
#[derive(Clone, Copy, Debug)]
pub struct Why {
    /// The stable word.
    pub code: &'static str,
    /// The network's or Nacha's code.
    pub network: Option<&'static str>,
    /// Mastercard's merchant advice code.
    pub advice: Option<&'static str>,
    /// Words for people.
    pub message: &'static str,
}

/// What happens.
#[derive(Clone, Copy, Debug)]
pub enum Does {
    /// Charged and answered.
    Approve,
    /// A definite no.
    Decline(Why),
    /// Answers 500 every time; nothing is ever charged.
    Error,
    /// The first submit of a key never arrives: no answer and no charge. The same key works afterwards.
    LostBefore,
    /// Charged; the first answer is lost. The same key is answered afterwards.
    LostAfter,
    /// Charged; the first answer is a 500. The same key is answered afterwards.
    ErrorAfter,
    /// Charged; the first answer takes its time.
    Slow,
    /// Charged; the first answer never comes. The same key is answered afterwards.
    Hang,
    /// Charged, and charged back a day after the settlement delay.
    Chargeback(Why),
    /// Charged; its refunds are refused.
    RefundDeclined(Why),
    /// Charged; a refund of it is made, and the first answer lost.
    RefundLost,
    /// Pending, then settled.
    Settle,
    /// Pending, then returned instead of settled.
    Return(Why),
    /// Pending, settled, and returned so many days later.
    ReturnLate(u16, Why),
    /// Charged; not settled for an hour, in which it can be voided and not refunded.
    SettlesLater,
}

const fn why(code: &'static str, network: &'static str, message: &'static str) -> Why {
    Why { code, network: Some(network), advice: None, message }
}

const fn card(name: &'static str, number: &'static str, amount: Option<i64>, does: Does) -> Scenario {
    let brand = match number.as_bytes()[0] {
        b'4' => Brand::Visa,
        b'3' => Brand::Amex,
        b'6' => Brand::Discover,
        _ => Brand::Mastercard,
    };
    Scenario { name, on: On::Card(brand, number), amount, does }
}

const fn no(
    name: &'static str,
    number: &'static str,
    amount: i64,
    network: &'static str,
    message: &'static str,
) -> Scenario {
    card(name, number, Some(amount), Does::Decline(why(name, network, message)))
}

/// A Mastercard decline with a merchant advice code.
const fn advice(
    name: &'static str,
    number: &'static str,
    amount: i64,
    (code, network, advice): (&'static str, &'static str, &'static str),
    message: &'static str,
) -> Scenario {
    let why = Why { code, network: Some(network), advice: Some(advice), message };
    card(name, number, Some(amount), Does::Decline(why))
}

const fn bank(name: &'static str, account: &'static str, amount: Option<i64>, does: Does) -> Scenario {
    Scenario { name, on: On::Bank(account), amount, does }
}

const fn returned(
    name: &'static str,
    account: &'static str,
    amount: i64,
    (code, network): (&'static str, &'static str),
    message: &'static str,
) -> Scenario {
    bank(name, account, Some(amount), Does::Return(why(code, network, message)))
}

const fn late(
    name: &'static str,
    account: &'static str,
    amount: i64,
    days: u16,
    (code, network): (&'static str, &'static str),
    message: &'static str,
) -> Scenario {
    bank(name, account, Some(amount), Does::ReturnLate(days, why(code, network, message)))
}

const FUNDS: (&str, &str) = ("insufficient_funds", "51");

/// The table.
#[rustfmt::skip]
pub const SCENARIOS: &[Scenario] = &[
    // Cards that approve.
    card("visa", "4242424242424242", None, Does::Approve),
    card("visa_credit", "4111111111111111", None, Does::Approve),
    card("visa_debit", "4000056655665556", None, Does::Approve),
    card("mastercard", "5555555555554444", None, Does::Approve),
    card("mastercard_debit", "5200828282828210", None, Does::Approve),
    card("mastercard_prepaid", "5105105105105100", None, Does::Approve),
    card("mastercard_two_series", "2223003122003222", None, Does::Approve),
    card("amex", "378282246310005", None, Does::Approve),
    card("amex_corporate", "371449635398431", None, Does::Approve),
    card("discover", "6011111111111117", None, Does::Approve),
    card("discover_debit", "6011000990139424", None, Does::Approve),
    // Declines, by the network's code.
    no("pick_up_card", "4000000000050049", 666_004, "04", "The issuer asks that the card be kept."),
    no("do_not_honor", "4000000000000002", 666_005, "05", "The issuer declined without a reason."),
    no("incorrect_cvv", "4000000000000127", 666_007, "N7", "The security code is not right."),
    no("invalid_transaction", "4000000000050122", 666_012, "12", "The issuer does not take this kind of charge."),
    no("invalid_number", "4000000000050148", 666_014, "14", "There is no card with this number."),
    no("no_such_issuer", "4000000000050155", 666_015, "15", "No issuer has this number."),
    no("lost_card", "4000000000009987", 666_041, "41", "The card was reported lost."),
    no("stolen_card", "4000000000009979", 666_043, "43", "The card was reported stolen."),
    no("closed_account", "4000000000050460", 666_046, "46", "The account behind the card is closed."),
    no("insufficient_funds", "4000000000009995", 666_051, "51", "There is not enough money on the account."),
    no("expired_card", "4000000000000069", 666_054, "54", "The card has expired."),
    no("not_permitted", "4000000000050577", 666_057, "57", "The card may not be used for this."),
    no("suspected_fraud", "4100000000000019", 666_059, "59", "The issuer suspects fraud."),
    no("exceeds_amount_limit", "4000000000050619", 666_061, "61", "The amount is above the card's limit."),
    no("exceeds_frequency_limit", "4000000000006975", 666_065, "65", "The card was used too often."),
    no("issuer_unavailable", "4000000000050916", 666_091, "91", "The issuer cannot be reached; try again later."),
    no("stop_payment", "4000000000050809", 666_080, "R0", "The holder stopped this payment."),
    no("authorization_revoked", "4000000000050817", 666_081, "R1", "The holder revoked this authorization."),
    no("all_authorizations_revoked", "4000000000050833", 666_083, "R3", "The holder revoked all authorizations."),
    // Declines with Mastercard's merchant advice codes.
    advice("advice_01", "5200828282820019", 666_001, ("do_not_honor", "05", "01"), "New account details are available."),
    advice("advice_02", "5200828282820027", 666_002, (FUNDS.0, FUNDS.1, "02"), "Cannot approve now; try again later."),
    advice("advice_03", "5200828282820035", 666_003, ("do_not_honor", "05", "03"), "Do not try again."),
    advice("advice_21", "5200828282820217", 666_021, ("stop_payment", "05", "21"), "The holder cancelled the agreement."),
    advice("advice_24", "5200828282820241", 666_024, (FUNDS.0, FUNDS.1, "24"), "Try again after 1 hour."),
    advice("advice_25", "5200828282820258", 666_025, (FUNDS.0, FUNDS.1, "25"), "Try again after 24 hours."),
    advice("advice_26", "5200828282820266", 666_026, (FUNDS.0, FUNDS.1, "26"), "Try again after 2 days."),
    advice("advice_27", "5200828282820274", 666_027, (FUNDS.0, FUNDS.1, "27"), "Try again after 4 days."),
    advice("advice_28", "5200828282820282", 666_028, (FUNDS.0, FUNDS.1, "28"), "Try again after 6 days."),
    advice("advice_29", "5200828282820290", 666_029, (FUNDS.0, FUNDS.1, "29"), "Try again after 8 days."),
    advice("advice_30", "5200828282820308", 666_030, (FUNDS.0, FUNDS.1, "30"), "Try again after 10 days."),
    advice("advice_40", "5200828282820407", 666_040, ("not_permitted", "57", "40"), "A prepaid card that cannot be reloaded."),
    advice("advice_41", "5200828282820415", 666_042, ("not_permitted", "57", "41"), "A virtual card for a single use."),
    advice("advice_99", "5200828282820993", 666_089, ("do_not_honor", "05", "99"), "Do not try again."),
    // What a network does to an answer.
    card("processor_error", "4000000000000119", Some(666_095), Does::Error),
    card("answer_lost_before", "4000000000050965", Some(666_096), Does::LostBefore),
    card("answer_lost", "4000000000050973", Some(666_097), Does::LostAfter),
    card("error_after_charge", "4000000000050981", Some(666_098), Does::ErrorAfter),
    card("slow", "4000000000050940", Some(666_094), Does::Slow),
    card("hang", "4000000000050999", Some(666_099), Does::Hang),
    // What happens later.
    card("chargeback", "4000000000000259", Some(666_090),
        Does::Chargeback(why("chargeback", "10.4", "The holder says it was not them."))),
    card("refund_declined", "4000000000050924", Some(666_092),
        Does::RefundDeclined(why("refund_declined", "05", "The issuer does not take the refund."))),
    card("refund_lost", "4000000000050932", Some(666_093), Does::RefundLost),
    card("not_settled", "4000000000050882", Some(666_088), Does::SettlesLater),
    // Bank accounts.
    bank("bank", "000123456789", None, Does::Settle),
    bank("bank_savings", "000987654321", None, Does::Settle),
    returned("bank_r01", "000111111001", 666_071, ("insufficient_funds", "R01"), "Insufficient funds."),
    returned("bank_r02", "000111111002", 666_072, ("closed_account", "R02"), "The account is closed."),
    returned("bank_r03", "000111111003", 666_073, ("no_account", "R03"), "No account, or not this holder's."),
    returned("bank_r04", "000111111004", 666_074, ("invalid_account_number", "R04"), "The account number is invalid."),
    returned("bank_r07", "000111111007", 666_077, ("authorization_revoked", "R07"), "The customer revoked the authorization."),
    returned("bank_r08", "000111111008", 666_078, ("stop_payment", "R08"), "The customer stopped the payment."),
    returned("bank_r09", "000111111009", 666_079, ("uncollected_funds", "R09"), "The funds are not yet collected."),
    returned("bank_r10", "000111111010", 666_070, ("unauthorized", "R10"), "The customer did not authorize this."),
    returned("bank_r14", "000111111014", 666_064, ("deceased", "R14"), "The account holder is deceased."),
    returned("bank_r16", "000111111016", 666_066, ("account_frozen", "R16"), "The account is frozen."),
    returned("bank_r20", "000111111020", 666_062, ("non_transaction_account", "R20"), "The account takes no debits."),
    returned("bank_r29", "000111111029", 666_069, ("unauthorized", "R29"), "The corporate customer did not authorize this."),
    bank("bank_r10_late", "000222222010", Some(666_068),
        Does::ReturnLate(1, why("unauthorized", "R10", "The customer did not authorize this."))),
    late("bank_r01_late", "000222222001", 666_008, 1, ("insufficient_funds", "R01"), "Insufficient funds."),
    late("bank_r07_day30", "000222222030", 666_031, 30, ("authorization_revoked", "R07"), "The customer revoked the authorization."),
    late("bank_r10_day60", "000222222060", 666_060, 60, ("unauthorized", "R10"), "The customer did not authorize this."),
    late("bank_r10_day75", "000222222075", 666_075, 75, ("unauthorized", "R10"), "The customer did not authorize this, and the banks agreed."),
    returned("bank_r05", "000111111005", 666_006, ("unauthorized", "R05"), "A corporate debit hit a consumer's account."),
    returned("bank_r11", "000111111011", 666_011, ("not_as_agreed", "R11"), "Not in accordance with the terms of the authorization."),
    returned("bank_r12", "000111111012", 666_032, ("branch_sold", "R12"), "The branch was sold to another bank."),
    returned("bank_r13", "000111111013", 666_013, ("no_ach_bank", "R13"), "The bank takes no such entries."),
    returned("bank_r15", "000111111015", 666_016, ("deceased", "R15"), "The account holder is deceased."),
    returned("bank_r17", "000111111017", 666_017, ("questionable", "R17"), "Initiated under questionable circumstances."),
    returned("bank_r24", "000111111024", 666_033, ("duplicate", "R24"), "The entry is a duplicate."),
    returned("bank_r31", "000111111031", 666_034, ("permissible_return", "R31"), "Our bank agreed to the return."),
    returned("bank_r51", "000111111051", 666_035, ("unauthorized", "R51"), "The item is not eligible."),
    returned("bank_r90", "000111111090", 666_036, ("sanctions", "R90"), "Returned for sanctions."),
    returned("bank_unheard_of", "000111111098", 666_038, ("unheard_of", "R98"), "A code that Nacha has not given out."),
];

impl Scenario {
    /// The row called `name`.
    pub fn named(name: &str) -> Option<&'static Scenario> {
        SCENARIOS.iter().find(|s| s.name == name)
    }

    /// The row of a ready-made token.
    pub fn of_token(token: &str) -> Option<&'static Scenario> {
        token.strip_prefix("tok_").and_then(Scenario::named)
    }

    /// The row of a card number. Apart from the listed numbers, everything that passes the Luhn check and
    /// begins with 400000 approves; all else is nobody's test card, and perhaps somebody's real one.
    pub fn of_card(number: &str) -> Option<&'static Scenario> {
        let listed = SCENARIOS.iter().find(|s| matches!(s.on, On::Card(_, n) if n == number));
        let spare = number.len() == 16 && number.starts_with("400000") && passes_luhn(number);
        listed.or_else(|| spare.then(|| &SCENARIOS[0]))
    }

    /// The row of a bank account; one that is not listed settles.
    pub fn of_account(account: &str) -> Option<&'static Scenario> {
        SCENARIOS
            .iter()
            .find(|s| matches!(s.on, On::Bank(n) if n == account))
            .or_else(|| Scenario::named("bank"))
    }

    /// The row that decides a charge of `amount` on an instrument of this row. Amounts speak only where the
    /// instrument would approve, and returns only where it is a bank account, chargebacks and refund rows only
    /// where it is a card.
    pub fn with_amount(&'static self, amount: i64) -> &'static Scenario {
        let of_amount = SCENARIOS.iter().find(|s| s.amount == Some(amount));
        match (self.does, of_amount) {
            (Does::Approve, Some(other)) if !matches!(other.on, On::Bank(_)) => other,
            (Does::Settle, Some(other)) if other.happens_to_banks() => other,
            _ => self,
        }
    }

    /// Whether it is a card's row.
    pub fn is_card(&self) -> bool {
        matches!(self.on, On::Card(..))
    }

    fn happens_to_banks(&self) -> bool {
        !matches!(
            self.does,
            Does::Chargeback(_) | Does::RefundDeclined(_) | Does::RefundLost | Does::SettlesLater
        )
    }

    /// What happens, in words.
    pub fn about(&self) -> String {
        let coded = |w: Why| {
            let advice = w.advice.map(|a| format!(", advice {a}")).unwrap_or_default();
            format!("`{}` ({}{advice})", w.code, w.network.unwrap_or("no network code"))
        };
        match self.does {
            Does::Approve => "approves".into(),
            Does::Decline(w) => format!("declined: {}", coded(w)),
            Does::Error => "answers 500, every time; nothing is charged".into(),
            Does::LostBefore => {
                "the first submit of a key is lost: no answer, no charge; then it approves".into()
            }
            Does::LostAfter => "charged, and the first answer is lost".into(),
            Does::ErrorAfter => "charged, and the first answer is a 500".into(),
            Does::Slow => "charged, and answered after 3 seconds".into(),
            Does::Hang => "charged, and never answered the first time".into(),
            Does::Chargeback(w) => format!("approves; charged back a day after settlement: {}", coded(w)),
            Does::RefundDeclined(w) => format!("approves; refunds are declined: {}", coded(w)),
            Does::RefundLost => "approves; a refund is made and its first answer lost".into(),
            Does::Settle => "pending, then settled".into(),
            Does::Return(w) => format!("pending, then returned: {}", coded(w)),
            Does::ReturnLate(1, w) => format!("pending, settled, returned a day later: {}", coded(w)),
            Does::ReturnLate(days, w) => {
                format!("pending, settled, returned {days} days later: {}", coded(w))
            }
            Does::SettlesLater => {
                "approves; for an hour it is not settled: it can be voided, and not refunded".into()
            }
        }
    }
}

/// Whose money the card with this number spends.
pub fn funding(number: &str) -> &'static str {
    match number {
        "4000056655665556" | "5200828282828210" | "6011000990139424" => "debit",
        "5105105105105100" => "prepaid",
        _ => "credit",
    }
}

impl Brand {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Brand::Visa => "Visa",
            Brand::Mastercard => "Mastercard",
            Brand::Amex => "American Express",
            Brand::Discover => "Discover",
        }
    }
}

/// Whether the digits of `number` pass the Luhn check.
pub fn passes_luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, digit)| {
            let twice = u32::from(digit.wrapping_sub(b'0')) * if i % 2 == 1 { 2 } else { 1 };
            twice / 10 + twice % 10
        })
        .sum();
    number.bytes().all(|b| b.is_ascii_digit()) && sum > 0 && sum.is_multiple_of(10)
}

/// Whether `routing` is nine digits that pass the ABA check.
pub fn passes_aba(routing: &str) -> bool {
    let digits: Vec<u32> = routing.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits.iter().zip([3, 7, 1, 3, 7, 1, 3, 7, 1]).map(|(d, w)| d * w).sum();
    routing.len() == 9 && digits.len() == 9 && sum > 0 && sum.is_multiple_of(10)
}

/// The tables of `docs/SANDBOX.md` and `GET /magic`, in Markdown.
pub fn markdown() -> String {
    let mut text =
        String::from("| card number | brand | token | amount | what happens |\n|---|---|---|---|---|\n");
    let dollars = |s: &Scenario| s.amount.map_or("–".into(), |a| format!("{}.{:02}", a / 100, a % 100));
    for s in SCENARIOS {
        if let On::Card(brand, number) = s.on {
            let (brand, amount) = (brand.name(), dollars(s));
            text += &format!("| {number} | {brand} | `tok_{}` | {amount} | {} |\n", s.name, s.about());
        }
    }
    text += "\n| account number | token | amount | what happens |\n|---|---|---|---|\n";
    for s in SCENARIOS {
        if let On::Bank(account) = s.on {
            text += &format!("| {account} | `tok_{}` | {} | {} |\n", s.name, dollars(s), s.about());
        }
    }
    text + &crate::turns::markdown()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_number_name_or_amount_stands_for_two_things() {
        let (mut numbers, mut names, mut amounts) = (HashSet::new(), HashSet::new(), HashSet::new());
        for s in SCENARIOS {
            let (On::Card(_, number) | On::Bank(number)) = s.on;
            assert!(numbers.insert(number), "{number}");
            assert!(names.insert(s.name), "{}", s.name);
            assert!(
                s.amount.is_none_or(|a| amounts.insert(a) && (666_000..666_100).contains(&a)),
                "{}",
                s.name
            );
        }
    }

    #[test]
    fn every_card_passes_luhn_and_looks_like_its_brand() {
        for s in SCENARIOS {
            if let On::Card(brand, number) = s.on {
                assert!(passes_luhn(number), "{number}");
                let (length, looks) = match brand {
                    Brand::Visa => (16, number.starts_with('4')),
                    Brand::Mastercard => {
                        (16, ["51", "52", "55", "2223"].iter().any(|p| number.starts_with(p)))
                    }
                    Brand::Amex => (15, number.starts_with("37")),
                    Brand::Discover => (16, number.starts_with("6011")),
                };
                assert!(looks && number.len() == length, "{number}");
            }
        }
    }

    #[test]
    fn every_behaviour_but_plain_approval_can_be_had_by_amount() {
        for s in SCENARIOS {
            let plain = matches!(s.does, Does::Approve | Does::Settle);
            assert_eq!(s.amount.is_none(), plain, "{}", s.name);
        }
    }

    #[test]
    fn a_number_that_could_be_a_real_card_is_nobodys_test_card() {
        assert!(Scenario::of_card("4539578763621486").is_none());
        assert!(Scenario::of_card("4000007100000003").is_none(), "fails Luhn");
        assert_eq!(Scenario::of_card("4000002500003155").map(|s| s.name), Some("visa"));
    }

    #[test]
    fn a_routing_number_carries_a_check_digit() {
        assert!(passes_aba("110000000") && passes_aba("021000021"));
        assert!(!passes_aba("110000001") && !passes_aba("11000000") && !passes_aba("000000000"));
    }

    #[test]
    fn the_document_shows_this_table() {
        let document = include_str!("../../../docs/SANDBOX.md");
        assert!(document.contains(&markdown()), "put this into docs/SANDBOX.md:\n{}", markdown());
    }
}
