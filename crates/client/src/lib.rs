//! A typed client of the Quittance API.
//!
//! Every endpoint is a method of [`Client`]. What it takes is a struct whose optional fields are left out where they are
//! `None`; what it answers is a struct that ignores fields it does not know; and every word of a list of words has room
//! for [`Other`](ChargeState::Other) words, so that a newer server does not break an older client.
//!
//! ```no_run
//! # async fn run() -> Result<(), client::Error> {
//! use client::{Cents, Client, NewCharge, NewCustomer, NewDebtAccount};
//!
//! let api = Client::new("http://127.0.0.1:8080/api/v1", "qt_test_…")?;
//! let ada = NewCustomer { name: Some("Ada Lovelace".into()), ..Default::default() };
//! let ada = api.create_customer(&ada).await?;
//! let debt = NewDebtAccount { customer_id: Some(ada.id), balance: Cents(150_00), ..Default::default() };
//! let debt = api.create_debt_account(&debt).await?;
//! let payment = NewCharge {
//!     amount: Cents(50_00),
//!     debt_account_id: Some(debt.id),
//!     token: Some("tok_visa".into()),
//!     ..Default::default()
//! };
//! let charge = api.create_charge(&payment).idempotency_key("order-1").await?;
//! println!("{} is {:?}", charge.id, charge.state);
//! # Ok(())
//! # }
//! ```
//!
//! A declined charge is an [`Error::Refused`] that carries the charge: [`Refusal::charge`]. Requests that may be sent again
//! without anything happening twice are sent again where no answer came: see [`Retries`].

mod call;
mod client;
mod error;
mod generated;
mod pages;
mod query;
mod upload;
mod values;
pub mod webhook;

pub use call::{Answer, Call};
pub use client::{Client, Retries};
pub use error::{Error, Refusal};
pub use generated::answers::*;
pub use generated::requests::*;
pub use generated::words::*;
pub use pages::{List, Meta, Pages};
pub use upload::{File, Upload};
pub use values::{Cents, Change, Object, Secret};
