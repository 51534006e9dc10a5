//! Standard entry class codes: what kind of payment a batch holds. Source: Nacha Operating Rules, Appendix Three,
//! "Standard Entry Class Code", and Article Two, Section 2.5.

/// Which ways money may go, reversals aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Directions {
    /// Both.
    Both,
    /// From the receiver alone.
    Debits,
    /// To the receiver alone.
    Credits,
    /// Nowhere: no money moves.
    None,
}

macro_rules! codes {
    ($($variant:ident $code:literal $title:literal $directions:ident $addenda:literal,)*) => {
        /// A standard entry class.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SecCode {
            $(#[doc = concat!("`", $code, "`: ", $title, ".")] $variant,)*
            /// One that the format does not know. Its entries are read as those of PPD are.
            Unknown([u8; 3]),
        }

        impl SecCode {
            /// All that the format knows.
            pub const ALL: &'static [SecCode] = &[$(SecCode::$variant),*];

            /// The class that these three columns say.
            pub fn of(columns: [u8; 3]) -> SecCode {
                $(if columns == three($code) {
                    return SecCode::$variant;
                })*
                SecCode::Unknown(columns)
            }

            /// The code itself; `???` where it is not known.
            pub fn as_str(self) -> &'static str {
                match self { $(SecCode::$variant => $code,)* SecCode::Unknown(_) => "???" }
            }

            /// In words.
            pub fn title(self) -> &'static str {
                match self { $(SecCode::$variant => $title,)* SecCode::Unknown(_) => "not a standard entry class" }
            }

            /// Which ways money may go.
            pub fn directions(self) -> Directions {
                match self { $(SecCode::$variant => Directions::$directions,)* SecCode::Unknown(_) => Directions::Both }
            }

            /// How many addenda an entry has at most, returns and changes aside.
            pub fn addenda_limit(self) -> u32 {
                match self { $(SecCode::$variant => $addenda,)* SecCode::Unknown(_) => 9_999 }
            }
        }
    };
}

codes! {
    Ack "ACK" "acknowledgment of a corporate credit" None 1,
    Adv "ADV" "accounting advice of an ACH operator" Both 0,
    Arc "ARC" "check received by mail, converted" Debits 0,
    Atx "ATX" "acknowledgment of a corporate trade exchange" None 9_999,
    Boc "BOC" "check taken at a counter, converted in the back office" Debits 0,
    Ccd "CCD" "corporate credit or debit" Both 1,
    Cie "CIE" "bill paid by a consumer through their bank" Credits 1,
    Cor "COR" "notification of change, or its refusal" None 1,
    Ctx "CTX" "corporate trade exchange" Both 9_999,
    Dne "DNE" "notice of a death by a federal agency" None 1,
    Enr "ENR" "enrollment with a federal agency" None 9_999,
    Iat "IAT" "international" Both 14,
    Mte "MTE" "transfer at a machine" Both 1,
    Pop "POP" "check converted at the point of purchase" Debits 0,
    Pos "POS" "point of sale" Both 1,
    Ppd "PPD" "prearranged payment or deposit" Both 1,
    Rck "RCK" "re-presented check" Debits 0,
    Shr "SHR" "shared network" Both 1,
    Tel "TEL" "authorized by telephone" Debits 0,
    Trc "TRC" "truncated check" Debits 0,
    Trx "TRX" "truncated checks exchange" Debits 9_999,
    Web "WEB" "authorized online, or sent from person to person" Both 1,
    Xck "XCK" "destroyed check" Debits 0,
}

impl SecCode {
    /// The three columns.
    pub(crate) fn columns(self) -> [u8; 3] {
        match self {
            SecCode::Unknown(columns) => columns,
            known => three(known.as_str()),
        }
    }

    /// Whether its entries are those of a returned check or of one that was converted.
    pub fn has_check_number(self) -> bool {
        use SecCode::{Arc, Boc, Pop, Rck, Trc, Xck};
        matches!(self, Arc | Boc | Pop | Rck | Trc | Xck)
    }
}

/// The three bytes of a code; blanks for what is shorter.
const fn three(code: &str) -> [u8; 3] {
    match code.as_bytes() {
        [a, b, c, ..] => [*a, *b, *c],
        _ => *b"   ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_found_by_its_code() {
        assert_eq!(SecCode::ALL.len(), 23);
        for class in SecCode::ALL {
            assert_eq!(SecCode::of(class.columns()), *class);
        }
        assert_eq!(SecCode::of(*b"XYZ"), SecCode::Unknown(*b"XYZ"));
        assert_eq!(SecCode::of(*b"ppd"), SecCode::Unknown(*b"ppd"), "codes are capitals");
    }
}
