//! What customers are found by, as blind indexes.

use base::us::fold_name;

use crate::orgs::Tenant;

/// One thing that is known of a customer, in the form in which it is indexed.
pub(super) struct Sign {
    /// `name`, `email` or `phone`; the column is called so and `_index`.
    pub(super) column: &'static str,
    value: String,
}

impl Sign {
    /// A whole name; of one without letters, none.
    pub(super) fn name(name: &str) -> Option<Sign> {
        let value = fold_name(name);
        (!value.is_empty()).then_some(Sign { column: "name", value })
    }

    /// An e-mail address.
    pub(super) fn email(email: &str) -> Sign {
        Sign { column: "email", value: email.trim().to_lowercase() }
    }

    /// A phone number in E.164.
    pub(super) fn phone(number: &str) -> Sign {
        Sign { column: "phone", value: number.to_owned() }
    }

    /// The index to write.
    pub(super) fn written(&self, tenant: &Tenant) -> Vec<u8> {
        tenant.key.index(self.column, &[&self.value])
    }

    /// The indexes under which a row may stand.
    pub(super) fn all(&self, tenant: &Tenant) -> Vec<Vec<u8>> {
        tenant.key.indexes(self.column, &[&self.value])
    }
}
