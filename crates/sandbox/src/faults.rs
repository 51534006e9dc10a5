//! The fault script: rules that break calls on purpose, the same ones every time.
//!
//! What must hold: whether a rule breaks a call depends only on the script and on the calls that met the rule; where
//! a rule uses chance, only on its seed, the call's key and how often that key met the rule, so that the order in
//! which concurrent calls arrive changes nothing.
//!
//! ```
//! let script = sandbox::faults::Script::parse(br#"[
//!     { "match": { "op": "submit", "one_in": 10, "seed": 7 }, "do": "drop_answer_after" },
//!     { "match": { "op": "lookup", "nth": 1 },                "do": { "delay_ms": 2000 } }
//! ]"#);
//! assert!(script.is_ok());
//! ```

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The rules in force. The first that fits a call decides it.
#[derive(Debug, Default)]
pub struct Script {
    rules: Vec<Counted>,
}

#[derive(Debug)]
struct Counted {
    rule: Rule,
    met: u64,
    fired: u64,
    met_by_key: HashMap<String, u64>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which calls; everything absent fits every call.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What is done to them.
    #[serde(rename = "do")]
    pub does: Fault,
}

/// Which calls a rule is about. `op`, `key_prefix` and `amount` say which calls meet the rule; the others which of
/// those it breaks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// The operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<Op>,
    /// How the key begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_prefix: Option<String>,
    /// The amount in cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Only the n-th call that meets the rule, counting from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Every n-th call that meets the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// One call in so many, by chance from `seed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_in: Option<u64>,
    /// Decides the chance of `one_in`.
    pub seed: u64,
    /// No more than so many calls in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
}

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// `POST /tokens`.
    Tokenize,
    /// `POST /tokens/inspect`.
    Inspect,
    /// `POST /charges`.
    Submit,
    /// `POST /refunds`.
    Refund,
    /// `POST /voids`.
    Void,
    /// `GET /lookup`.
    Lookup,
    /// `GET /transactions`.
    List,
}

/// What is done to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It is done; the connection closes without an answer.
    DropAnswerAfter,
    /// The connection closes and nothing is done.
    DropAnswerBefore,
    /// It is done; the answer waits so many milliseconds.
    DelayMs(u64),
    /// It is done only after so many milliseconds, whether or not the caller still waits.
    ArriveLateMs(u64),
    /// It is done; the answer never comes.
    Hang,
    /// A 500, and nothing is done.
    #[serde(rename = "error_500")]
    Error500,
    /// It is done; the answer is a 500.
    #[serde(rename = "error_500_after")]
    Error500After,
    /// The connection is closed before the call is read, and nothing is done.
    RefuseConnection,
}

/// A call on its way in.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The operation.
    pub op: Op,
    /// Its key; empty where it has none.
    pub key: &'a str,
    /// Its amount, where it has one.
    pub amount: Option<i64>,
}

impl Script {
    /// The rules of a JSON list.
    pub fn parse(json: &[u8]) -> Result<Script, serde_json::Error> {
        serde_json::from_slice(json).map(Script::new)
    }

    /// These rules, none of which has met a call yet.
    pub fn new(rules: Vec<Rule>) -> Script {
        let fresh = |rule| Counted { rule, met: 0, fired: 0, met_by_key: HashMap::new() };
        Script { rules: rules.into_iter().map(fresh).collect() }
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether nothing is broken.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What is done to `call`. Every rule it meets counts it, also behind the one that decides.
    pub fn meets(&mut self, call: Call<'_>) -> Option<Fault> {
        let mut decided = None;
        for counted in &mut self.rules {
            if counted.fires(call, decided.is_none()) {
                decided = decided.or(Some(counted.rule.does));
            }
        }
        decided
    }
}

impl Counted {
    fn fires(&mut self, call: Call<'_>, free: bool) -> bool {
        let m = &self.rule.matches;
        let meets = m.op.is_none_or(|op| op == call.op)
            && m.key_prefix.as_ref().is_none_or(|p| call.key.starts_with(p.as_str()))
            && m.amount.is_none_or(|a| call.amount == Some(a));
        if !meets {
            return false;
        }
        self.met += 1;
        let by_chance = m.one_in.is_none_or(|one_in| {
            let of_key = self.met_by_key.entry(call.key.to_owned()).or_default();
            *of_key += 1;
            one_in > 0 && dice(m.seed, call, *of_key).is_multiple_of(one_in)
        });
        let fires = free
            && by_chance
            && m.nth.is_none_or(|n| n == self.met)
            && m.every.is_none_or(|n| n > 0 && self.met.is_multiple_of(n))
            && m.at_most.is_none_or(|n| self.fired < n);
        self.fired += u64::from(fires);
        fires
    }
}

/// FNV-1a over the call, stirred (splitmix64): the same for ever.
fn dice(seed: u64, call: Call<'_>, of_key: u64) -> u64 {
    let op = [call.op as u8];
    let bytes = op.iter().chain(call.key.as_bytes()).copied().chain(of_key.to_le_bytes());
    let mut z =
        bytes.fold(seed ^ 0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submit(key: &str) -> Call<'_> {
        Call { op: Op::Submit, key, amount: Some(500) }
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let mut script = Script::parse(
            br#"[{"match":{"op":"submit","key_prefix":"b"},"do":"hang"},{"do":{"delay_ms":5}}]"#,
        )
        .unwrap();
        assert_eq!(script.meets(submit("a")), Some(Fault::DelayMs(5)));
        assert_eq!(script.meets(submit("b")), Some(Fault::Hang));
    }

    #[test]
    fn calls_are_counted_from_one() {
        let mut script =
            Script::parse(br#"[{"match":{"nth":2},"do":"hang"},{"match":{"every":3},"do":"error_500"}]"#)
                .unwrap();
        let seen: Vec<_> = (0..6).map(|_| script.meets(submit("a"))).collect();
        let (h, e) = (Some(Fault::Hang), Some(Fault::Error500));
        assert_eq!(seen, [None, h, e, None, None, e]);
    }

    #[test]
    fn chance_is_the_keys_and_not_the_orders() {
        let broken = |keys: &mut dyn Iterator<Item = u32>| {
            let mut script =
                Script::parse(br#"[{"match":{"one_in":10,"seed":7},"do":"drop_answer_after"}]"#).unwrap();
            let mut hit: Vec<u32> = keys.filter(|k| script.meets(submit(&k.to_string())).is_some()).collect();
            hit.sort_unstable();
            hit
        };
        let (forwards, backwards) = (broken(&mut (0..1000)), broken(&mut (0..1000).rev()));
        assert_eq!(forwards, backwards);
        assert!((50..200).contains(&forwards.len()), "{}", forwards.len());
    }

    #[test]
    fn a_mistyped_rule_is_refused() {
        for bad in
            [r#"[{"match":{"opp":"submit"},"do":"hang"}]"#, r#"[{"do":"explode"}]"#, r#"{"do":"hang"}"#]
        {
            assert!(Script::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
