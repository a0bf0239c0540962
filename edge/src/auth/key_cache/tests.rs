use super::super::jwks::KeySet;
use super::super::key::Algorithm;
use super::super::minting::Pair;
use super::*;
use serde_json::json;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn set(key_ids: &[&str]) -> KeySet {
    let keys: Vec<_> = key_ids.iter().map(|key_id| Pair::issuer(Algorithm::Es256).jwk(key_id)).collect();
    KeySet::parse(json!({"keys": keys}).to_string().as_bytes(), Algorithm::Es256).unwrap()
}

/// A cache that got this set at second 0.
fn holding(key_ids: &[&str]) -> KeyCache {
    let mut cache = KeyCache::empty();
    assert!(matches!(cache.look_up("any", at(0)), Lookup::Ask));
    cache.store(Ok(set(key_ids)), at(0));
    cache
}

macro_rules! assert_lookup {
    ($cache:expr, $key_id:expr, $second:expr, $expected:pat) => {
        let found = $cache.look_up($key_id, at($second));
        assert!(matches!(found, $expected), "{} at {}: {found:?}", $key_id, $second);
    };
}

#[test]
fn the_issuer_is_asked_again_after_ten_minutes() {
    let mut cache = holding(&["a"]);
    assert_lookup!(cache, "a", 599, Lookup::Found(_));
    assert_lookup!(cache, "a", 600, Lookup::Ask);
    cache.store(Ok(set(&["b"])), at(600));
    assert_lookup!(cache, "a", 601, Lookup::Unknown);
    assert_lookup!(cache, "b", 601, Lookup::Found(_));
}

#[test]
fn unknown_keys_ask_once_in_thirty_seconds_whatever_their_ids() {
    let mut cache = holding(&["a"]);
    assert_lookup!(cache, "new", 29, Lookup::Unknown);
    assert_lookup!(cache, "new", 30, Lookup::Ask);
    assert_lookup!(cache, "a", 30, Lookup::Found(_));
    cache.store(Ok(set(&["a"])), at(31));
    for (second, key_id) in [(31, "new"), (40, "other"), (60, "third")] {
        assert_lookup!(cache, key_id, second, Lookup::Unknown);
    }
    assert_lookup!(cache, "third", 61, Lookup::Ask);
    cache.store(Ok(set(&["a", "new"])), at(61));
    assert_lookup!(cache, "new", 62, Lookup::Found(_));
}

#[test]
fn while_one_asks_the_others_wait_and_are_not_called_unknown() {
    let mut cache = KeyCache::empty();
    assert_lookup!(cache, "a", 0, Lookup::Ask);
    assert_lookup!(cache, "a", 0, Lookup::Wait);
    assert_lookup!(cache, "b", 3, Lookup::Wait);
    cache.store(Ok(set(&["a"])), at(3));
    assert_lookup!(cache, "a", 3, Lookup::Found(_));
    assert_lookup!(cache, "b", 3, Lookup::Unknown);
}

#[test]
fn an_asking_whose_request_was_given_up_blocks_nobody_for_long() {
    let mut cache = KeyCache::empty();
    assert_lookup!(cache, "a", 0, Lookup::Ask);
    assert_lookup!(cache, "a", 6, Lookup::Wait);
    assert_lookup!(cache, "a", 7, Lookup::Ask);
    assert_lookup!(cache, "a", 8, Lookup::Wait);
}

