//! stub: payment methods over HTTP (helper fills)
use crate::spelling::Words;
use crate::{App, Call};
use base::{Day, Result};
use edge::{Endpoint, Reader};
use payments::methods::{Method, NewMethod};
use serde_json::Value;

/// What was sent as a card, a bank account or a token; read by [`given`].
pub(crate) struct Given {}

/// Reads `card`, `ach` (alias `bank_account`) or `token`; at most one, none allowed (the caller decides).
pub(crate) fn given(_r: &mut Reader<'_>) -> Option<Given> {
    None
}

/// Turns what was sent into a method that can be stored, by asking the tenant's processor; no transaction is open.
pub(crate) async fn tokenize(_call: &Call, _given: Given) -> Result<NewMethod> {
    todo!()
}

/// A payment method by itself.
pub(crate) fn json(_method: &Method, _words: Words, _today: Day) -> Value {
    Value::Null
}

pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![]
}
