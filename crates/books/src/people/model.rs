//! A customer and their addresses, opened, and what may be said about them in a request.
//!
//! Nothing here prints personal data: a customer's Debug is their id.

use std::fmt;

use base::secret::Secret;
use base::{Change, Day, Ts};
use uuid::Uuid;

use crate::metadata::{self, Metadata};
use crate::orgs::Flow;

base::ids! {
    /// A person or company that owes.
    CustomerId "customer"
    /// An address of a customer.
    AddressId "address"
}

/// Whether a customer may use the portal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// May.
    #[default]
    Active,
    /// Has no access; only staff may take payments.
    Locked,
    /// Put away.
    Archived,
}

impl Status {
    /// The words on the wire and in the database.
    pub const WORDS: &'static [(&'static str, Status)] =
        &[("active", Status::Active), ("locked", Status::Locked), ("archived", Status::Archived)];

    /// `active`, `locked` or `archived`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Locked => "locked",
            Status::Archived => "archived",
        }
    }

    /// The status of a stored word.
    pub fn parse(word: &str) -> Option<Status> {
        Status::WORDS.iter().find(|(known, _)| *known == word).map(|(_, status)| *status)
    }
}

/// A customer, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Customer {
    /// Our id.
    pub id: CustomerId,
    /// The caller's.
    pub external_id: Option<String>,
    /// Whether they may use the portal.
    pub status: Status,
    /// The whole name, of a person or a company.
    pub name: String,
    /// The part before the last name, where there is one.
    pub first_name: Option<String>,
    /// The last name; of a single word, that word.
    pub last_name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their phone, E.164.
    pub phone: Option<String>,
    /// When they were born.
    pub date_of_birth: Option<Day>,
    /// The last four digits of their Social Security number.
    pub ssn_last4: Option<Secret<String>>,
    /// What the caller keeps with them.
    pub metadata: Metadata,
    /// Their addresses, oldest first; exactly one is primary as long as there is any.
    pub addresses: Vec<Address>,
    /// When they were made.
    pub created_at: Ts,
    /// When they or one of their addresses last changed.
    pub updated_at: Ts,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

/// An address of a customer, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Its id.
    pub id: AddressId,
    /// Whose name stands on the letter.
    pub name: Option<String>,
    /// Street and number.
    pub line1: Option<String>,
    /// Apartment, suite.
    pub line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, as sent.
    pub state: Option<String>,
    /// ZIP or other postal code, as sent.
    pub postal_code: Option<String>,
    /// Country, as sent.
    pub country: Option<String>,
    /// Whether it is the one to write to.
    pub is_primary: bool,
    /// When it was made.
    pub created_at: Ts,
    /// When it last changed.
    pub updated_at: Ts,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

/// What a request says about a customer. On create, `Clear` is as good as `Keep`.
#[derive(Clone, Default)]
pub struct Fields {
    /// The whole name.
    pub name: Change<String>,
    /// The first name alone.
    pub first_name: Change<String>,
    /// The last name alone.
    pub last_name: Change<String>,
    /// The caller's id.
    pub external_id: Change<String>,
    /// Whether they may use the portal; clearing changes nothing.
    pub status: Change<Status>,
    /// E-mail.
    pub email: Change<String>,
    /// Phone, in any US punctuation.
    pub phone: Change<String>,
    /// When they were born.
    pub date_of_birth: Change<Day>,
    /// Up to four digits; zeros in front may be missing.
    pub ssn_last4: Change<String>,
    /// Attributes; clearing deletes all.
    pub metadata: Change<metadata::Changes>,
    /// Addresses to add or update; those not named stay as they are.
    pub addresses: Vec<AddressWrite>,
}

/// What a request says about an address.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AddressFields {
    /// Whose name stands on the letter.
    pub name: Change<String>,
    /// Street and number.
    pub line1: Change<String>,
    /// Apartment, suite.
    pub line2: Change<String>,
    /// City.
    pub city: Change<String>,
    /// State.
    pub state: Change<String>,
    /// Postal code.
    pub postal_code: Change<String>,
    /// Country.
    pub country: Change<String>,
    /// `true` makes it the primary one; `false` changes nothing, since another has to be made primary instead.
    pub is_primary: Option<bool>,
}

/// An address within what a request says about a customer.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AddressWrite {
    /// Where it stands in the request, for messages: `address`, `addresses.1`.
    pub at: String,
    /// Which one to update; without it, one that is equal in all fields is kept, else a new one is added.
    pub id: Option<String>,
    /// What it says.
    pub fields: AddressFields,
}

/// What a list of customers may be filtered by.
#[derive(Clone, Default)]
pub struct Filter {
    /// The caller's id, exactly.
    pub external_id: Option<String>,
    /// E-mail, whatever its case.
    pub email: Option<String>,
    /// Phone, in any US punctuation.
    pub phone: Option<String>,
    /// The whole name, whatever its case, accents and punctuation.
    pub name: Option<String>,
    /// Status.
    pub status: Option<Status>,
}

/// What somebody tells to be found by: what identifies them, and what proves it. All of it has to be true.
#[derive(Clone)]
pub enum Sought {
    /// A phone in E.164, and the last four of the Social Security number; zeros in front may be missing.
    PhoneSsn(String, Secret<String>),
    /// A phone in E.164, and the birthday.
    PhoneBirth(String, Day),
    /// A phone in E.164, and the five-digit ZIP of any of their addresses.
    PhonePostalCode(String, String),
    /// First and last name, and the last four of the Social Security number.
    NameSsn(String, Secret<String>),
    /// First and last name, and the birthday.
    NameBirth(String, Day),
}

impl Sought {
    /// By which of the flows.
    pub fn flow(&self) -> Flow {
        match self {
            Sought::PhoneSsn(..) => Flow::PhoneSsn,
            Sought::PhoneBirth(..) => Flow::PhoneBirth,
            Sought::PhonePostalCode(..) => Flow::PhonePostalCode,
            Sought::NameSsn(..) => Flow::NameSsn,
            Sought::NameBirth(..) => Flow::NameBirth,
        }
    }
}

/// An id in a request, where it is one.
pub(super) fn address_id(text: &str) -> Option<AddressId> {
    Uuid::try_parse(text.trim()).ok().map(AddressId)
}
