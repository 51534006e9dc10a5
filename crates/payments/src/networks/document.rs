//! The tables of `docs/NETWORK-RULES.md`, in Markdown.

use super::ach::{all_rates, same_days, timings};
use super::rows::{Rule, Term, all_advice};
use super::{Counter, Network, changes, limits, rules};

/// Every row there is.
pub fn markdown() -> String {
    let of = |networks: &[Network]| -> Vec<&Rule> {
        rules().iter().filter(|rule| networks.contains(&rule.network)).collect()
    };
    let mut text = String::from("### Returns of bank debits (Nacha)\n\n");
    text += &table(&of(&[Network::Ach]));
    text += "\n### Response codes of cards\n\n";
    text += &table(&of(&[Network::Visa, Network::Mastercard, Network::Any]));
    text += "\n### Mastercard's merchant advice codes\n\n";
    text += &table(&all_advice().iter().collect::<Vec<_>>());
    text += "\n### How often\n\n| network | refusals | attempts | within | counted by | from | source |\n|---|---|---|---|---|---|---|\n";
    for limit in limits() {
        let class = limit.class.map_or("all", |class| class.as_str());
        text += &format!(
            "| {} | {class} | {} | {} h | {} | {} | {} |\n",
            limit.network.as_str(),
            limit.attempts,
            limit.hours,
            limit.per.as_str(),
            limit.term.from,
            limit.term.source
        );
    }
    text += "\n### When bank debits settle and come back (Nacha, Eastern time)\n\n| cut-off | settles | ordinary returns | not authorized | after a prenote | from | to | source |\n|---|---|---|---|---|---|---|---|\n";
    for timing in timings() {
        text += &format!(
            "| {} | {} | {} banking days | {} days | {} banking days | {} | {} | {} |\n",
            timing.cut_off.strftime("%H:%M"),
            timing.settles.strftime("%H:%M"),
            timing.ordinary_return_days,
            timing.unauthorized_return_days,
            timing.prenote_days,
            timing.term.from,
            last(&timing.term),
            timing.term.source
        );
    }
    text += "\n### Entries that settle on the same day (Nacha, Eastern time)\n\n| until | at most | from | to | source |\n|---|---|---|---|---|\n";
    for row in same_days() {
        let (until, to) = (row.until.strftime("%H:%M"), last(&row.term));
        text += &format!(
            "| {until} | {} cents | {} | {to} | {} |\n",
            row.most.get(),
            row.term.from,
            row.term.source
        );
    }
    text += "\n### How much may come back (Nacha)\n\n| returns | at most, of a thousand debits | within | from | to | source |\n|---|---|---|---|---|---|\n";
    for row in all_rates() {
        let (counter, to) = (row.counter.as_str(), last(&row.term));
        let (most, days, from) = (row.most_per_mille, row.days, row.term.from);
        text += &format!("| {counter} | {most} | {days} days | {from} | {to} | {} |\n", row.term.source);
    }
    text += "\n### Notices of change (Nacha)\n\n| code | what is corrected |\n|---|---|\n";
    for change in changes() {
        text += &format!("| {} | {} |\n", change.code, change.title);
    }
    text
}

/// A term's last day, where it has one.
fn last(term: &Term) -> String {
    term.to.map(|day| day.to_string()).unwrap_or_default()
}

fn table(rules: &[&Rule]) -> String {
    let mut text = String::from(
        "| network | code | meaning | class | retry | the method is stopped; lifted by | counts | from | to | source |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for rule in rules {
        let retry = match rule.wait_hours {
            Some(hours) => format!("{} {hours} h", rule.retry.as_str()),
            None => rule.retry.as_str().to_owned(),
        };
        let counts: Vec<&str> = rule.counts.iter().copied().map(Counter::as_str).collect();
        text += &format!(
            "| {} | {} | {} | {} | {retry} | {} | {} | {} | {} | {} |\n",
            rule.network.as_str(),
            rule.code,
            rule.title,
            rule.class.as_str(),
            rule.lifted_by.map_or("–", |lift| lift.as_str()),
            counts.join(", "),
            rule.term.from,
            rule.term.to.map(|day| day.to_string()).unwrap_or_default(),
            rule.term.source
        );
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_shows_the_rules() {
        let document = include_str!("../../../../docs/NETWORK-RULES.md");
        let now = super::markdown();
        assert!(document.contains(&now), "put this into docs/NETWORK-RULES.md:\n{now}");
    }
}
