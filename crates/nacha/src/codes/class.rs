//! The service class of a batch. Source: Nacha Operating Rules, Appendix Three, "Service Class Code".

use super::Direction;

/// Which entries a batch may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServiceClass {
    /// 200: debits and credits.
    Mixed,
    /// 220: credits alone.
    Credits,
    /// 225: debits alone.
    Debits,
    /// 280: accounting advices of an ACH operator.
    Advices,
}

impl ServiceClass {
    /// The class with this number.
    pub fn of(number: u32) -> Option<ServiceClass> {
        Some(match number {
            200 => ServiceClass::Mixed,
            220 => ServiceClass::Credits,
            225 => ServiceClass::Debits,
            280 => ServiceClass::Advices,
            _ => return None,
        })
    }

    /// Its number.
    pub fn get(self) -> u32 {
        match self {
            ServiceClass::Mixed => 200,
            ServiceClass::Credits => 220,
            ServiceClass::Debits => 225,
            ServiceClass::Advices => 280,
        }
    }

    /// Whether a batch of this class may have entries of this direction.
    pub fn allows(self, direction: Direction) -> bool {
        match self {
            ServiceClass::Mixed | ServiceClass::Advices => true,
            ServiceClass::Credits => direction == Direction::Credit,
            ServiceClass::Debits => direction == Direction::Debit,
        }
    }
}
