//! By what somebody says who they are, as forms hold it: the one place where it is read. None of it is ever shown again.

use base::Day;
use base::secret::Secret;
use base::us::postal_code5;

use crate::{Call, forms};

/// The last four digits of a Social Security number.
pub(crate) fn ssn(call: &Call, field: &str) -> Option<Secret<String>> {
    let four = Secret::new(forms::text(call, field));
    let is_four = four.reveal().len() == 4 && four.reveal().bytes().all(|b| b.is_ascii_digit());
    is_four.then_some(four)
}

/// The five digits of a ZIP, of nine too.
pub(crate) fn postal_code(call: &Call, field: &str) -> Option<String> {
    forms::text(call, field).get(..5).and_then(postal_code5)
}

/// A birthday, in the fields `month`, `day` and `year`.
pub(crate) fn birthday(call: &Call) -> Option<Day> {
    let text = |field| Secret::new(forms::text(call, field));
    day_of(&text("month"), &text("day"), &text("year"))
}

/// A birthday in three fields, as people write it.
fn day_of(month: &Secret<String>, day: &Secret<String>, year: &Secret<String>) -> Option<Day> {
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let (month, day, year) = (month.reveal(), day.reveal(), year.reveal());
    let is_whole = digits(month, 2) && digits(day, 2) && year.len() == 4 && digits(year, 4);
    if is_whole { Day::parse(&format!("{year}-{month:0>2}-{day:0>2}")) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_is_three_numbers_that_are_a_day() {
        let told = |month: &str, day: &str, year: &str| {
            let [month, day, year] = [month, day, year].map(|text| Secret::new(text.to_owned()));
            day_of(&month, &day, &year).map(|day| day.to_string())
        };
        assert_eq!(told("6", "5", "1987").as_deref(), Some("1987-06-05"));
        assert_eq!(told("06", "05", "1987").as_deref(), Some("1987-06-05"));
        for (month, day, year) in
            [("", "", ""), ("2", "30", "1987"), ("6", "5", "87"), ("-6", "5", "1987"), ("6", "5", "19870")]
        {
            assert_eq!(told(month, day, year), None, "{month}/{day}/{year}");
        }
    }
}
