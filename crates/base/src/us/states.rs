//! States, territories and military mail, by the Postal Service's two letters.

use super::fold_name;

/// The two-letter code of a state, the District, a territory, a freely associated state or a military region,
/// from its code or its full name in any case. Source: USPS Publication 28, appendix B.
pub fn state(text: &str) -> Option<&'static str> {
    let asked = fold_name(text);
    STATES
        .iter()
        .find(|(code, name)| asked == *name || asked.eq_ignore_ascii_case(code))
        .map(|(code, _)| *code)
}

/// Code and folded name. A code may stand on several rows, one for each name in use.
const STATES: &[(&str, &str)] = &[
    ("AL", "alabama"),
    ("AK", "alaska"),
    ("AZ", "arizona"),
    ("AR", "arkansas"),
    ("CA", "california"),
    ("CO", "colorado"),
    ("CT", "connecticut"),
    ("DE", "delaware"),
    ("DC", "district of columbia"),
    ("DC", "washington dc"),
    ("FL", "florida"),
    ("GA", "georgia"),
    ("HI", "hawaii"),
    ("ID", "idaho"),
    ("IL", "illinois"),
    ("IN", "indiana"),
    ("IA", "iowa"),
    ("KS", "kansas"),
    ("KY", "kentucky"),
    ("LA", "louisiana"),
    ("ME", "maine"),
    ("MD", "maryland"),
    ("MA", "massachusetts"),
    ("MI", "michigan"),
    ("MN", "minnesota"),
    ("MS", "mississippi"),
    ("MO", "missouri"),
    ("MT", "montana"),
    ("NE", "nebraska"),
    ("NV", "nevada"),
    ("NH", "new hampshire"),
    ("NJ", "new jersey"),
    ("NM", "new mexico"),
    ("NY", "new york"),
    ("NC", "north carolina"),
    ("ND", "north dakota"),
    ("OH", "ohio"),
    ("OK", "oklahoma"),
    ("OR", "oregon"),
    ("PA", "pennsylvania"),
    ("RI", "rhode island"),
    ("SC", "south carolina"),
    ("SD", "south dakota"),
    ("TN", "tennessee"),
    ("TX", "texas"),
    ("UT", "utah"),
    ("VT", "vermont"),
    ("VA", "virginia"),
    ("WA", "washington"),
    ("WV", "west virginia"),
    ("WI", "wisconsin"),
    ("WY", "wyoming"),
    ("AS", "american samoa"),
    ("GU", "guam"),
    ("MP", "northern mariana islands"),
    ("MP", "commonwealth of the northern mariana islands"),
    ("PR", "puerto rico"),
    ("VI", "virgin islands"),
    ("VI", "us virgin islands"),
    ("VI", "united states virgin islands"),
    ("FM", "federated states of micronesia"),
    ("FM", "micronesia"),
    ("MH", "marshall islands"),
    ("PW", "palau"),
    ("AA", "armed forces americas"),
    ("AE", "armed forces europe"),
    ("AE", "armed forces africa"),
    ("AE", "armed forces canada"),
    ("AE", "armed forces middle east"),
    ("AP", "armed forces pacific"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_by_code_or_name_in_any_case() {
        for (written, code) in [
            ("NY", "NY"),
            ("ny", "NY"),
            (" Ny ", "NY"),
            ("N.Y.", "NY"),
            ("new york", "NY"),
            ("NEW  YORK", "NY"),
            ("Washington", "WA"),
            ("Washington, D.C.", "DC"),
            ("D.C.", "DC"),
            ("U.S. Virgin Islands", "VI"),
            ("Puerto Rico", "PR"),
            ("ae", "AE"),
            ("Armed Forces Pacific", "AP"),
        ] {
            assert_eq!(state(written), Some(code), "{written}");
        }
    }

    #[test]
    fn what_is_no_state_is_refused() {
        for bad in ["", "  ", "XX", "N Y", "New", "ON", "Ontario", "USA", "--"] {
            assert_eq!(state(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_code_the_mail_knows_is_there_once_or_under_all_its_names() {
        let mut codes: Vec<_> = STATES.iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 50 + 1 + 5 + 3 + 3);
    }

    #[test]
    fn every_name_is_written_folded_or_it_could_never_match() {
        for (code, name) in STATES {
            assert_eq!(fold_name(name), *name);
            assert_eq!(state(name), Some(*code));
            assert_eq!(state(code), Some(*code));
        }
    }
}
