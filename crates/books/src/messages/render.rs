//! How a text is filled in, and what a text may be.
//!
//! Organizations write these texts, so whatever they hold must not cost the server more than a text: no loops of any
//! length (fuel), nothing that grows in memory (operators on texts are refused), an end to what comes out, no files and no
//! functions. A variable that nobody knows is an error, both when a text is saved and when it is filled in.

use std::io::{self, Write};

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, Template, UndefinedBehavior};

use super::kinds::OPT_OUT;
use super::model::{Channel, Kind, Language, Variables};

/// The longest text message, filled in with the samples, in characters: three to four parts on the way.
pub const LONGEST_TEXT_MESSAGE: usize = 480;

/// The longest text message that is sent, in characters: what gateways take.
const LONGEST_SENT: usize = 1_600;

/// The longest subject, filled in, in characters.
const LONGEST_SUBJECT: usize = 200;

/// The most that a text may come to, in bytes.
const MOST: usize = 64 * 1024;

/// How many steps filling in may take.
const FUEL: u64 = 10_000;

/// A text as it is written: of an e-mail with a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The subject.
    pub subject: Option<String>,
    /// The body.
    pub body: String,
}

/// What is wrong, field by field.
pub type Faults = Vec<(String, Vec<String>)>;

/// Why a text cannot be filled in for sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is no text of this kind any more.
    Broken,
    /// It came out too long.
    TooLong,
}

fn environment<'s>() -> Environment<'s> {
    // Without filters, tests, functions or anything that could be included: see the features in the manifest.
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment
}

/// A writer with an end.
struct Bounded<'a>(&'a mut Vec<u8>);

