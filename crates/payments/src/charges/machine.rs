//! The life of a charge and of a refund: every state, every event, and what may follow what.
//!
//! "It did not answer" is a state of its own ([`State::Unknown`]) and never a decline: money may have moved, so the
//! reservation stays until a definite answer. Nothing here knows the time, so a return sixty days after the money
//! came (Nacha's period for unauthorised debits) ends a charge like one on the next day.

/// How a charge stands, exactly. It begins as `Scheduled` or `Submitting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Due later.
    Scheduled,
    /// Claimed by a worker; perhaps on the wire.
    Submitting,
    /// Sent, and no answer that can be understood.
    Unknown,
    /// Accepted by the bank network: reserved, but the balance falls only at settlement.
    Pending,
    /// The money is ours. Also after it was refunded in part.
    Succeeded,
    /// A definite no: nothing moved.
    Declined,
    /// Called off before it was sent, or taken back before it settled: no money moved.
    Canceled,
    /// Given back in whole.
    Refunded,
    /// Came back: an ACH return, before or after it settled, or a chargeback.
    Returned,
}

/// What can happen to a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// It is due, allowed and reserved; a worker will send it.
    Claimed,
    /// Somebody called it off.
    Canceled,
    /// The processor says the money is ours.
    Succeeded,
    /// The processor says it is taken for processing.
    Accepted,
    /// The processor says no, or we know its answer without asking (an expired card).
    Declined,
    /// The call, or a later look-up, gave no answer.
    NoAnswer,
    /// The processor never saw it; it goes out once more under the same key.
    Resubmitted,
    /// A part was given back, and something is left.
    RefundedInPart,
    /// All that was left was given back.
    RefundedInWhole,
    /// The bank or the card network took it back.
    Returned,
    /// It was taken back at the processor before it settled.
    Voided,
}

use State::{Canceled, Declined, Pending, Refunded, Returned, Scheduled, Submitting, Succeeded, Unknown};

impl State {
    /// Every state there is.
    pub const ALL: &[State] =
        &[Scheduled, Submitting, Unknown, Pending, Succeeded, Declined, Canceled, Refunded, Returned];

    /// The state after `event`, or `None` where that cannot happen to a charge that stands like this.
    ///
    /// Three choices the table leaves open. A submission can be repeated without an `Unknown` between: its worker
    /// died, and the next one asks before it sends. What the processor reports as returned or voided while we know
    /// nothing is first `Accepted`, then `Returned` or `Voided`. A chargeback of what was already refunded in whole is `None`:
    /// the books hold nothing of it any more, and a person must contest it, since the payer was paid twice.
    #[must_use]
    pub const fn on(self, event: Event) -> Option<State> {
        match (self, event) {
            (Scheduled, Event::Claimed) => Some(Submitting),
            (Scheduled, Event::Canceled) => Some(Canceled),
            (Submitting | Unknown, Event::Resubmitted) => Some(Submitting),
            (Submitting | Unknown, Event::NoAnswer) => Some(Unknown),
            (Submitting | Unknown, Event::Accepted) => Some(Pending),
            (Submitting | Unknown, Event::Declined) => Some(Declined),
            (Submitting | Unknown | Pending, Event::Succeeded) => Some(Succeeded),
            (Pending | Succeeded, Event::Returned) => Some(Returned),
            (Pending, Event::Voided) => Some(Canceled),
            (Succeeded, Event::RefundedInPart) => Some(Succeeded),
            (Succeeded, Event::RefundedInWhole) => Some(Refunded),
            (
                Scheduled | Submitting | Unknown | Pending | Succeeded | Declined | Canceled | Refunded
                | Returned,
                Event::Claimed
                | Event::Canceled
                | Event::Succeeded
                | Event::Accepted
                | Event::Declined
                | Event::NoAnswer
                | Event::Resubmitted
                | Event::RefundedInPart
                | Event::RefundedInWhole
                | Event::Returned
                | Event::Voided,
            ) => None,
        }
    }

    /// Whether its amount is reserved on the account: it may move, and has not moved yet.
    pub const fn reserves(self) -> bool {
        match self {
            Submitting | Unknown | Pending => true,
            Scheduled | Succeeded | Declined | Canceled | Refunded | Returned => false,
        }
    }

    /// Whether nothing can happen to it any more.
    pub const fn is_final(self) -> bool {
        match self {
            Declined | Canceled | Refunded | Returned => true,
            Scheduled | Submitting | Unknown | Pending | Succeeded => false,
        }
    }

