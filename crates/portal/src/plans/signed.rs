//! What somebody signs by a button: the words that stood above it, and nothing else.
//!
//! A page that shows words carries a seal of them, of whom they were shown, and of the plan and the method that they are
//! about. Its button does something only where the seal is that of the words as they would be now.

use base::Result;
use base::vault::{Prints, hex};
use books::debts::PlanId;
use consumer::sessions::Visitor;
use payments::methods::{self, Method};
use payments::plans::{Given, Signs, Way, Words};

use crate::instruments;
use crate::page::Choice;
use crate::pay::{self, Saved};
use crate::texts::Texts;
use crate::{Call, forms};

/// The field with the seal.
pub(super) const SEAL: &str = "seal";

/// Who signs.
pub(super) fn signs<'a>(call: &Call, visitor: &'a Visitor, method: &'a Method, t: Texts) -> Signs<'a> {
    Signs { method, language: t.0, name: &visitor.customer.name, now: call.now }
}

/// What is kept of it, besides what the operation knows.
pub(super) fn given(call: &Call, visitor: &Visitor, words: &Words) -> Given {
    Given {
        way: Some(Way::Web),
        text: Some(words.text.clone()),
        text_version: Some(words.version.clone()),
        given_by: Some(visitor.customer.name.clone()).filter(|name| !name.is_empty()),
        given_at: None,
        ip_address: Some(call.from),
    }
}

fn prints(visitor: &Visitor, plan: PlanId, method: &Method, words: &Words) -> Prints {
    let Words { text, version, terms } = words;
    let about = format!("words\n{}\n{plan}\n{}\n{version}\n{terms}\n{text}", visitor.customer.id, method.id);
    visitor.tenant.key.fingerprint(about.as_bytes())
}

/// The seal of these words.
pub(super) fn seal(visitor: &Visitor, plan: PlanId, method: &Method, words: &Words) -> String {
    hex(prints(visitor, plan, method, words).written())
}

/// Whether a form carries the seal of these words.
pub(super) fn is_sealed(
    call: &Call,
    visitor: &Visitor,
    plan: PlanId,
    method: &Method,
    words: &Words,
) -> bool {
    let kept = bytes(&forms::text(call, SEAL));
    kept.is_some_and(|kept| prints(visitor, plan, method, words).is(&kept) == Some(true))
}

/// The bytes that hexadecimal digits stand for.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let are_digits = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    if are_digits { (0..digits.len()).step_by(2).map(byte).collect() } else { None }
}

/// The saved method of this id, if it can be charged now; and how it is called.
pub(super) async fn method(
    call: &Call,
    visitor: &Visitor,
    which: &str,
    t: Texts,
) -> Result<Option<(Method, String)>> {
    let saved = pay::saved(call, visitor, t).await?;
    let Some(Saved { id, say, .. }) = saved.into_iter().find(|one| one.id == which) else { return Ok(None) };
    let tx = call.state.db.read().await?;
    let Some(which) = base::Ref::new(&id) else { return Ok(None) };
    Ok(methods::find(&tx, &visitor.tenant, &which).await?.map(|method| (method, say)))
}

/// What a plan may charge: saved methods, and new ones where they may be written here.
pub(super) async fn choices(call: &Call, visitor: &Visitor, t: Texts) -> Result<Vec<Choice>> {
    let new = instruments::new_ones(call, &visitor.tenant, t);
    let saved = pay::saved(call, visitor, t).await?.into_iter().map(|one| (one.id, one.say));
    let choice = |(nth, (word, say))| Choice { word, say, is_chosen: nth == 0 };
    Ok(saved.chain(new).enumerate().map(choice).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_read_as_it_was_written_and_anything_else_is_none() {
        assert_eq!(bytes("00ff10"), Some(vec![0, 255, 16]));
        for bad in ["0", "0g", "+1", "éé", " 00"] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }
}
