//! `verify` finds what is wrong with what banks said.

use base::db::{Command, Tx};
use base::{Failure, Result};
use books::orgs::{Environment, Tenant};
use payments::verify;

use super::NUMBER;
use crate::support::agency::Agency;
use crate::support::statements::{Said, moved};

/// Does one wrong thing, asks what is noticed, and takes it back.
struct Wrong<'a>(&'a str, &'a [Tenant]);

impl Command for Wrong<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "test.wrong"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let touched = tx.run(self.0, &[]).await?;
        assert!(touched > 0, "{}", self.0);
        let found = verify::books(tx, self.1).await?;
        let names = found.iter().filter(|check| check.wrong > 0).map(|check| check.name);
        Err(Failure::field("found", names.collect::<Vec<_>>().join(", ")))
    }
}

on_both_engines! {
    async fn one_thing_that_is_wrong_is_found_wherever_it_stands(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        agency.bank_says(&Said::of(NUMBER, "261118", 0, vec![moved(165, 500_00, "A"), moved(165, 300_00, "B")])).await;
        agency.bank_says(&Said::of(NUMBER, "261119", 800_00, vec![moved(495, 300_00, "C")])).await;
        agency.expects(&account, ("ach_settlement", 500_00, "credit"), ("2026-11-18", "2026-11-18"), None).await;
        agency.expects(&account, ("remittance", 300_00, "debit"), ("2026-11-19", "2026-11-19"), None).await;
        agency.steps().await;
        let tenants = [agency.tenant(Environment::Sandbox).await];
        for check in verify::books(&agency.db.snapshot().await.unwrap(), &tenants).await.unwrap() {
            assert_eq!(check.wrong, 0, "{}: {:?}", check.name, check.examples);
            if check.name.starts_with("bank ") {
                assert_eq!(check.compared, 2, "{}", check.name);
            }
        }
        let (statements, matches) = ("bank statements = their lines", "bank lines = what was expected");
        for (sql, found) in [
            ("UPDATE bank_line SET amount = amount + 1 WHERE status = 'unmatched'", statements),
            ("UPDATE bank_line SET amount = amount + 1 WHERE status = 'matched'", "bank statements = their lines, bank lines = what was expected"),
            ("UPDATE bank_line SET direction = 'debit' WHERE status = 'unmatched'", statements),
            ("UPDATE bank_line SET status = 'pending' WHERE status = 'unmatched'", statements),
            ("UPDATE bank_statement SET lines = lines + 1", statements),
            ("UPDATE bank_statement SET closing = closing + 1 WHERE gap IS NULL", statements),
            ("UPDATE bank_statement SET unexplained = 1", statements),
            ("UPDATE bank_statement SET gap = 1 WHERE gap IS NOT NULL", statements),
            ("UPDATE bank_expectation SET amount = amount + 1", matches),
            ("UPDATE bank_match SET amount = amount + 1", matches),
            ("UPDATE bank_match SET undone_at = created_at", matches),
            ("UPDATE bank_expectation SET status = 'open', match_id = NULL", matches),
        ] {
            let Err(Failure::Refused(refusal)) = agency.db.run(&Wrong(sql, &tenants)).await else { panic!("{sql}") };
            assert_eq!(refusal.say, found, "{sql}");
        }
    }
}