    /// The exact word: what is stored, `state` in every reply, and `status` in the guide spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scheduled => "scheduled",
            Submitting => "submitting",
            Unknown => "unknown",
            Pending => "pending",
            Succeeded => "succeeded",
            Declined => "declined",
            Canceled => "canceled",
            Refunded => "refunded",
            Returned => "returned",
        }
    }

    /// The coarse word: `status` in the OpenAPI spelling.
    pub const fn coarse(self) -> &'static str {
        match self {
            Scheduled | Submitting | Unknown | Pending => "pending",
            Succeeded => "completed",
            Declined | Canceled | Returned => "failed",
            Refunded => "refunded",
        }
    }

    /// The state of an exact word.
    pub fn parse(word: &str) -> Option<State> {
        State::ALL.iter().copied().find(|state| state.as_str() == word)
    }

    /// The states a filter in either spelling's words means; none for a word of neither. A word of both is the
    /// coarse one: `pending` is everything that is not decided yet.
    pub fn meant_by(word: &str) -> Vec<State> {
        let coarse: Vec<State> = State::ALL.iter().copied().filter(|state| state.coarse() == word).collect();
        if coarse.is_empty() { State::parse(word).into_iter().collect() } else { coarse }
    }
}

base::column!(State as String, |state| state.as_str().to_owned(), |word| {
    State::parse(&word).expect("the schema allows only these words")
});

impl Event {
    /// Every event there is.
    pub const ALL: &[Event] = &[
        Event::Claimed,
        Event::Canceled,
        Event::Succeeded,
        Event::Accepted,
        Event::Declined,
        Event::NoAnswer,
        Event::Resubmitted,
        Event::RefundedInPart,
        Event::RefundedInWhole,
        Event::Returned,
        Event::Voided,
    ];
}

/// How a refund stands. It begins as `Submitting`, and its amount counts as given back from there on unless it is
/// declined: so two refunds at once cannot give back more than was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundState {
    /// Claimed by a worker; perhaps on the wire.
    Submitting,
    /// Sent, and no answer that can be understood.
    Unknown,
    /// Accepted by the bank network, on its way.
    Pending,
    /// The payer has the money.
    Succeeded,
    /// A definite no: nothing moved, or it came back to us.
    Declined,
}

/// What can happen to a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundEvent {
    /// The processor says the payer has the money.
    Succeeded,
    /// The processor says it is taken for processing.
    Accepted,
    /// The processor says no; or, once accepted, the payer's bank did.
    Declined,
    /// The call, or a later look-up, gave no answer.
    NoAnswer,
    /// The processor never saw it; it goes out once more under the same key.
    Resubmitted,
}

impl RefundState {
    /// Every state there is.
    pub const ALL: &[RefundState] = &[
        RefundState::Submitting,
        RefundState::Unknown,
        RefundState::Pending,
        RefundState::Succeeded,
        RefundState::Declined,
    ];

    /// The state after `event`, or `None` where that cannot happen to a refund that stands like this.
    #[must_use]
    pub const fn on(self, event: RefundEvent) -> Option<RefundState> {
        use RefundState::{Declined, Pending, Submitting, Succeeded, Unknown};
        match (self, event) {
            (Submitting | Unknown, RefundEvent::Resubmitted) => Some(Submitting),
            (Submitting | Unknown, RefundEvent::NoAnswer) => Some(Unknown),
            (Submitting | Unknown, RefundEvent::Accepted) => Some(Pending),
            (Submitting | Unknown | Pending, RefundEvent::Succeeded) => Some(Succeeded),
            (Submitting | Unknown | Pending, RefundEvent::Declined) => Some(Declined),
            (Pending, RefundEvent::Accepted | RefundEvent::NoAnswer | RefundEvent::Resubmitted)
            | (
                Succeeded | Declined,
                RefundEvent::Succeeded
                | RefundEvent::Accepted
                | RefundEvent::Declined
                | RefundEvent::NoAnswer
                | RefundEvent::Resubmitted,
            ) => None,
        }
    }

    /// Whether it may still move, and has not moved yet.
    pub const fn is_open(self) -> bool {
        match self {
            RefundState::Submitting | RefundState::Unknown | RefundState::Pending => true,
            RefundState::Succeeded | RefundState::Declined => false,
        }
    }

    /// The exact word, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            RefundState::Submitting => "submitting",
            RefundState::Unknown => "unknown",
            RefundState::Pending => "pending",
            RefundState::Succeeded => "succeeded",
            RefundState::Declined => "declined",
        }
    }

    /// The coarse word: the status of its transaction, in both spellings.
    pub const fn coarse(self) -> &'static str {
        match self {
            RefundState::Submitting | RefundState::Unknown | RefundState::Pending => "pending",
            RefundState::Succeeded => "completed",
            RefundState::Declined => "failed",
        }
    }

    /// The state of an exact word.
    pub fn parse(word: &str) -> Option<RefundState> {
        RefundState::ALL.iter().copied().find(|state| state.as_str() == word)
    }
}

base::column!(RefundState as String, |state| state.as_str().to_owned(), |word| {
    RefundState::parse(&word).expect("the schema allows only these words")
});

