//! Faults around commits, planted by a story.

use std::sync::{Mutex, PoisonError};

use base::db::{Faults, Planted};

/// What will go wrong, in the order in which it was planted.
#[derive(Default)]
pub(crate) struct Planned(Mutex<Vec<(&'static str, Planted)>>);

impl Planned {
    /// The next commit of the named command that has no fault before it goes wrong like this.
    pub(crate) fn plant(&self, command: &'static str, fault: Planted) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((command, fault));
    }

    /// Whether everything that was planted has happened.
    pub(crate) fn all_happened(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl Faults for Planned {
    fn before_commit(&self, command: &'static str) -> Planted {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = planned.iter().position(|(name, _)| *name == command);
        at.map_or(Planted::Nothing, |at| planned.remove(at).1)
    }
}
