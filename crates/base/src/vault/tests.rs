//! What keys promise.

use std::sync::Arc;

use super::*;
use crate::seams::{SeededEntropy, StillClock};

const TENANT: TenantId = TenantId(Uuid::from_u128(7));

fn seams() -> Seams {
    Seams::new(Arc::new(StillClock::default()), Arc::new(SeededEntropy::new(1)))
}

fn live(key: &TenantKey, serves: Use, writes: bool) -> Live {
    Live { key: Arc::new(key.clone()), serves, writes }
}

fn setting() -> (Seams, MasterKey, KeyRing, Sealed) {
    let seams = seams();
    let master = MasterKey::generate(&seams);
    let (key, wrapped) = master.new_tenant_key(&seams, TENANT, 1);
    let ring = KeyRing::new(TENANT, vec![live(&key, Use::Both, true)]).unwrap();
    (seams, master, ring, wrapped)
}

#[test]
fn a_value_opens_only_in_its_own_place() {
    let (seams, _, tenant, _) = setting();
    let row = Uuid::from_u128(1);
    let sealed = tenant.seal(&seams, "customer", "email", row, b"a@b.example");
    assert_eq!(tenant.open("customer", "email", row, &sealed).unwrap(), b"a@b.example");
    assert!(tenant.open("customer", "phone", row, &sealed).is_err());
    assert!(tenant.open("address", "email", row, &sealed).is_err());
    assert!(tenant.open("customer", "email", Uuid::from_u128(2), &sealed).is_err());
    for i in 0..sealed.0.len() {
        let mut bent = sealed.clone();
        bent.0[i] ^= 1;
        assert!(tenant.open("customer", "email", row, &bent).is_err(), "byte {i}");
    }
}

#[test]
fn a_tenant_key_survives_wrapping_and_another_master_key_does_not_open_it() {
    let (seams, master, tenant, wrapped) = setting();
    let again = MasterKeys::from(MasterKey::parse(master.to_text().reveal()).unwrap());
    let opened = again.open_tenant_key(TENANT, 1, &wrapped).unwrap();
    assert_eq!(opened.index("email", &["x"]), tenant.index("email", &["x"]));
    assert!(MasterKeys::from(MasterKey::generate(&seams)).open_tenant_key(TENANT, 1, &wrapped).is_err());
}

#[test]
fn a_rewrapped_key_is_the_same_key_and_needs_only_the_new_master() {
    let (seams, old, tenant, wrapped) = setting();
    let new = MasterKey::generate(&seams);
    let both = MasterKeys::new(new.clone(), vec![old.clone()]);
    let moved = both.rewrap(&seams, TENANT, &wrapped).unwrap().unwrap();
    assert_eq!((wrapped.version(), moved.version()), (old.version(), new.version()));
    assert!(both.rewrap(&seams, TENANT, &moved).unwrap().is_none(), "it is done once");
    let opened = MasterKeys::from(new).open_tenant_key(TENANT, 1, &moved).unwrap();
    assert_eq!(opened.index("email", &["x"]), tenant.index("email", &["x"]));
    assert!(MasterKeys::from(old).open_tenant_key(TENANT, 1, &moved).is_err());
}

#[test]
fn a_wrap_from_before_masters_had_versions_opens_and_is_rewrapped() {
    let (seams, master) =
        (seams(), MasterKey::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap());
    let place = Place::new(TENANT, "tenant_key", "wrapped", TENANT.0);
    let wrapped = seal(&Secret::new([0; 32]), 0, &seams, &place, &[9; 32]);
    let masters = MasterKeys::from(master);
    masters.open_tenant_key(TENANT, 1, &wrapped).unwrap();
    assert!(masters.rewrap(&seams, TENANT, &wrapped).unwrap().is_some());
}

