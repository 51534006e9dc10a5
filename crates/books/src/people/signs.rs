//! What customers are found by, as blind indexes.

use base::Day;
use base::us::fold_name;

use crate::orgs::Tenant;

/// What is known of a customer, in the form in which it is indexed: one thing, or what identifies and what proves
/// together.
pub(super) struct Sign {
    /// The column is called so and `_index`.
    pub(super) column: &'static str,
    values: Vec<String>,
}

impl Sign {
    /// A whole name; of one without letters, none.
    pub(super) fn name(name: &str) -> Option<Sign> {
        let value = fold_name(name);
        (!value.is_empty()).then_some(Sign { column: "name", values: vec![value] })
    }

    /// An e-mail address.
    pub(super) fn email(email: &str) -> Sign {
        Sign { column: "email", values: vec![email.trim().to_lowercase()] }
    }

    /// A phone number in E.164.
    pub(super) fn phone(number: &str) -> Sign {
        Sign { column: "phone", values: vec![number.to_owned()] }
    }

    /// A phone number and the last four of a Social Security number.
    pub(super) fn phone_ssn(number: &str, last4: &str) -> Sign {
        Sign { column: "phone_ssn", values: vec![number.to_owned(), four(last4)] }
    }

    /// A phone number and a birthday.
    pub(super) fn phone_birth(number: &str, born: Day) -> Sign {
        Sign { column: "phone_birth", values: vec![number.to_owned(), born.to_string()] }
    }

    /// A phone number and a ZIP; of a postal code that does not begin with five digits, none.
    pub(super) fn phone_postal(number: &str, postal_code: &str) -> Option<Sign> {
        let five = postal_code.trim().get(..5).filter(|five| five.bytes().all(|b| b.is_ascii_digit()))?;
        Some(Sign { column: "phone_postal", values: vec![number.to_owned(), five.to_owned()] })
    }

    /// A whole name and the last four of a Social Security number.
    pub(super) fn name_ssn(name: &str, last4: &str) -> Option<Sign> {
        let value = fold_name(name);
        (!value.is_empty()).then(|| Sign { column: "name_ssn", values: vec![value, four(last4)] })
    }

    /// A whole name and a birthday.
    pub(super) fn name_birth(name: &str, born: Day) -> Option<Sign> {
        let value = fold_name(name);
        (!value.is_empty()).then(|| Sign { column: "name_birth", values: vec![value, born.to_string()] })
    }

    fn values(&self) -> Vec<&str> {
        self.values.iter().map(String::as_str).collect()
    }

    /// The index to write.
    pub(super) fn written(&self, tenant: &Tenant) -> Vec<u8> {
        tenant.key.index(self.column, &self.values())
    }

    /// The indexes under which a row may stand.
    pub(super) fn all(&self, tenant: &Tenant) -> Vec<Vec<u8>> {
        tenant.key.indexes(self.column, &self.values())
    }
}

/// Zeros that a spreadsheet dropped are put back.
fn four(last4: &str) -> String {
    format!("{:0>4}", last4.trim())
}
