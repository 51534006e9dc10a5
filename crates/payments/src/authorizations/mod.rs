//! What customers authorize, in words, and what is common to all evidence of it.
//!
//! A plan's authorizations are kept by [`crate::plans`], a single payment's by [`crate::charges::authorization`]. Here are the
//! words that we have for each ([`standards`]), and the document that the hash of an authorization is over.

mod texts;

use std::fmt::Write as _;

use base::ids::Uuid;
use base::vault::{Sealed, hex, sha256};
use base::{Cents, Day, Failure, Result};
use books::messages::Language;
use books::orgs::{Settings, Tenant};

pub(crate) use self::texts::{Filling, standard};
pub use self::texts::{Purpose, Standard, standards};
use crate::methods::Kind;

base::words! {
    /// How an authorization was given.
    Way {
        /// On a page on the web.
        Web = "web",
        /// By telephone.
        Phone = "phone",
        /// On paper.
        Paper = "paper",
        /// Whoever recorded it did not say otherwise.
        Api = "api",
    }
}

/// What the hash of an authorization is over, so that anybody can make the hash anew from what the API shows: a line for each
/// field, its name, how many bytes its value has, and the value.
///
/// ```text
/// quittance authorization 1
/// text_version 9:card-en-1
/// text 11:I authorize
/// ip_address -
/// ```
pub(crate) fn document(fields: &[(&str, Option<&str>)]) -> String {
    let mut all = String::from("quittance authorization 1\n");
    for (name, value) in fields {
        match value {
            Some(value) => writeln!(all, "{name} {}:{value}", value.len()),
            None => writeln!(all, "{name} -"),
        }
        .expect("writing to a string cannot fail");
    }
    all
}

/// The hash of such a document, in hexadecimal digits.
pub(crate) fn hash(document: &str) -> String {
    hex(&sha256(document.as_bytes()))
}

/// A text that is sealed in this table's row, opened.
pub(crate) fn opened(
    tenant: &Tenant,
    table: &str,
    id: Uuid,
    (column, sealed): (&str, Option<&Sealed>),
) -> Result<Option<String>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let bytes = tenant.key.open(table, column, id, sealed)?;
    String::from_utf8(bytes).map(Some).map_err(|e| Failure::broken("reading an authorization", e))
}

/// How an organization is told that an authorization is revoked: phone, e-mail, pages, as far as there are any.
pub(crate) fn contact(settings: &Settings) -> Vec<&str> {
    let all = [&settings.support_phone, &settings.support_email, &settings.website_url];
    all.into_iter().flatten().map(String::as_str).collect()
}

/// Words that a customer is shown, and which text of ours they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub text: String,
    /// Which text that is.
    pub version: String,
}

impl Words {
    /// These, and what somebody agrees to besides.
    #[must_use]
    pub fn and(self, more: Words) -> Words {
        Words {
            text: format!("{}\n{}", self.text, more.text),
            version: format!("{} {}", self.version, more.version),
        }
    }

    /// A short hash, by which a page that comes back says which words it showed.
    pub fn mark(&self) -> String {
        hash(&document(&[("text", Some(self.text.as_str()))])).chars().take(32).collect()
    }
}

/// A payment that somebody is about to authorize.
#[derive(Clone, Copy, Debug)]
pub struct Single<'a> {
    /// To whom.
    pub settings: &'a Settings,
    /// Who authorizes it.
    pub name: &'a str,
    /// How much.
    pub amount: Cents,
    /// Card or bank account.
    pub method: Kind,
    /// Its last four digits, where they are known when the words are shown.
    pub last_four: &'a str,
    /// The words' language.
    pub language: Language,
    /// The day it is given.
    pub today: Day,
    /// What it is for: an account.
    pub reference: Uuid,
}

impl Single<'_> {
    /// What is agreed to with the payment.
    pub fn words(&self) -> Words {
        self.filled(Purpose::Single)
    }

    /// What is agreed to where the card or account is kept for the next payment.
    pub fn words_of_keeping(&self) -> Words {
        self.filled(Purpose::Kept)
    }

    fn filled(&self, purpose: Purpose) -> Words {
        let standard = standard(purpose, self.method, self.language, self.today);
        let text = standard.filled(&Filling {
            name: Some(self.name).filter(|name| !name.is_empty()),
            organization: &self.settings.name,
            terms: &terms(self.amount),
            last_four: self.last_four,
            contact: contact(self.settings),
            date: self.today.to_string(),
            reference: self.reference.to_string(),
        });
        Words { text, version: standard.version.clone() }
    }
}

/// What a single payment is for, in words of any language.
pub(crate) fn terms(amount: Cents) -> String {
    format!("USD {amount}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_words_have_another_mark_and_two_agreements_name_both_texts() {
        let words = |text: &str| Words { text: text.into(), version: "1".into() };
        assert_eq!(words("I do.").mark(), words("I do.").mark());
        assert_ne!(words("I do.").mark(), words("I do").mark());
        let both = words("I do.").and(Words { text: "And that.".into(), version: "2".into() });
        assert_eq!((both.text.as_str(), both.version.as_str()), ("I do.\nAnd that.", "1 2"));
    }
}
