//! A customer, an account, and a payment, at a running `quittance demo`:
//!
//! ```console
//! $ API=http://127.0.0.1:8080/api/v1 TOKEN=qt_test_… cargo run -p client --example first_payment
//! ```

use client::{Cents, Client, Error, NewCharge, NewCustomer, NewDebtAccount};

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "an example has no settings of its own")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let api = Client::new(&std::env::var("API")?, std::env::var("TOKEN")?)?;

    let ada = NewCustomer { name: Some("Ada Lovelace".into()), ..Default::default() };
    let ada = api.create_customer(&ada).await?;
    let debt = NewDebtAccount { customer_id: Some(ada.id), balance: Cents(15_000), ..Default::default() };
    let debt = api.create_debt_account(&debt).await?;
    let payment = NewCharge {
        amount: Cents(5_000),
        debt_account_id: Some(debt.id.clone()),
        token: Some("tok_visa".into()),
        ..Default::default()
    };
    match api.create_charge(&payment).idempotency_key(format!("first-payment-of-{}", debt.id)).await {
        Ok(charge) => println!("{} paid {}: {}", ada.name, charge.amount, charge.state),
        Err(Error::Refused(refusal)) => println!("{}", refusal.message),
        Err(why) => return Err(why.into()),
    }
    println!("{} is still owed", api.get_debt_account(&debt.id).await?.current_balance);
    Ok(())
}
