//! What a bank calls a movement or a balance.

use std::fmt;

use crate::bai::TypeCode;

/// The bank's own kind of a movement.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum BankCode {
    /// BAI2's type code.
    Bai(TypeCode),
    /// camt's bank transaction code. Source: ISO 20022, external code sets, bank transaction code.
    Iso(IsoCode),
}

impl BankCode {
    /// The type code of BAI2: its own, or one that a bank of the United States wrote into camt as its own code, by the name
    /// of BAI.
    pub fn type_code(&self) -> Option<TypeCode> {
        match self {
            BankCode::Bai(code) => Some(*code),
            BankCode::Iso(code) if code.issuer.to_ascii_uppercase().contains("BAI") => {
                TypeCode::from_digits(code.proprietary.as_bytes())
            }
            BankCode::Iso(_) => None,
        }
    }
}

impl fmt::Debug for BankCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for BankCode {
    /// As `142`; as `PMNT/RDDT/RJCT`, with the bank's own behind it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BankCode::Bai(code) => fmt::Display::fmt(code, f),
            BankCode::Iso(code) => fmt::Display::fmt(code, f),
        }
    }
}

/// A bank transaction code of ISO 20022; empty texts where a part of it is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct IsoCode {
    /// The domain, such as `PMNT` for payments.
    pub domain: String,
    /// The family within it, such as `RDDT` for received direct debits.
    pub family: String,
    /// The kind within that, such as `RJCT` for a rejection.
    pub subfamily: String,
    /// What the bank itself calls it.
    pub proprietary: String,
    /// Whose code that is.
    pub issuer: String,
}

impl IsoCode {
    /// Whether nothing of it is there.
    pub fn is_empty(&self) -> bool {
        *self == IsoCode::default()
    }
}

impl fmt::Display for IsoCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.domain, &self.family, &self.subfamily, &self.proprietary];
        let mut first = true;
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            let slash = if first { "" } else { "/" };
            write!(f, "{slash}{part}")?;
            first = false;
        }
        Ok(())
    }
}

/// What a balance or total is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FigureCode {
    /// BAI2's type code.
    Bai(TypeCode),
    /// camt's balance type: `OPBD`, `CLBD`, `CLAV`, or a bank's own.
    Iso(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_code_of_bai_is_known_within_camt() {
        let mut code = IsoCode { proprietary: "557".into(), issuer: "BAI2".into(), ..IsoCode::default() };
        assert_eq!(BankCode::Iso(code.clone()).type_code(), TypeCode::from_digits(b"557"));
        code.issuer = "NTRF".into();
        assert_eq!(BankCode::Iso(code).type_code(), None);
    }

    #[test]
    fn codes_are_told_from_the_outside_in() {
        let code = IsoCode {
            domain: "PMNT".into(),
            family: "RDDT".into(),
            subfamily: "RJCT".into(),
            proprietary: "557".into(),
            issuer: "BAI".into(),
        };
        assert_eq!(BankCode::Iso(code).to_string(), "PMNT/RDDT/RJCT/557");
    }
}
