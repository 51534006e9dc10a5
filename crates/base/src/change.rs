//! What a request that merges asks of one field.

/// What is to happen to a stored value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Nothing was sent: it stays.
    #[default]
    Keep,
    /// `null` or an empty text was sent: it goes.
    Clear,
    /// This was sent.
    Set(T),
}

impl<T> Change<T> {
    /// What stands after the change, where `now` stood.
    pub fn over(self, now: Option<T>) -> Option<T> {
        match self {
            Change::Keep => now,
            Change::Clear => None,
            Change::Set(value) => Some(value),
        }
    }

    /// The change of an optional field on create: nothing sent is nothing kept.
    pub fn set(self) -> Option<T> {
        self.over(None)
    }

    /// The same change of a value made from it.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(value) => Change::Set(make(value)),
        }
    }
}