#[test]
fn a_failing_issuer_does_not_take_the_known_keys_away_for_a_day() {
    const DAY: i64 = 24 * 60 * 60;
    let mut cache = holding(&["a"]);
    assert_lookup!(cache, "a", 700, Lookup::Ask);
    cache.store(Err(JwksError::Status(500)), at(700));
    assert_lookup!(cache, "a", 700, Lookup::Found(_));
    assert_lookup!(cache, "a", 729, Lookup::Found(_));
    // Whether the issuer knows the other one cannot be told.
    assert_lookup!(cache, "new", 729, Lookup::Unavailable(JwksError::Status(500)));
    assert_lookup!(cache, "a", 730, Lookup::Ask);
    cache.store(Err(JwksError::Unreachable), at(735));
    assert_lookup!(cache, "a", 736, Lookup::Found(_));
    assert_lookup!(cache, "a", DAY - 1, Lookup::Ask);
    cache.store(Err(JwksError::Unreachable), at(DAY - 1));
    assert_lookup!(cache, "a", DAY - 1, Lookup::Found(_));
    assert_lookup!(cache, "a", DAY, Lookup::Ask);
    cache.store(Err(JwksError::Unreachable), at(DAY));
    assert_lookup!(cache, "a", DAY, Lookup::Unavailable(JwksError::Unreachable));
}

#[test]
fn without_any_key_a_failing_issuer_is_asked_every_second() {
    let mut cache = KeyCache::empty();
    assert_lookup!(cache, "a", 0, Lookup::Ask);
    cache.store(Err(JwksError::Status(302)), at(5));
    assert_lookup!(cache, "a", 5, Lookup::Unavailable(JwksError::Status(302)));
    assert_lookup!(cache, "b", 5, Lookup::Unavailable(_));
    assert_lookup!(cache, "a", 6, Lookup::Ask);
    cache.store(Ok(set(&["a"])), at(6));
    assert_lookup!(cache, "a", 7, Lookup::Found(_));
}

#[test]
fn a_set_of_another_isolate_spares_asking_if_it_is_young() {
    // Fetched 5 minutes ago, with the key.
    let mut cache = KeyCache::empty();
    assert_lookup!(cache, "a", 300, Lookup::Ask);
    assert!(cache.adopt(set(&["a"]), at(0), "a", at(300)));
    assert_lookup!(cache, "a", 301, Lookup::Found(_));
    assert_lookup!(cache, "a", 600, Lookup::Ask);
    // The same again is no news.
    assert!(!cache.adopt(set(&["a"]), at(0), "a", at(600)));
    // Fetched 5 minutes ago, without the key: the issuer may have it by now.
    let mut cache = KeyCache::empty();
    assert_lookup!(cache, "b", 300, Lookup::Ask);
    assert!(!cache.adopt(set(&["a"]), at(0), "b", at(300)));
    assert_lookup!(cache, "b", 301, Lookup::Wait);
    // Fetched 5 seconds ago: it has not.
    let mut cache = KeyCache::empty();
    assert_lookup!(cache, "b", 5, Lookup::Ask);
    assert!(cache.adopt(set(&["a"]), at(0), "b", at(5)));
    assert_lookup!(cache, "b", 29, Lookup::Unknown);
    assert_lookup!(cache, "b", 30, Lookup::Ask);
}

#[test]
fn an_old_set_of_another_isolate_serves_only_while_the_issuer_fails() {
    let mut cache = KeyCache::empty();
    assert_lookup!(cache, "a", 7000, Lookup::Ask);
    assert!(!cache.adopt(set(&["a"]), at(0), "a", at(7000)));
    assert_lookup!(cache, "a", 7001, Lookup::Wait);
    cache.store(Err(JwksError::Unreachable), at(7005));
    assert_lookup!(cache, "a", 7006, Lookup::Found(_));
    // And one of more than a day not even then.
    let mut cache = KeyCache::empty();
    assert_lookup!(cache, "a", 90_000, Lookup::Ask);
    assert!(!cache.adopt(set(&["a"]), at(0), "a", at(90_000)));
    cache.store(Err(JwksError::Unreachable), at(90_005));
    assert_lookup!(cache, "a", 90_005, Lookup::Unavailable(_));
}

#[test]
fn a_date_in_the_future_keeps_no_key_alive() {
    let mut cache = KeyCache::empty();
    assert_lookup!(cache, "a", 0, Lookup::Ask);
    assert!(!cache.adopt(set(&["a"]), at(61), "a", at(0)));
    cache.store(Ok(set(&["a"])), at(1000));
    // The clock was set back.
    assert_lookup!(cache, "a", 0, Lookup::Ask);
}
