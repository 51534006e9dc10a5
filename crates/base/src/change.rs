//! What a merging update does with one field.

/// What a merging update does with a field that may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It was not sent: the stored value stays.
    #[default]
    Keep,
    /// It was sent as `null` or blank: the stored value goes.
    Clear,
    /// It was sent: this is the value from now on.
    Set(T),
}

impl<T> Change<T> {
    /// The value after the change, given the one `before`.
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Change::Keep => before,
            Change::Clear => None,
            Change::Set(value) => Some(value),
        }
    }

    /// The new value, where there is one.
    pub fn set(self) -> Option<T> {
        self.over(None)
    }

    /// The new value, by reference.
    pub fn as_set(&self) -> Option<&T> {
        if let Change::Set(value) = self { Some(value) } else { None }
    }

    /// Whether nothing changes.
    pub fn is_keep(&self) -> bool {
        matches!(self, Change::Keep)
    }

    /// The same change of something else.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(value) => Change::Set(f(value)),
        }
    }
}

/// On create: a value that is there is set, a missing one is nothing at all.
impl<T> From<Option<T>> for Change<T> {
    fn from(value: Option<T>) -> Change<T> {
        value.map_or(Change::Keep, Change::Set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sent_changes() {
        assert_eq!(Change::Keep.over(Some(1)), Some(1));
        assert_eq!(Change::Clear.over(Some(1)), None);
        assert_eq!(Change::Set(2).over(Some(1)), Some(2));
        assert_eq!(Change::from(None::<u8>), Change::Keep);
    }
}