impl RefundEvent {
    /// Every event there is.
    pub const ALL: &[RefundEvent] = &[
        RefundEvent::Succeeded,
        RefundEvent::Accepted,
        RefundEvent::Declined,
        RefundEvent::NoAnswer,
        RefundEvent::Resubmitted,
    ];
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    /// Every legal state × event, one line each.
    fn printed<S: Copy + Debug, E: Copy + Debug>(
        states: &[S],
        events: &[E],
        on: fn(S, E) -> Option<S>,
    ) -> String {
        let pairs = states.iter().flat_map(|state| events.iter().map(move |event| (*state, *event)));
        pairs
            .filter_map(|(state, event)| Some(format!("{state:?} --{event:?}--> {:?}\n", on(state, event)?)))
            .collect()
    }

    #[test]
    fn the_charge_machine() {
        assert_eq!(
            printed(State::ALL, Event::ALL, State::on),
            "\
Scheduled --Claimed--> Submitting
Scheduled --Canceled--> Canceled
Submitting --Succeeded--> Succeeded
Submitting --Accepted--> Pending
Submitting --Declined--> Declined
Submitting --NoAnswer--> Unknown
Submitting --Resubmitted--> Submitting
Unknown --Succeeded--> Succeeded
Unknown --Accepted--> Pending
Unknown --Declined--> Declined
Unknown --NoAnswer--> Unknown
Unknown --Resubmitted--> Submitting
Pending --Succeeded--> Succeeded
Pending --Returned--> Returned
Pending --Voided--> Canceled
Succeeded --RefundedInPart--> Succeeded
Succeeded --RefundedInWhole--> Refunded
Succeeded --Returned--> Returned
"
        );
    }

    #[test]
    fn the_refund_machine() {
        assert_eq!(
            printed(RefundState::ALL, RefundEvent::ALL, RefundState::on),
            "\
Submitting --Succeeded--> Succeeded
Submitting --Accepted--> Pending
Submitting --Declined--> Declined
Submitting --NoAnswer--> Unknown
Submitting --Resubmitted--> Submitting
Unknown --Succeeded--> Succeeded
Unknown --Accepted--> Pending
Unknown --Declined--> Declined
Unknown --NoAnswer--> Unknown
Unknown --Resubmitted--> Submitting
Pending --Succeeded--> Succeeded
Pending --Declined--> Declined
"
        );
    }

    #[test]
    fn both_spellings_words_of_every_charge() {
        let words: String = State::ALL.iter().map(|s| format!("{} {}\n", s.as_str(), s.coarse())).collect();
        assert_eq!(
            words,
            "\
scheduled pending
submitting pending
unknown pending
pending pending
succeeded completed
declined failed
canceled failed
refunded refunded
returned failed
"
        );
    }

    #[test]
    fn both_words_of_every_refund() {
        let words: String =
            RefundState::ALL.iter().map(|s| format!("{} {}\n", s.as_str(), s.coarse())).collect();
        assert_eq!(
            words,
            "\
submitting pending
unknown pending
pending pending
succeeded completed
declined failed
"
        );
    }

    #[test]
    fn every_exact_word_reads_back() {
        assert!(State::ALL.iter().all(|state| State::parse(state.as_str()) == Some(*state)));
        assert!(RefundState::ALL.iter().all(|state| RefundState::parse(state.as_str()) == Some(*state)));
        assert_eq!(State::parse("completed"), None);
        assert_eq!(State::parse("Succeeded"), None);
    }

    #[test]
    fn a_filter_takes_the_words_of_both_spellings() {
        assert_eq!(State::meant_by("pending"), [Scheduled, Submitting, Unknown, Pending]);
        assert_eq!(State::meant_by("failed"), [Declined, Canceled, Returned]);
        assert_eq!(State::meant_by("completed"), [Succeeded]);
        assert_eq!(State::meant_by("refunded"), [Refunded]);
        assert_eq!(State::meant_by("unknown"), [Unknown]);
        assert_eq!(State::meant_by("paid"), []);
    }

    #[test]
    fn no_answer_is_never_a_decline_and_keeps_the_reservation() {
        for state in State::ALL {
            assert!(state.on(Event::NoAnswer).is_none_or(|next| next == Unknown && next.reserves()));
        }
    }

    #[test]
    fn what_was_declined_or_canceled_never_takes_money_later() {
        for state in [Declined, Canceled] {
            assert!(Event::ALL.iter().all(|event| state.on(*event).is_none()));
        }
    }

    #[test]
    fn a_final_state_is_one_that_nothing_leaves() {
        for state in State::ALL {
            assert_eq!(
                state.is_final(),
                Event::ALL.iter().all(|event| state.on(*event).is_none()),
                "{state:?}"
            );
        }
    }

    #[test]
    fn only_what_reserves_can_bring_money() {
        for state in State::ALL {
            assert_eq!(state.on(Event::Succeeded).is_some(), state.reserves(), "{state:?}");
        }
        for state in RefundState::ALL {
            assert_eq!(state.on(RefundEvent::Succeeded).is_some(), state.is_open(), "{state:?}");
        }
    }
}