#[test]
fn a_ring_opens_with_every_version_that_lives_and_seals_with_the_newest_that_is_in_use() {
    let (seams, master, _, _) = setting();
    let keys: Vec<TenantKey> = (1..=4).map(|v| master.new_tenant_key(&seams, TENANT, v).0).collect();
    let ring = |writes: bool, old: bool| {
        let mut all = vec![
            live(&keys[1], Use::Index, true),
            live(&keys[2], Use::Seal, writes),
            live(&keys[3], Use::Index, writes),
        ];
        if old {
            all.push(live(&keys[0], Use::Seal, true));
        }
        KeyRing::new(TENANT, all)
    };
    let (coming, moved, done) =
        (ring(false, true).unwrap(), ring(true, true).unwrap(), ring(true, false).unwrap());
    let row = Uuid::from_u128(1);
    let seal = |ring: &KeyRing| ring.seal(&seams, "customer", "email", row, b"x");
    let (old, new) = (seal(&coming), seal(&moved));
    assert_eq!((old.version(), new.version()), (1, 3));
    for ring in [&coming, &moved] {
        assert!(ring.open("customer", "email", row, &old).is_ok());
        assert!(ring.open("customer", "email", row, &new).is_ok());
    }
    assert!(done.open("customer", "email", row, &new).is_ok());
    assert!(done.open("customer", "email", row, &old).is_err(), "a retired key opens nothing");
    assert_eq!(version_of(&coming.index("name", &["x"])), Some(2));
    assert_eq!(version_of(&moved.index("name", &["x"])), Some(4));
    assert_eq!(coming.indexes("name", &["x"]), moved.indexes("name", &["x"]));
    assert_eq!(moved.indexes("name", &["x"]).len(), 2);
    assert!(KeyRing::new(TENANT, vec![live(&keys[0], Use::Seal, true)]).is_err(), "an index key is missing");
}

#[test]
fn a_fingerprint_is_compared_under_its_own_key_and_not_at_all_without() {
    let (seams, master, before, _) = setting();
    let (key, _) = master.new_tenant_key(&seams, TENANT, 2);
    let old = before.fingerprint(b"request");
    let mut keys = before.newest_first.clone();
    keys.push(live(&key, Use::Index, true));
    let during = KeyRing::new(TENANT, keys).unwrap();
    assert_eq!(during.fingerprint(b"request").is(old.written()), Some(true));
    assert_eq!(during.fingerprint(b"another").is(old.written()), Some(false));
    assert_ne!(during.fingerprint(b"request").written(), old.written());
    assert_eq!(old.is(during.fingerprint(b"request").written()), None, "its key is not known here");
    assert_eq!(old.is(b""), None, "it was emptied");
}

#[test]
fn a_persons_key_knows_its_version_and_what_another_one_sealed() {
    let (seams, _, tenant, _) = setting();
    let person = Uuid::from_u128(5);
    let (first, wrapped) = tenant.new_person_key(&seams, person, None);
    let (second, _) = tenant.new_person_key(&seams, person, Some(&first));
    assert_eq!((first.version(), second.version()), (1, 2));
    assert_eq!(tenant.open_person_key(person, &wrapped).unwrap().version(), 1);
    let sealed = second.seal(&seams, "customer", "name", person, b"Ada");
    assert!(was_exchanged(&first.open("customer", "name", person, &sealed).unwrap_err()));
    let elsewhere = second.open("customer", "email", person, &sealed).unwrap_err();
    assert!(!was_exchanged(&elsewhere), "a moved ciphertext is no exchange");
    // As they were kept before they had versions.
    let bare = tenant.seal(&seams, "customer", "data_key", person, &first.to_bytes().reveal()[4..]);
    assert_eq!(tenant.open_person_key(person, &bare).unwrap().version(), 1);
}

#[test]
fn the_same_value_has_another_index_in_another_tenant_and_column() {
    let (seams, master, tenant, _) = setting();
    let (other, _) = master.new_tenant_key(&seams, TenantId(Uuid::from_u128(8)), 1);
    assert_ne!(tenant.index("email", &["x"]), other.index("email", &["x"]));
    assert_ne!(tenant.index("email", &["x"]), tenant.index("phone", &["x"]));
    assert_ne!(tenant.index("pair", &["ab", "c"]), tenant.index("pair", &["a", "bc"]));
}

#[test]
fn keys_and_sealed_values_do_not_print() {
    let (_, master, tenant, wrapped) = setting();
    let printed = format!("{master:?} {tenant:?} {wrapped:?}");
    assert!(!printed.contains(master.to_text().reveal()), "{printed}");
    assert!(printed.contains("***"));
}
