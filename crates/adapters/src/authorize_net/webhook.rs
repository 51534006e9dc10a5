//! Whether somebody who says that something changed at Authorize.net is Authorize.net.
//!
//! What must hold: nothing that they send is believed, or even read. It is a reason to look sooner. What was signed says not when:
//! so whoever sends it again has the list looked through again, and no more.

use base::secret::Secret;
use base::vault::{hex, hmac_sha512};

/// How a signature begins.
const PREFIX: &str = "sha512=";
/// How many hexadecimal digits a signature key has.
const KEY_LENGTH: usize = 128;

/// The account's signature key.
#[derive(Clone)]
pub struct Signing(Secret<String>);

impl Signing {
    /// With this key; `None` where it is none.
    pub fn new(key: Secret<String>) -> Option<Signing> {
        let digits = key.reveal().bytes().all(|byte| byte.is_ascii_hexdigit());
        (digits && key.reveal().len() == KEY_LENGTH).then_some(Signing(key))
    }

    /// Whether Authorize.net sent `body` with this `X-ANET-Signature`. The key is used letter by letter, not as the bytes that it
    /// could stand for. <https://developer.authorize.net/api/reference/features/webhooks.html>,
    /// <https://community.developer.cybersource.com/t5/Integration-and-Testing/HMAC-SHA-512-hash-not-matching-in-webhook-callback/m-p/82772>
    pub fn is_genuine(&self, signature: &str, body: &[u8]) -> bool {
        let right = Secret::new(hex(&hmac_sha512(self.0.reveal().as_bytes(), body)));
        let starts = signature.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
        starts && Secret::new(signature[PREFIX.len()..].to_ascii_lowercase()) == right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(digit: &str) -> Signing {
        Signing::new(Secret::new(digit.repeat(128))).unwrap()
    }

    /// By another implementation: `printf {} | openssl dgst -sha512 -hmac $(printf 'A%.0s' $(seq 128))`.
    const OPENSSL: &str = "ba169c342fbe5e0dd6e61145e363088f57bde47f99992bb5956e7fc19dc78e8ba34c57ca70a3d92265b7d477fbcb228ad218e786ba7a1cd3bc4457e9dc1a3e1a";

    #[test]
    fn only_what_authorize_net_signed_is_genuine() {
        let ours_a = ours("A");
        for header in [format!("sha512={OPENSSL}"), format!("SHA512={}", OPENSSL.to_ascii_uppercase())] {
            assert!(ours_a.is_genuine(&header, b"{}"), "{header}");
            assert!(!ours_a.is_genuine(&header, b"{ }"), "another body");
            assert!(!ours("a").is_genuine(&header, b"{}"), "another key");
        }
        for broken in ["", "sha512=", OPENSSL, &format!("sha256={OPENSSL}"), "sha512=é", "é"] {
            assert!(!ours_a.is_genuine(broken, b"{}"), "{broken}");
        }
    }

    #[test]
    fn a_key_of_something_else_is_none() {
        for other in ["", "346HZ32z3fP4hTG2", &"A".repeat(127), &"G".repeat(128)] {
            assert!(Signing::new(Secret::new((*other).to_owned())).is_none(), "{other}");
        }
    }
}
