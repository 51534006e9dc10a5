//! Which addresses a customer has, and which of them is primary.
//!
//! Exactly one is primary as long as there is any: the first becomes it, making one primary unmakes the other,
//! and where the primary one goes the oldest takes its place. So `is_primary: false` alone changes nothing.

use base::{Change, Code, Failure, Result, Ts};

use super::model::{Address, AddressFields, AddressId, AddressWrite, address_id};

/// The words about an id that names no address of this customer.
fn unknown(at: &str) -> (String, Vec<String>) {
    (format!("{at}.id"), vec!["The selected address id is invalid.".into()])
}

fn blank(id: AddressId, at: Ts) -> Address {
    let (name, line1, line2, city, state, postal_code, country) = Default::default();
    let is_primary = false;
    Address {
        id,
        name,
        line1,
        line2,
        city,
        state,
        postal_code,
        country,
        is_primary,
        created_at: at,
        updated_at: at,
    }
}

fn write(address: &mut Address, fields: &AddressFields) {
    let set = |value: &mut Option<String>, change: &Change<String>| {
        let tidy = change.clone().over(value.take());
        *value = tidy.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    };
    set(&mut address.name, &fields.name);
    set(&mut address.line1, &fields.line1);
    set(&mut address.line2, &fields.line2);
    set(&mut address.city, &fields.city);
    set(&mut address.state, &fields.state);
    set(&mut address.postal_code, &fields.postal_code);
    set(&mut address.country, &fields.country);
}

fn says(address: &Address) -> [Option<&str>; 7] {
    let a = address;
    [&a.name, &a.line1, &a.line2, &a.city, &a.state, &a.postal_code, &a.country].map(|text| text.as_deref())
}

impl AddressWrite {
    /// Whether a new address comes of it, for a customer with these.
    pub fn adds_to(&self, stored: &[Address], now: Ts) -> bool {
        let mut new = blank(AddressId::from(uuid::Uuid::nil()), now);
        write(&mut new, &self.fields);
        let is_blank = says(&new).iter().all(Option::is_none);
        self.id.is_none() && !is_blank && !stored.iter().any(|a| says(a) == says(&new))
    }
}

/// Makes `wish` primary, or sees to it that one is; marks what is other than `before` as changed.
fn settled(before: &[Address], mut after: Vec<Address>, wish: Option<AddressId>, at: Ts) -> Vec<Address> {
    let primary = wish
        .or_else(|| after.iter().find(|a| a.is_primary).map(|a| a.id))
        .or_else(|| after.first().map(|a| a.id));
    for address in &mut after {
        address.is_primary = Some(address.id) == primary;
        if before.iter().any(|b| b.id == address.id && b != address) {
            address.updated_at = at;
        }
    }
    after
}

/// The addresses after what a request says about a customer; the last one it calls primary is.
pub(super) fn merged(
    before: &[Address],
    writes: &[AddressWrite],
    at: Ts,
    mut new_id: impl FnMut() -> AddressId,
) -> Result<Vec<Address>, Vec<(String, Vec<String>)>> {
    let (mut after, mut wish, mut faults) = (before.to_vec(), None, Vec::new());
    for said in writes {
        let id = match &said.id {
            Some(text) => {
                let named = address_id(text).and_then(|id| after.iter_mut().find(|a| a.id == id));
                let Some(address) = named else {
                    faults.push(unknown(&said.at));
                    continue;
                };
                write(address, &said.fields);
                address.id
            }
            None => {
                let mut new = blank(new_id(), at);
                write(&mut new, &said.fields);
                let equal = after.iter().find(|a| says(a) == says(&new)).map(|a| a.id);
                match equal {
                    Some(id) => id,
                    None if says(&new) == [None; 7] => continue,
                    None => {
                        after.push(new);
                        after[after.len() - 1].id
                    }
                }
            }
        };
        if said.fields.is_primary == Some(true) {
            wish = Some(id);
        }
    }
    if faults.is_empty() { Ok(settled(before, after, wish, at)) } else { Err(faults) }
}