impl Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST {
            return Err(io::Error::other("it does not end"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn filled(template: &Template<'_, '_>, variables: &Variables) -> Result<String, Error> {
    let mut out = Vec::new();
    let known = Value::from_pairs(variables.iter().map(|(name, value)| (name, Value::from(value))));
    template.render_captured_to(known, Bounded(&mut out))?;
    String::from_utf8(out).map_err(|e| Error::new(ErrorKind::WriteFailure, "it is no text").with_source(e))
}

/// A subject is one line, whatever was filled into it.
fn one_line(text: &str) -> String {
    let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Nothing but text and line ends: no other control character gets into a mail or onto a phone.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect::<String>().trim().to_owned()
}

/// Fills a text in, to be sent.
pub fn fill(channel: Channel, text: &Text, variables: &Variables) -> Result<Text, Unfit> {
    let environment = environment();
    let fill = |source: &str| -> Result<String, Unfit> {
        is_within_bounds(source).map_err(|_| Unfit::Broken)?;
        let template = environment.template_from_str(source).map_err(|_| Unfit::Broken)?;
        filled(&template, variables).map_err(|e| match e.kind() {
            ErrorKind::WriteFailure => Unfit::TooLong,
            _ => Unfit::Broken,
        })
    };
    let body = plain(&fill(&text.body)?);
    if channel == Channel::Sms && body.chars().count() > LONGEST_SENT {
        return Err(Unfit::TooLong);
    }
    let subject = match &text.subject {
        Some(subject) => {
            let line = one_line(&fill(subject)?);
            Some(line.chars().take(LONGEST_SUBJECT).collect())
        }
        None => None,
    };
    Ok(Text { subject, body })
}

/// What is wrong with a text of this kind: found by filling it in with samples, once with all there may be and once with
/// only what there always is.
pub fn faults(kind: Kind, channel: Channel, language: Language, text: &Text) -> Faults {
    let mut faults = Faults::new();
    let mut say = |field: &str, what: String| {
        let sentence = format!("The {field} field {what}");
        match faults.iter_mut().find(|(known, _)| known == field) {
            Some((_, said)) if !said.contains(&sentence) => said.push(sentence),
            Some(_) => {}
            None => faults.push((field.to_owned(), vec![sentence])),
        }
    };
    match (&text.subject, channel) {
        (Some(subject), Channel::Email) => {
            let subject = looked_through(kind, channel, language, subject, |what| say("subject", what));
            for (subject, _) in subject {
                let line = one_line(&subject);
                if line.is_empty() {
                    say("subject", "must not be empty once it is filled in.".into());
                } else if line.chars().count() > LONGEST_SUBJECT {
                    let what = format!(
                        "must not be greater than {LONGEST_SUBJECT} characters once it is filled in."
                    );
                    say("subject", what);
                }
            }
        }
        (None, Channel::Email) => say("subject", "is required.".into()),
        (Some(_), Channel::Sms) => say("subject", "is prohibited: a text message has none.".into()),
        (None, Channel::Sms) => {}
    }
    let body = looked_through(kind, channel, language, &text.body, |what| say("body", what));
    for (body, opt_out) in body {
        let body = plain(&body);
        let many = body.chars().count();
        if channel == Channel::Sms && many > LONGEST_TEXT_MESSAGE {
            let what = format!(
                "must not be greater than {LONGEST_TEXT_MESSAGE} characters once it is filled in; with the samples it has {many}."
            );
            say("body", what);
        }
        if kind.is_to_a_customer() && !body.contains(&opt_out) {
            let what = format!(
                "must always hold {{{{ {OPT_OUT} }}}}: a consumer is told how to stop such messages."
            );
            say("body", what);
        }
    }
    faults
}

/// A template filled in with each set of samples, and what the opt-out is in each; says what is wrong where it cannot be.
fn looked_through(
    kind: Kind,
    channel: Channel,
    language: Language,
    source: &str,
    mut say: impl FnMut(String),
) -> Vec<(String, String)> {
    if let Err(why) = is_within_bounds(source) {
        say(why);
        return Vec::new();
    }
    let environment = environment();
    let template = match environment.template_from_str(source) {
        Ok(template) => template,
        Err(error) => {
            say(format!("is not valid{}: {}.", at_line(&error), said(&error)));
            return Vec::new();
        }
    };
    let mut unknown: Vec<String> = template.undeclared_variables(false).into_iter().collect();
    unknown.retain(|name| !kind.variables().any(|variable| variable.name == *name));
    unknown.sort();
    if !unknown.is_empty() {
        let known: Vec<&str> = kind.variables().map(|variable| variable.name).collect();
        say(format!("names {}, which is not known here: {}.", unknown.join(", "), known.join(", ")));
        return Vec::new();
    }
    let mut all = Vec::new();
    for is_bare in [false, true] {
        let samples = kind.samples(channel, language, is_bare);
        let opt_out = samples.iter().find(|(name, _)| *name == OPT_OUT).map(|(_, value)| value.to_owned());
        match filled(&template, &samples) {
            Ok(text) => all.push((text, opt_out.unwrap_or_default())),
            Err(error) if error.kind() == ErrorKind::OutOfFuel => say("takes too long to fill in.".into()),
            Err(error) if error.kind() == ErrorKind::WriteFailure => say("comes out too long.".into()),
            Err(error) => say(format!("cannot be filled in{}: {}.", at_line(&error), said(&error))),
        }
    }
    all
}

fn at_line(error: &Error) -> String {
    error.line().map_or_else(String::new, |line| format!(" in line {line}"))
}

fn said(error: &Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

/// What tags may be made of: names, texts in quotes, comparisons, brackets. Operators that make texts longer (`+`, `*`, `~`)
/// and lists would let a short template fill the memory in a few steps.
fn may_stand_in_a_tag(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "_.,'\"=!<>()-|".contains(c)
}

/// Looks through the tags of a template as its parser does: from `{{` or `{%` to the first end outside quotes.
fn is_within_bounds(source: &str) -> Result<(), String> {
    let mut rest = source;
    while let Some(at) = rest.find('{') {
        let after = &rest[at + 1..];
        let end = match after.as_bytes().first() {
            Some(b'#') => {
                let end = after[1..].find("#}").ok_or("has a comment that does not end.")?;
                rest = &after[1 + end + 2..];
                continue;
            }
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            _ => {
                rest = after;
                continue;
            }
        };
        let tag = &after[1..];
        let close = tag.find(end).ok_or("has a tag that does not end.")?;
        let mut quote = None;
        for c in tag[..close].chars() {
            if !may_stand_in_a_tag(c) {
                return Err(format!("must not have `{c}` within a tag."));
            }
            match quote {
                Some(open) if open == c => quote = None,
                None if matches!(c, '"' | '\'') => quote = Some(c),
                _ => {}
            }
        }
        if quote.is_some() {
            return Err("has a quotation within a tag that does not end.".into());
        }
        rest = &tag[close + 2..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::kinds::built_in;
    use super::super::templates::split;
    use super::*;

    const SMS: (Kind, Channel, Language) = (Kind::SessionLink, Channel::Sms, Language::English);

    fn wrong(body: &str) -> Vec<String> {
        let text = Text { subject: None, body: body.into() };
        faults(SMS.0, SMS.1, SMS.2, &text).into_iter().flat_map(|(_, said)| said).collect()
    }

    #[test]
    fn every_text_of_ours_is_one_that_could_be_saved() {
        let mut looked_at = 0;
        for kind in Kind::ALL {
            for channel in Channel::ALL {
                for language in Language::ALL {
                    let Some(text) = built_in(*kind, *channel, *language) else {
                        assert!(!kind.channels().contains(channel));
                        continue;
                    };
                    assert!(kind.channels().contains(channel));
                    let text = split(*channel, text);
                    assert_eq!(
                        faults(*kind, *channel, *language, &text),
                        [],
                        "{kind:?} {channel:?} {language:?}"
                    );
                    looked_at += 1;
                }
            }
        }
        assert_eq!(looked_at, 20);
    }

    #[test]
    fn what_a_text_cannot_be_is_said_with_what_it_could() {
        assert_eq!(wrong("{{ link }} {{ opt_out }}"), [""; 0]);
        for (body, says) in [
            ("{{ link }}", "must always hold {{ opt_out }}"),
            ("{% if customer_name %}{{ opt_out }}{% endif %}", "must always hold {{ opt_out }}"),
            ("{{ lnik }} {{ opt_out }}", "names lnik, which is not known here: link,"),
            ("{% if false %}{{ secret }}{% endif %} {{ opt_out }}", "names secret"),
            ("{{ link.host }} {{ opt_out }}", "cannot be filled in"),
            ("{{ link }", "does not end"),
            ("{% if link %} {{ opt_out }}", "is not valid"),
            ("{{ link|upper }} {{ opt_out }}", "filter"),
            ("{% include 'a' %} {{ opt_out }}", "is not valid"),
        ] {
            let said = wrong(body);
            assert!(said.iter().any(|one| one.contains(says)), "{body}: {said:?}");
        }
        let long = format!("{} {{{{ opt_out }}}}", "x".repeat(470));
        assert!(
            wrong(&long)[0].contains("480 characters once it is filled in; with the samples it has 493"),
            "{:?}",
            wrong(&long)
        );
    }

    #[test]
    fn a_short_text_cannot_become_a_long_one() {
        for body in [
            "{{ 'a' * 100000000 }} {{ opt_out }}",
            "{% set a = 'aaaaaaaa' %}{% set a = a ~ a %}{{ opt_out }}",
            "{% set a = [opt_out, opt_out] %}{{ a }}",
            "{{ '}}' * 9999999 }} {{ opt_out }}",
            "{{ \"{%\" + link }} {{ opt_out }}",
        ] {
            let said = wrong(body);
            assert!(said.iter().any(|one| one.contains("within a tag")), "{body}: {said:?}");
        }
        let nested =
            "{% for a in link %}".repeat(6) + "aaaaaaaaaa" + &"{% endfor %}".repeat(6) + "{{ opt_out }}";
        assert!(wrong(&nested)[0].contains("too long"), "{:?}", wrong(&nested));
    }

    #[test]
    fn nothing_that_is_filled_in_is_read_as_a_text_or_ends_a_line_of_the_head() {
        let variables = Variables::of([
            ("organization_name", "{{ link }}\r\nBcc: all@example.com".to_owned()),
            ("link", "https://a.example".to_owned()),
            ("opt_out", "Stop.\u{0}\u{1b}[31m".to_owned()),
        ]);
        let text =
            Text { subject: Some("From {{ organization_name }}".into()), body: "{{ opt_out }}\n<b>".into() };
        let filled = fill(Channel::Email, &text, &variables).unwrap();
        assert_eq!(filled.subject.as_deref(), Some("From {{ link }} Bcc: all@example.com"));
        assert_eq!(filled.body, "Stop.[31m\n<b>");
        let text = Text { subject: None, body: "{{ amount }}".into() };
        assert_eq!(fill(Channel::Sms, &text, &variables), Err(Unfit::Broken));
        let long = Variables::of([("link", "x".repeat(1_601))]);
        let text = Text { subject: None, body: "{{ link }}".into() };
        assert_eq!(fill(Channel::Sms, &text, &long), Err(Unfit::TooLong));
    }
}
