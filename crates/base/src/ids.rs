//! Ids that cannot be swapped. Debug prints the kind (`tenant_0192…`), the wire prints the bare UUID.

/// Declares id types over UUIDs: each with its documentation and the short name Debug shows.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $short:literal)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $crate::ids::Uuid);

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!($short, "_{}"), self.0)
            }
        }

        /// The bare UUID, as the wire has it.
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$crate::ids::Uuid> for $name {
            fn from(id: $crate::ids::Uuid) -> Self {
                $name(id)
            }
        }

        impl From<$name> for $crate::ids::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        $crate::column!($name as $crate::ids::Uuid, |id| id.0, |raw| $name(raw));
    )*};
}

pub use ids;
#[doc(hidden)]
pub use uuid::Uuid;

ids! {
    /// An organization's environment (production or sandbox): the tenant every row belongs to.
    TenantId "tenant"
    /// An agency, law firm or creditor using this installation.
    OrgId "org"
}

/// How a caller names a thing: by our id, or by their own `external_id`. A text that is a UUID is tried as
/// ours first and as theirs second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ref(String);

impl Ref {
    /// The longest reference there is, in characters.
    pub const LONGEST: usize = 255;

    /// A reference as the caller wrote it, or `None` where it is empty or too long to be anybody's.
    pub fn new(text: &str) -> Option<Ref> {
        let text = text.trim();
        (!text.is_empty() && text.chars().count() <= Ref::LONGEST && !text.contains('\0'))
            .then(|| Ref(text.to_owned()))
    }

    /// The reference read as our id, where it can be.
    pub fn ours(&self) -> Option<Uuid> {
        // Only the hyphenated form is ours: the others are somebody's external id.
        (self.0.len() == 36).then(|| Uuid::try_parse(&self.0).ok()).flatten()
    }

    /// The reference read as the caller's external id.
    pub fn theirs(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_tried_as_ours() {
        assert!(Ref::new("018f0000-0000-7000-8000-000000000000").unwrap().ours().is_some());
        assert!(Ref::new("018f000000007000800000000000000a").unwrap().ours().is_none());
        assert_eq!(Ref::new("   "), None);
        assert_eq!(Ref::new(&"x".repeat(256)), None);
    }
}
