//! What Authorize.net is asked, and what is made of what it says besides.

mod asks;
mod says;

use adapters::authorize_net::AuthorizeNet;
use base::{Ts, secret::Secret};
use payments::processor::{Answer, Order, Page, Processor, Record};

use crate::worlds::{NONCE, now, order};

/// What is charged of a method, by its name.
pub(crate) async fn token(p: &AuthorizeNet, method: &str) -> Secret<String> {
    p.inspect(now(), &Secret::new(format!("{NONCE}:{method}"))).await.unwrap().token
}

pub(crate) async fn pay(p: &AuthorizeNet, key: &str, method: &str) -> Answer {
    let order = Order { token: token(p, method).await, ..order(key, "", 500) };
    p.submit(now(), &order).await
}

/// The whole list from `since` on.
pub(crate) async fn listed(p: &AuthorizeNet, at: Ts, since: Ts) -> Vec<Record> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let Page { records, cursor: next } = p.list_since(at, since, cursor).await.unwrap();
        all.extend(records);
        cursor = next;
        if cursor.is_none() {
            return all;
        }
    }
}
