//! Every way an operation can fail, before any transport is known.

use std::error::Error as StdError;

/// What an operation gives: its value, or why not.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// A failure: somebody else's to mend, or ours.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The caller can mend this: a stable code and words they may read.
    #[error("{}: {}", .0.code.name(), .0.say)]
    Refused(Box<Refusal>),
    /// We must mend this. Logged once, at the edge, with its whole chain; never shown.
    #[error("{doing}")]
    Broken {
        /// What was being done.
        doing: &'static str,
        /// Why it could not be.
        #[source]
        cause: Box<dyn StdError + Send + Sync>,
    },
}

/// What a caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// Words the caller may read.
    pub say: String,
    /// What is wrong field by field, in the order found: dotted path and its messages.
    pub fields: Vec<(String, Vec<String>)>,
    /// Seconds after which it is worth asking again, where that is known.
    pub retry_after: Option<u32>,
}

impl Failure {
    /// A refusal with words of its own.
    pub fn refused(code: Code, say: impl Into<String>) -> Failure {
        Failure::Refused(Box::new(Refusal { code, say: say.into(), fields: Vec::new(), retry_after: None }))
    }

    /// A refusal that may be otherwise in `seconds`.
    pub fn refused_for_now(code: Code, say: impl Into<String>, seconds: u32) -> Failure {
        Failure::Refused(Box::new(Refusal {
            code,
            say: say.into(),
            fields: Vec::new(),
            retry_after: Some(seconds),
        }))
    }

    /// One invalid field. The words are the whole sentence: "The balance field is required."
    pub fn field(path: impl Into<String>, say: impl Into<String>) -> Failure {
        Failure::fields(vec![(path.into(), vec![say.into()])])
    }

    /// Invalid fields, all of them at once; the first sentence becomes the message.
    pub fn fields(fields: Vec<(String, Vec<String>)>) -> Failure {
        let mut all = fields.iter().flat_map(|(_, said)| said);
        let first = all.next().cloned().unwrap_or_else(|| "The given data was invalid.".into());
        let say = match all.count() {
            0 => first,
            1 => format!("{first} (and 1 more error)"),
            n => format!("{first} (and {n} more errors)"),
        };
        Failure::Refused(Box::new(Refusal { code: Code::ValidationFailed, say, fields, retry_after: None }))
    }

    /// A reference in a body or query that names nothing of the caller's: "The selected customer id is
    /// invalid." for `customer_id`. The same words for an unknown and a foreign id.
    pub fn unknown_reference(field: &str) -> Failure {
        let last = field.rsplit('.').next().unwrap_or(field);
        Failure::field(field, format!("The selected {} is invalid.", last.replace('_', " ")))
    }

    /// The same, told about `field` by the name under which it was sent.
    #[must_use]
    pub fn told_of(self, field: &str, sent_as: &str) -> Failure {
        let Failure::Refused(mut refusal) = self else { return self };
        let words = |name: &str| name.replace('_', " ");
        let renamed = |said: &str| said.replace(&words(field), &words(sent_as));
        if field != sent_as && refusal.fields.iter().any(|(path, _)| path == field) {
            refusal.say = renamed(&refusal.say);
            for (path, said) in refusal.fields.iter_mut().filter(|(path, _)| path == field) {
                *path = sent_as.to_owned();
                *said = said.iter().map(|s| renamed(s)).collect();
            }
        }
        Failure::Refused(refusal)
    }

    /// The thing in the path is not there, or not the caller's.
    pub fn not_found() -> Failure {
        Failure::refused(Code::NotFound, "The requested resource was not found.")
    }

    /// Ours to mend.
    pub fn broken(doing: &'static str, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Failure {
        Failure::Broken { doing, cause: cause.into() }
    }

    /// The stable code, where there is one.
    pub fn code(&self) -> Option<Code> {
        match self {
            Failure::Refused(refusal) => Some(refusal.code),
            Failure::Broken { .. } => None,
        }
    }

