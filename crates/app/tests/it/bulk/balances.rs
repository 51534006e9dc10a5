//! A creditor's balance and a payment that the creditor does not know of yet.

use serde_json::json;

use crate::support::Agency;

on_both_engines! {
    async fn a_payment_later_than_the_creditors_last_is_never_overwritten(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        agency.post("/charges", debtor.pays(40_00)).await.made();
        let row = |balance: i64, last: Option<String>| {
            let mut row = json!({ "id": debtor.debt, "current_balance": balance, "external_status": format!("{balance}") });
            if let Some(last) = last {
                row["last_payment_date"] = json!(last);
            }
            json!([row])
        };
        // The creditor knows of no payment, or of an earlier one: the rest of the row is taken.
        for last in [None, Some(agency.day(-1))] {
            let told = agency.bulk(row(100_00, last.clone())).await;
            assert_eq!((&told["balances_kept"], agency.owed(&debtor.debt).await), (&json!(1), 60_00), "{last:?}");
            assert_eq!(agency.debt(&debtor.debt).await["external_status"], "10000");
        }
        // Of the same day, or later: it is taken.
        let told = agency.bulk(row(55_00, Some(agency.day(0)))).await;
        assert_eq!((&told["balances_kept"], agency.owed(&debtor.debt).await), (&json!(0), 55_00));
        // To the second, where the row says so.
        agency.bulk(row(50_00, Some(agency.now().plus_seconds(-60).to_string()))).await;
        assert_eq!(agency.owed(&debtor.debt).await, 55_00);
        agency.bulk(row(50_00, Some(agency.now().plus_seconds(60).to_string()))).await;
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        let bad = agency.bulk(row(1, Some("yesterday".into()))).await;
        assert_eq!(agency.wrong(&bad).await, ["1 last_payment_date: The last payment date field must be a valid date."]);
        // Whoever insists has it their way.
        let sent = json!({ "debt_accounts": row(10_00, None), "overwrite_later_payments": true });
        agency.applied(&agency.post("/bulk/debt-accounts", sent).await).await;
        assert_eq!(agency.owed(&debtor.debt).await, 10_00);
        // What was placed is another number: a change of it moves what is owed by as much.
        agency.bulk(json!([{ "id": debtor.debt, "balance": 120_00, "current_balance": 120_00 }])).await;
        assert_eq!(agency.owed(&debtor.debt).await, 30_00);
    }

    async fn an_account_that_nobody_paid_takes_the_creditors_balance(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        agency.bulk(json!([{ "id": debtor.debt, "current_balance": 0 }])).await;
        let debt = agency.debt(&debtor.debt).await;
        assert_eq!((&debt["current_balance"], &debt["state"]), (&json!(0), &json!("paid_off")));
    }
}
