//! What a refusal means to whoever presents again, written down a second time and by hand: from the networks' own words
//! and not from the product's rows.

/// Over which network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Network {
    /// A bank account.
    Bank,
    /// A Visa card.
    Visa,
    /// A Mastercard.
    Mastercard,
    /// An American Express card.
    Amex,
}

/// A response code, and the advice beside it.
pub(crate) type Said = (&'static str, Option<&'static str>);

/// What lets a stopped account or card be charged again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lift {
    /// Nothing does.
    Nothing,
    /// Somebody says that they looked, or that its holder authorized it anew.
    Word,
    /// Other details of it.
    Details,
}

/// What it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// There was not enough money: the same entry may be presented three times in 180 days.
    Funds,
    /// Later, after so many hours.
    Later(i64),
    /// Not by itself: somebody must do something about it.
    Hold,
    /// The account or card is not charged any more.
    Stop(Lift),
    /// Its holder did not authorize it: not any more, and the plan is over.
    Unauthorized,
}

const DEAD: Means = Means::Stop(Lift::Nothing);
const ASK: Means = Means::Stop(Lift::Word);
const RENEW: Means = Means::Stop(Lift::Details);

/// What banks say. R98 is nobody's code.
pub(crate) const BANKS: &[(&str, Means)] = &[
    ("R01", Means::Funds),
    ("R02", DEAD),
    ("R03", DEAD),
    ("R04", DEAD),
    ("R05", Means::Unauthorized),
    ("R06", Means::Hold),
    ("R07", Means::Unauthorized),
    ("R08", ASK),
    ("R09", Means::Funds),
    ("R10", Means::Unauthorized),
    ("R11", ASK),
    ("R13", DEAD),
    ("R14", ASK),
    ("R16", ASK),
    ("R17", ASK),
    ("R20", DEAD),
    ("R24", Means::Hold),
    ("R29", Means::Unauthorized),
    ("R51", Means::Unauthorized),
    ("R90", ASK),
    ("R98", ASK),
];

/// What Visa's issuers say. The last is a dispute, of what was paid.
pub(crate) const VISA: &[(Said, Means)] = &[
    (("51", None), Means::Later(0)),
    (("05", None), Means::Later(0)),
    (("61", None), Means::Later(0)),
    (("65", None), Means::Later(0)),
    (("91", None), Means::Later(0)),
    (("N7", None), Means::Hold),
    (("04", None), DEAD),
    (("14", None), DEAD),
    (("41", None), DEAD),
    (("43", None), DEAD),
    (("46", None), DEAD),
    (("57", None), DEAD),
    (("15", None), ASK),
    (("R0", None), ASK),
    (("54", None), RENEW),
    (("R1", None), Means::Unauthorized),
    (("R3", None), Means::Unauthorized),
    (("10.4", None), Means::Unauthorized),
];

/// What Mastercard's issuers say, with the merchant advice codes. The last is a dispute.
pub(crate) const MASTERCARD: &[(Said, Means)] = &[
    (("51", None), Means::Later(0)),
    (("51", Some("02")), Means::Later(0)),
    (("51", Some("24")), Means::Later(1)),
    (("51", Some("25")), Means::Later(24)),
    (("51", Some("26")), Means::Later(48)),
    (("51", Some("27")), Means::Later(96)),
    (("51", Some("28")), Means::Later(144)),
    (("51", Some("29")), Means::Later(192)),
    (("51", Some("30")), Means::Later(240)),
    (("91", None), Means::Later(0)),
    (("57", Some("40")), Means::Hold),
    (("05", Some("01")), RENEW),
    (("05", Some("03")), DEAD),
    (("05", Some("99")), DEAD),
    (("57", Some("41")), DEAD),
    (("41", None), DEAD),
    (("43", Some("24")), DEAD),
    (("05", Some("21")), ASK),
    (("4837", None), Means::Unauthorized),
];

/// What all card networks say.
pub(crate) const AMEX: &[(Said, Means)] = &[
    (("51", None), Means::Later(0)),
    (("05", None), Means::Later(0)),
    (("57", None), Means::Hold),
    (("41", None), DEAD),
    (("59", None), ASK),
    (("54", None), RENEW),
    (("R1", None), Means::Unauthorized),
];

/// What a code means on a network.
pub(crate) fn means(network: Network, said: (&str, Option<&str>)) -> Means {
    let cards = match network {
        Network::Bank => {
            let found = BANKS.iter().find(|(code, _)| *code == said.0);
            return found.map_or(ASK, |(_, means)| *means);
        }
        Network::Visa => VISA,
        Network::Mastercard => MASTERCARD,
        Network::Amex => AMEX,
    };
    cards.iter().find(|(known, _)| *known == said).map_or(ASK, |(_, means)| *means)
}