    /// The failure and every cause behind it, joined for one log line.
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut next = self.source();
        while let Some(cause) = next {
            line = format!("{line}: {cause}");
            next = cause.source();
        }
        line
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $status:literal $name:literal)*) => {
        /// The public catalogue of refusals. Rows are added, never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant),* }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The stable name that stands as `errorCode`.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// The HTTP status it is dressed in: a plain number, since nothing here knows HTTP.
            pub const fn status(self) -> u16 {
                match self { $(Code::$variant => $status),* }
            }
        }
    };
}

codes! {
    /// The body is not what its content type says.
    MalformedBody 400 "malformed_body"
    /// A path, query or header that cannot be read.
    MalformedRequest 400 "malformed_request"
    /// The processor declined the charge; the charge is in the answer.
    ChargeDeclined 400 "charge_declined"
    /// The processor refused the refund.
    RefundDeclined 400 "refund_declined"
    /// The account's, customer's or charge's state does not allow it.
    NotAllowedNow 400 "not_allowed_now"
    /// A hold does not allow it; its kind is named.
    Blocked 400 "blocked"
    /// A refusal has stopped the payment method; it says what lifts that.
    PaymentMethodStopped 400 "payment_method_stopped"
    /// The organization takes no such card: its brand, or whose money it spends.
    CardNotAccepted 400 "card_not_accepted"
    /// The network lets the payment method be charged again only later; it says when.
    RetryTooEarly 400 "retry_too_early"
    /// No valid bearer token.
    Unauthenticated 401 "unauthenticated"
    /// The token lacks the scope.
    Forbidden 403 "forbidden"
    /// No such thing, or not the caller's.
    NotFound 404 "not_found"
    /// The path exists, the method does not.
    MethodNotAllowed 405 "method_not_allowed"
    /// The caller took too long to send its request.
    RequestTimeout 408 "request_timeout"
    /// The first request with this idempotency key still runs.
    IdempotencyInProgress 409 "idempotency_in_progress"
    /// Somebody else changed it at the same time.
    Conflict 409 "conflict"
    /// The body is larger than this endpoint takes.
    BodyTooLarge 413 "body_too_large"
    /// A content type or encoding this endpoint does not read.
    UnsupportedMediaType 415 "unsupported_media_type"
    /// Fields are missing or wrong.
    ValidationFailed 422 "validation_failed"
    /// The amount is more than is owed and not yet reserved.
    AboveBalance 422 "above_balance"
    /// The amount is less than the account's minimum.
    BelowMinimum 422 "below_minimum"
    /// The idempotency key was used for another request.
    IdempotencyConflict 422 "idempotency_conflict"
    /// More requests a minute than the token may make.
    RateLimited 429 "rate_limited"
    /// Our mistake; the request id finds it in the log.
    InternalError 500 "internal_error"
    /// The just in time endpoint answered with a status that says nothing.
    JitUpstream 502 "jit_upstream"
    /// The just in time endpoint could not be reached.
    JitUnreachable 502 "jit_unreachable"
    /// The just in time endpoint did not answer in time.
    JitTimeout 504 "jit_timeout"
    /// The just in time endpoint failed repeatedly and is left alone for a while.
    JitPaused 503 "jit_paused"
    /// Too much to do at the moment.
    Busy 503 "busy"
    /// The database cannot be reached or cannot write.
    Unavailable 503 "unavailable"
    /// This environment has no payment processor.
    NoProcessor 503 "no_processor"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_codes_share_a_name() {
        let mut names: Vec<_> = Code::ALL.iter().map(|c| c.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn an_unknown_reference_reads_as_laravel_says_it() {
        let Failure::Refused(r) = Failure::unknown_reference("customer_id") else { panic!() };
        assert_eq!(r.fields, [("customer_id".into(), vec!["The selected customer id is invalid.".into()])]);
    }
}
