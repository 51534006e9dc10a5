//! The ids of what there is, and the words that stand in its columns.

base::ids! {
    /// An account of the organization's at a bank.
    BankAccountId "bank"
    /// A file of statements.
    BankFileId "bank_file"
    /// A statement of one account.
    BankStatementId "bank_statement"
    /// A movement on an account.
    BankLineId "bank_line"
    /// A movement that is expected.
    ExpectationId "expectation"
    /// Lines and expectations that belong together.
    MatchId "match"
}

base::words! {
    /// Whose money is on an account.
    AccountKind {
        /// That of those who are owed: what was collected for them.
        Trust = "trust",
        /// The organization's own.
        Operating = "operating",
    }
}

base::words! {
    /// Which way money goes.
    Direction {
        /// To the account.
        Credit = "credit",
        /// From it.
        Debit = "debit",
    }
}

base::words! {
    /// What a file is written in.
    FileFormat {
        /// BAI2.
        Bai2 = "bai2",
        /// camt.052, camt.053, camt.054.
        Camt = "camt",
    }
}

base::words! {
    /// How a statement stands.
    StatementStatus {
        /// Its lines are booked.
        Booked = "booked",
        /// It is a report within a day.
        Pending = "pending",
        /// A statement or a later report stands in its place.
        Replaced = "replaced",
        /// The bank took it back.
        Withdrawn = "withdrawn",
    }
}

base::words! {
    /// How a line stands.
    LineStatus {
        /// Nothing was found to it yet.
        Unmatched = "unmatched",
        /// It is what was expected.
        Matched = "matched",
        /// Somebody said that nothing belongs to it.
        Ignored = "ignored",
        /// It is in a report within a day.
        Pending = "pending",
        /// The bank took it back.
        Withdrawn = "withdrawn",
    }
}

base::words! {
    /// What a movement is expected for.
    ExpectationKind {
        /// What an ACH file comes to.
        AchSettlement = "ach_settlement",
        /// A bank debit that comes back.
        AchReturn = "ach_return",
        /// What a processor pays out.
        ProcessorPayout = "processor_payout",
        /// What is paid to whoever is owed.
        Remittance = "remittance",
        /// What a bank or a processor takes for itself.
        Fee = "fee",
        /// Anything else.
        Other = "other",
    }
}

base::words! {
    /// How an expectation stands.
    ExpectationStatus {
        /// It is waited for.
        Open = "open",
        /// It came.
        Matched = "matched",
        /// It is not waited for any more.
        Cancelled = "cancelled",
    }
}

base::words! {
    /// Why lines and expectations belong together.
    Rule {
        /// The bank repeats the expectation's key.
        Key = "key",
        /// Nothing else has that amount in those days.
        Amount = "amount",
        /// Somebody said so.
        Person = "person",
    }
}

base::words! {
    /// What was decided about a line or an expectation.
    Act {
        /// It belongs to a match.
        Matched = "matched",
        /// It does not any more.
        Unmatched = "unmatched",
        /// Nothing belongs to it.
        Ignored = "ignored",
        /// It is open again.
        Restored = "restored",
        /// The bank took it back.
        Withdrawn = "withdrawn",
        /// It is not waited for any more.
        Cancelled = "cancelled",
    }
}