/// The addresses with a new one.
pub(super) fn added(before: &[Address], id: AddressId, fields: &AddressFields, at: Ts) -> Vec<Address> {
    let mut new = blank(id, at);
    write(&mut new, fields);
    let after = before.iter().cloned().chain([new]).collect();
    settled(before, after, (fields.is_primary == Some(true)).then_some(id), at)
}

/// The addresses with one changed.
pub(super) fn changed(
    before: &[Address],
    id: AddressId,
    fields: &AddressFields,
    at: Ts,
) -> Result<Vec<Address>> {
    let mut after = before.to_vec();
    write(after.iter_mut().find(|a| a.id == id).ok_or_else(not_there)?, fields);
    Ok(settled(before, after, (fields.is_primary == Some(true)).then_some(id), at))
}

/// The addresses without one.
pub(super) fn without(before: &[Address], id: AddressId, at: Ts) -> Result<Vec<Address>> {
    let after: Vec<Address> = before.iter().filter(|a| a.id != id).cloned().collect();
    if after.len() == before.len() {
        return Err(not_there());
    }
    Ok(settled(before, after, None, at))
}

fn not_there() -> Failure {
    Failure::refused(Code::NotFound, "The requested resource was not found.")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const AT: Ts = Ts::from_micros(1);

    fn id(n: u128) -> AddressId {
        AddressId(Uuid::from_u128(n))
    }

    fn fields(city: &str, is_primary: Option<bool>) -> AddressFields {
        AddressFields { city: Change::Set(city.into()), is_primary, ..AddressFields::default() }
    }

    fn to(at: Option<u128>, city: &str, is_primary: Option<bool>) -> AddressWrite {
        AddressWrite {
            at: "address".into(),
            id: at.map(|n| id(n).to_string()),
            fields: fields(city, is_primary),
        }
    }

    fn shown(all: &[Address]) -> String {
        let one = |a: &Address| {
            format!("{}{}", a.city.clone().unwrap_or_default(), if a.is_primary { "*" } else { "" })
        };
        all.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    fn two() -> Vec<Address> {
        let one = added(&[], id(1), &fields("A", Some(false)), AT);
        added(&one, id(2), &fields("B", None), AT)
    }

    #[test]
    fn the_first_is_primary_whatever_it_says_and_later_ones_only_on_request() {
        assert_eq!(shown(&two()), "A* B");
        assert_eq!(shown(&added(&two(), id(3), &fields("C", Some(true)), AT)), "A B C*");
    }

    #[test]
    fn making_one_primary_unmakes_the_other_and_denying_it_changes_nothing() {
        assert_eq!(shown(&changed(&two(), id(2), &fields("B", Some(true)), AT).unwrap()), "A B*");
        assert_eq!(changed(&two(), id(1), &fields("A", Some(false)), AT).unwrap(), two());
    }

    #[test]
    fn where_the_primary_goes_the_oldest_takes_its_place() {
        let three = added(&two(), id(3), &fields("C", Some(true)), AT);
        assert_eq!(shown(&without(&three, id(3), AT).unwrap()), "A* B");
        assert_eq!(shown(&without(&two(), id(1), AT).unwrap()), "B*");
        assert!(without(&two(), id(9), AT).is_err());
    }

    #[test]
    fn within_a_customer_an_equal_address_is_kept_and_a_foreign_id_refused() {
        let merge = |writes: &[AddressWrite]| merged(&two(), writes, AT, || id(9));
        assert_eq!(merge(&[to(None, "B", None)]).unwrap(), two());
        assert_eq!(shown(&merge(&[to(None, " B ", Some(true))]).unwrap()), "A B*");
        assert_eq!(shown(&merge(&[to(None, "C", None)]).unwrap()), "A* B C");
        assert_eq!(shown(&merge(&[to(Some(2), "D", None)]).unwrap()), "A* D");
        assert_eq!(merge(&[AddressWrite::default()]).unwrap(), two());
        let faults = merge(&[to(Some(7), "D", None)]).unwrap_err();
        assert_eq!(faults[0].0, "address.id");
        // A reply sent back with the roles exchanged.
        let exchanged = merge(&[to(Some(1), "A", Some(false)), to(Some(2), "B", Some(true))]).unwrap();
        assert_eq!(shown(&exchanged), "A B*");
    }
}
