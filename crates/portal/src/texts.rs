//! The words of the pages, from one catalogue for each language, and how amounts and days are written in it.

use std::fmt::Display;
use std::sync::LazyLock;

use base::{Cents, Day};
pub(crate) use books::preferences::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en-US", include_str!("../texts/en.ftl")));
static SPANISH: LazyLock<Bundle> = LazyLock::new(|| bundle("es-US", include_str!("../texts/es.ftl")));

fn bundle(language: &str, catalogue: &str) -> Bundle {
    let resource = FluentResource::try_new(catalogue.to_owned())
        .unwrap_or_else(|(_, wrong)| panic!("the catalogue of {language} can be read: {wrong:?}"));
    let mut bundle = Bundle::new_concurrent(vec![language.parse().expect("a language has a tag")]);
    // The marks are for texts of both directions; both languages here run from left to right.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).expect("a catalogue has each message once");
    bundle
}

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Texts(pub(crate) Language);

impl Texts {
    fn bundle(self) -> &'static Bundle {
        match self.0 {
            Language::English => &ENGLISH,
            Language::Spanish => &SPANISH,
        }
    }

    /// The language's tag.
    pub(crate) fn code(self) -> &'static str {
        self.0.as_str()
    }

    /// The other language.
    pub(crate) fn other(self) -> Texts {
        Texts(match self.0 {
            Language::English => Language::Spanish,
            Language::Spanish => Language::English,
        })
    }

    /// A message.
    pub(crate) fn say(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A message in which one thing is filled in.
    pub(crate) fn say1(self, key: &str, name: &str, value: impl Display) -> String {
        self.with(key, &[(name, value.to_string())])
    }

    /// A message in which these are filled in.
    pub(crate) fn with(self, key: &str, values: &[(&str, String)]) -> String {
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let bundle = self.bundle();
        let pattern = bundle.get_message(key).and_then(|message| message.value());
        // A test holds every key that is named against the catalogues.
        let Some(pattern) = pattern else { return key.to_owned() };
        bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// An amount: `$1,234.05`.
    pub(crate) fn money(self, amount: Cents) -> String {
        match amount.get() < 0 {
            true => format!("−${}", Cents::ZERO.minus(amount).unwrap_or(amount)),
            false => format!("${amount}"),
        }
    }

    /// A day in words.
    pub(crate) fn day(self, day: Day) -> String {
        let date = day.0;
        let month = self.say(&format!("month-{}", date.month()));
        self.with(
            "day-in-words",
            &[("month", month), ("day", date.day().to_string()), ("year", date.year().to_string())],
        )
    }

    /// A day as it was stored; one that is none, as it is.
    pub(crate) fn day_of(self, text: &str) -> String {
        Day::parse(text).map_or_else(|| text.to_owned(), |day| self.day(day))
    }
}

/// The language of a header like `es-MX,es;q=0.9,en;q=0.8`; English where it names neither.
pub(crate) fn preferred(accepted: &str) -> Language {
    let mut best: Option<(u32, Language)> = None;
    for one in accepted.split(',').take(32) {
        let mut parts = one.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let language = match tag.split('-').next() {
            Some("en") => Language::English,
            Some("es") => Language::Spanish,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1_000), thousandths);
        let Some(weight) = weight.filter(|weight| *weight > 0) else { continue };
        // Of two that weigh the same the first counts.
        if best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, language));
        }
    }
    best.map_or(Language::English, |(_, language)| language)
}

/// A weight from 0 to 1 with at most three places (RFC 9110, 12.4.2), in thousandths.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let is_weight =
        matches!(whole, "0" | "1") && places.len() <= 3 && places.bytes().all(|b| b.is_ascii_digit());
    let all = format!("{whole}{places:0<3}");
    if is_weight { all.parse().ok().filter(|weight| *weight <= 1_000) } else { None }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use super::*;

    /// Each message's key, and what is filled in.
    fn messages(catalogue: &str) -> BTreeMap<String, Vec<String>> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut last = String::new();
        for line in catalogue.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            if !line.starts_with(' ')
                && let Some((key, _)) = line.split_once(" =")
            {
                last = key.to_owned();
                all.insert(last.clone(), Vec::new());
            }
            let names = line.split('$').skip(1).map(|rest| {
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()
            });
            all.get_mut(&last).expect("a line belongs to a message").extend(names);
        }
        all.values_mut().for_each(|names| {
            names.sort();
            names.dedup();
        });
        all
    }

    /// Every file in a folder, and in those within it.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let within = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        within.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    /// Keys that templates and code name, by their literal texts.
    fn named() -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        for file in ["templates", "src"].iter().flat_map(|folder| files(&root.join(folder))) {
            let text = std::fs::read_to_string(file).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            for call in ["say(\"", "say1(\"", "t.with(\"", "fact(\""] {
                let keys = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(keys.map(str::to_owned));
            }
        }
        found
    }

    #[test]
    fn both_catalogues_say_the_same_things_and_everything_that_is_named() {
        let (english, spanish) =
            (messages(include_str!("../texts/en.ftl")), messages(include_str!("../texts/es.ftl")));
        assert_eq!(english, spanish, "the same keys, each filled in with the same");
        let named = named();
        assert!(named.len() > 40, "only {named:?}");
        let missing: Vec<_> = named.iter().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_browser_gets_the_language_that_it_asks_for_first() {
        for (accepted, language) in [
            ("", Language::English),
            ("es-MX,es;q=0.9,en;q=0.8", Language::Spanish),
            ("en-US,en;q=0.9,es;q=0.8", Language::English),
            ("fr-FR, es;q=0.5", Language::Spanish),
            ("en;q=0.1, es;q=0.101", Language::Spanish),
            ("es;q=0, en;q=0.1", Language::English),
            ("es;q=2", Language::English),
            ("de", Language::English),
        ] {
            assert_eq!(preferred(accepted), language, "{accepted}");
        }
    }

    #[test]
    fn amounts_and_days_read_as_people_write_them() {
        let day = Day::parse("2026-11-03").unwrap();
        assert_eq!(Texts(Language::English).day(day), "November 3, 2026");
        assert_eq!(Texts(Language::Spanish).day(day), "3 de noviembre de 2026");
        assert_eq!(Texts(Language::English).money(Cents::new(123_405)), "$1,234.05");
        assert_eq!(Texts(Language::Spanish).money(Cents::new(-50)), "−$0.50");
    }
}
