//! Every endpoint. Made from the route table; see `generated`.

use reqwest::Method;

use super::answers::*;
use super::requests::*;
use crate::call::{Call, read};
use crate::query::step;
use crate::upload::{File, Upload};
use crate::{Client, Pages};

impl Client {
    /// List customers. `GET /customers`
    pub fn list_customers(&self, filter: &ListCustomers) -> Pages<Customer> {
        Pages::new(Call::new(self, Method::GET, "/customers".to_owned(), read::whole).filter(filter))
    }

    /// Create a customer. `POST /customers`
    ///
    /// `name`, or `first_name` and `last_name`; a name without its parts is divided at its last space.
    pub fn create_customer(&self, body: &NewCustomer) -> Call<Customer> {
        Call::new(self, Method::POST, "/customers".to_owned(), read::data).json(body).keyed()
    }

    /// Get a customer. `GET /customers/{id}`
    pub fn get_customer(&self, id: &str) -> Call<Customer> {
        Call::new(self, Method::GET, format!("/customers/{}", step(id)), read::data)
    }

    /// Change a customer. `PUT /customers/{id}`
    ///
    /// What is not sent stays; what is sent empty is cleared.
    pub fn update_customer(&self, id: &str, body: &CustomerChanges) -> Call<Customer> {
        Call::new(self, Method::PUT, format!("/customers/{}", step(id)), read::data).json(body)
    }

    /// Delete a customer. `DELETE /customers/{id}`
    ///
    /// Erases what is known of them, but for the evidence of what they authorized (12 CFR 1005.13(b)).
    /// Refused while one of their accounts still owes.
    pub fn delete_customer(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/customers/{}", step(id)), read::nothing)
    }

    /// List a customer's addresses. `GET /customers/{id}/addresses`
    pub fn list_customer_addresses(&self, id: &str, filter: &ListCustomerAddresses) -> Pages<Address> {
        Pages::new(
            Call::new(self, Method::GET, format!("/customers/{}/addresses", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Add an address to a customer. `POST /customers/{id}/addresses`
    ///
    /// The first one is primary; making another one primary unmakes it.
    pub fn create_customer_address(&self, id: &str, body: &NewAddress) -> Call<Address> {
        Call::new(self, Method::POST, format!("/customers/{}/addresses", step(id)), read::data)
            .json(body)
            .keyed()
    }

    /// Get an address of a customer. `GET /customers/{id}/addresses/{address_id}`
    pub fn get_customer_address(&self, id: &str, address_id: &str) -> Call<Address> {
        Call::new(
            self,
            Method::GET,
            format!("/customers/{}/addresses/{}", step(id), step(address_id)),
            read::data,
        )
    }

    /// Change an address of a customer. `PUT /customers/{id}/addresses/{address_id}`
    pub fn update_customer_address(
        &self,
        id: &str,
        address_id: &str,
        body: &AddressChanges,
    ) -> Call<Address> {
        Call::new(
            self,
            Method::PUT,
            format!("/customers/{}/addresses/{}", step(id), step(address_id)),
            read::data,
        )
        .json(body)
    }

    /// Delete an address of a customer. `DELETE /customers/{id}/addresses/{address_id}`
    ///
    /// Where it was the primary one, the oldest takes its place.
    pub fn delete_customer_address(&self, id: &str, address_id: &str) -> Call<()> {
        Call::new(
            self,
            Method::DELETE,
            format!("/customers/{}/addresses/{}", step(id), step(address_id)),
            read::nothing,
        )
    }

    /// List a customer's payment methods. `GET /customers/{id}/payment-methods`
    pub fn list_customer_payment_methods(
        &self,
        id: &str,
        filter: &ListCustomerPaymentMethods,
    ) -> Pages<PaymentMethod> {
        Pages::new(
            Call::new(self, Method::GET, format!("/customers/{}/payment-methods", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Create a payment method of a customer. `POST /customers/{id}/payment-methods`
    ///
    /// Exactly one of `card`, `ach` and `token`. Numbers go to the processor and are not kept; the security
    /// code is kept nowhere.
    pub fn create_customer_payment_method(
        &self,
        id: &str,
        body: &NewCustomerPaymentMethod,
    ) -> Call<PaymentMethod> {
        Call::new(self, Method::POST, format!("/customers/{}/payment-methods", step(id)), read::data)
            .json(body)
            .keyed()
    }

    /// List payment methods. `GET /payment-methods`
    pub fn list_payment_methods(&self, filter: &ListPaymentMethods) -> Pages<PaymentMethod> {
        Pages::new(Call::new(self, Method::GET, "/payment-methods".to_owned(), read::whole).filter(filter))
    }

    /// Create a payment method. `POST /payment-methods`
    ///
    /// Exactly one of `card`, `ach` and `token`. Numbers go to the processor and are not kept; the security
    /// code is kept nowhere.
    pub fn create_payment_method(&self, body: &NewPaymentMethod) -> Call<PaymentMethod> {
        Call::new(self, Method::POST, "/payment-methods".to_owned(), read::data).json(body).keyed()
    }

    /// Get a payment method. `GET /payment-methods/{id}`
    pub fn get_payment_method(&self, id: &str) -> Call<PaymentMethod> {
        Call::new(self, Method::GET, format!("/payment-methods/{}", step(id)), read::data)
    }

    /// Change a payment method. `PUT /payment-methods/{id}`
    ///
    /// The holder, the expiration, the ZIP, and whether it is the primary one. A number never changes. A
    /// new expiration lets a card be charged again that was stopped for its details.
    pub fn update_payment_method(&self, id: &str, body: &PaymentMethodChanges) -> Call<PaymentMethod> {
        Call::new(self, Method::PUT, format!("/payment-methods/{}", step(id)), read::data).json(body)
    }

    /// Let a stopped payment method be charged again. `POST /payment-methods/{id}/reauthorize`
    ///
    /// After its holder authorized it anew, or a person has looked at it: see `stopped.lifted_by`. Every
    /// method of yours that is the same card or account follows. Refused where the method is not stopped,
    /// or this does not help.
    pub fn reauthorize_payment_method(
        &self,
        id: &str,
        body: &ReauthorizePaymentMethod,
    ) -> Call<PaymentMethod> {
        Call::new(self, Method::POST, format!("/payment-methods/{}/reauthorize", step(id)), read::data)
            .json(body)
    }

    /// Delete a payment method. `DELETE /payment-methods/{id}`
    ///
    /// Refused while a charge that is not completed uses it.
    pub fn delete_payment_method(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/payment-methods/{}", step(id)), read::nothing)
    }

    /// List locations. `GET /locations`
    pub fn list_locations(&self, filter: &ListLocations) -> Pages<Location> {
        Pages::new(Call::new(self, Method::GET, "/locations".to_owned(), read::whole).filter(filter))
    }

    /// Create a location. `POST /locations`
    ///
    /// An original creditor unless `type` says otherwise. Name and type together are unique.
    pub fn create_location(&self, body: &NewLocation) -> Call<Location> {
        Call::new(self, Method::POST, "/locations".to_owned(), read::data).json(body).keyed()
    }

    /// Get a location. `GET /locations/{id}`
    pub fn get_location(&self, id: &str) -> Call<Location> {
        Call::new(self, Method::GET, format!("/locations/{}", step(id)), read::data)
    }

    /// Change a location. `PUT /locations/{id}`
    pub fn update_location(&self, id: &str, body: &LocationChanges) -> Call<Location> {
        Call::new(self, Method::PUT, format!("/locations/{}", step(id)), read::data).json(body)
    }

    /// Delete a location. `DELETE /locations/{id}`
    ///
    /// Refused while a debt account, another location or a client's terms name it.
    pub fn delete_location(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/locations/{}", step(id)), read::nothing)
    }

    /// List debt accounts. `GET /debt-accounts`
    pub fn list_debt_accounts(&self, filter: &ListDebtAccounts) -> Pages<DebtAccount> {
        Pages::new(Call::new(self, Method::GET, "/debt-accounts".to_owned(), read::whole).filter(filter))
    }

    /// Place a debt account. `POST /debt-accounts`
    ///
    /// `balance` is what was placed, in whole cents: 15000 is $150.00. With `parent_external_id` the
    /// account is grouped under another.
    pub fn create_debt_account(&self, body: &NewDebtAccount) -> Call<DebtAccount> {
        Call::new(self, Method::POST, "/debt-accounts".to_owned(), read::data).json(body).keyed()
    }

    /// Get a debt account. `GET /debt-accounts/{id}`
    pub fn get_debt_account(&self, id: &str) -> Call<DebtAccount> {
        Call::new(self, Method::GET, format!("/debt-accounts/{}", step(id)), read::data)
    }

    /// Change a debt account. `PUT /debt-accounts/{id}`
    ///
    /// What is not sent stays. A changed `balance` moves `current_balance` by the same difference.
    pub fn update_debt_account(&self, id: &str, body: &DebtAccountChanges) -> Call<DebtAccount> {
        Call::new(self, Method::PUT, format!("/debt-accounts/{}", step(id)), read::data).json(body)
    }

    /// Delete a debt account. `DELETE /debt-accounts/{id}`
    pub fn delete_debt_account(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/debt-accounts/{}", step(id)), read::nothing)
    }

    /// Look up a customer's accounts. `GET /debt-accounts/lookup`
    ///
    /// All that is told has to be true; else the answer is an empty list, whoever is meant. For one phone
    /// or name 5 lookups may fail in an hour, 10 in a day and 20 in 30 days, over all flows together, and
    /// `lookup.failures_a_day` of /organization in all: then 429, until `Retry-After`.
    pub fn lookup_debt_accounts_by_query(
        &self,
        filter: &LookupDebtAccountsByQuery,
    ) -> Call<Vec<DebtAccount>> {
        Call::new(self, Method::GET, "/debt-accounts/lookup".to_owned(), read::data).filter(filter)
    }

    /// Look up a customer's accounts, with nothing personal in the address. `POST /debt-accounts/lookup`
    ///
    /// All that is told has to be true; else the answer is an empty list, whoever is meant. For one phone
    /// or name 5 lookups may fail in an hour, 10 in a day and 20 in 30 days, over all flows together, and
    /// `lookup.failures_a_day` of /organization in all: then 429, until `Retry-After`.
    pub fn lookup_debt_accounts(&self, body: &LookupDebtAccounts) -> Call<Vec<DebtAccount>> {
        Call::new(self, Method::POST, "/debt-accounts/lookup".to_owned(), read::data).json(body)
    }

    /// Forget the failed lookups of a phone or a name. `POST /debt-accounts/lookup/unlock`
    ///
    /// For a person who knows who is asking. Needs the scope `lookup:unlock`.
    pub fn unlock_lookup(&self, body: &UnlockLookup) -> Call<()> {
        Call::new(self, Method::POST, "/debt-accounts/lookup/unlock".to_owned(), read::nothing).json(body)
    }

    /// List charges. `GET /charges`
    pub fn list_charges(&self, filter: &ListCharges) -> Pages<Charge> {
        Pages::new(Call::new(self, Method::GET, "/charges".to_owned(), read::whole).filter(filter))
    }

    /// Charge a payment method. `POST /charges`
    ///
    /// Now, or on `scheduled_at`. With an account the payment lowers its balance; without one the money
    /// waits in suspense. A declined charge answers 400 with the charge under `data`. An answer the
    /// processor still owes us is `pending` and resolves by itself. Send an `Idempotency-Key`: the same key
    /// never charges twice.
    pub fn create_charge(&self, body: &NewCharge) -> Call<Charge> {
        Call::new(self, Method::POST, "/charges".to_owned(), read::data).json(body).keyed()
    }

    /// Get a charge. `GET /charges/{id}`
    ///
    /// With `authorization`, what its customer agreed to where they paid it on the portal.
    pub fn get_charge(&self, id: &str) -> Call<Charge> {
        Call::new(self, Method::GET, format!("/charges/{}", step(id)), read::data)
    }

    /// Cancel a scheduled charge. `POST /charges/{id}/cancel`
    pub fn cancel_charge(&self, id: &str) -> Call<Charge> {
        Call::new(self, Method::POST, format!("/charges/{}/cancel", step(id)), read::data).keyed()
    }

    /// Refund a charge, in part or in whole. `POST /charges/{id}/refund`
    ///
    /// Without an amount all that is left is given back. The account owes it again. A charge that has not
    /// settled is taken back in whole instead, as by a void.
    pub fn refund_charge(&self, id: &str, body: &RefundCharge) -> Call<Charge> {
        Call::new(self, Method::POST, format!("/charges/{}/refund", step(id)), read::data).json(body).keyed()
    }

    /// Take a charge back before it settles. `POST /charges/{id}/void`
    ///
    /// All of it, and only before it settles: a bank debit that is `pending` ends `canceled` and the
    /// account is free again; a card's payment ends `refunded`. Refused where it has settled: refund it
    /// then.
    pub fn void_charge(&self, id: &str) -> Call<Charge> {
        Call::new(self, Method::POST, format!("/charges/{}/void", step(id)), read::data).keyed()
    }

    /// Ask the processor about a charge now. `POST /charges/{id}/sync`
    pub fn sync_charge(&self, id: &str) -> Call<Charge> {
        Call::new(self, Method::POST, format!("/charges/{}/sync", step(id)), read::data)
    }

    /// Decide a charge that nobody else can decide. `POST /charges/{id}/resolve`
    ///
    /// For a charge that waits for a person (`GET /charges?review=true`), or was without an answer for
    /// longer than the processor knows its key. The processor is asked once more: what it says is never
    /// overruled. With `refund_id` it is about a refund of the charge. The reason and the token that
    /// decided stand in the event `charge.resolved`.
    pub fn resolve_charge(&self, id: &str, body: &ResolveCharge) -> Call<Charge> {
        Call::new(self, Method::POST, format!("/charges/{}/resolve", step(id)), read::data).json(body).keyed()
    }

    /// List transactions. `GET /transactions`
    ///
    /// Newest first. `start_date` and `end_date` each alone or together, as a day, `Y-m-d H:i:s` or RFC
    /// 3339, or one `date_range`; days are your organization's.
    pub fn list_transactions(&self, filter: &ListTransactions) -> Pages<Transaction> {
        Pages::new(Call::new(self, Method::GET, "/transactions".to_owned(), read::whole).filter(filter))
    }

    /// Get a transaction. `GET /transactions/{id}`
    pub fn get_transaction(&self, id: &str) -> Call<Transaction> {
        Call::new(self, Method::GET, format!("/transactions/{}", step(id)), read::data)
    }

    /// Get the balances of the ledger. `GET /balance`
    ///
    /// What every account of the ledger has moved, and what stands on it, summed from the entries: of all
    /// of them, or of those of some days. `balance` is told on the account's normal side.
    pub fn get_balance(&self, filter: &GetBalance) -> Call<Balance> {
        Call::new(self, Method::GET, "/balance".to_owned(), read::data).filter(filter)
    }

    /// List bank accounts. `GET /bank-accounts`
    pub fn list_bank_accounts(&self, filter: &ListBankAccounts) -> Pages<BankAccount> {
        Pages::new(Call::new(self, Method::GET, "/bank-accounts".to_owned(), read::whole).filter(filter))
    }

    /// Make a bank account. `POST /bank-accounts`
    ///
    /// An account of the organization's at a bank in the United States, in dollars. Its number is sealed:
    /// only the last four characters are ever shown. Routing number and number together are unique among
    /// those that are not closed.
    pub fn create_bank_account(&self, body: &NewBankAccountMade) -> Call<BankAccount> {
        Call::new(self, Method::POST, "/bank-accounts".to_owned(), read::data).json(body).keyed()
    }

    /// Get a bank account. `GET /bank-accounts/{id}`
    ///
    /// `balance` is what its newest statement closed with, at the end of `balance_day`.
    pub fn get_bank_account(&self, id: &str) -> Call<BankAccount> {
        Call::new(self, Method::GET, format!("/bank-accounts/{}", step(id)), read::data)
    }

    /// Change a bank account. `PUT /bank-accounts/{id}`
    ///
    /// Its numbers never change: another number is another account.
    pub fn update_bank_account(&self, id: &str, body: &BankAccountChanges) -> Call<BankAccount> {
        Call::new(self, Method::PUT, format!("/bank-accounts/{}", step(id)), read::data).json(body)
    }

    /// Close a bank account. `POST /bank-accounts/{id}/close`
    ///
    /// Nothing more is read or expected of it; what was stays. Refused while something is expected on it.
    pub fn close_bank_account(&self, id: &str) -> Call<BankAccount> {
        Call::new(self, Method::POST, format!("/bank-accounts/{}/close", step(id)), read::data)
    }

    /// List bank statements. `GET /bank-statements`
    pub fn list_bank_statements(&self, filter: &ListBankStatements) -> Pages<BankStatement> {
        Pages::new(Call::new(self, Method::GET, "/bank-statements".to_owned(), read::whole).filter(filter))
    }

    /// Read a file of bank statements. `POST /bank-statements`
    ///
    /// BAI2, camt.052, camt.053 or camt.054 under `file`, as multipart/form-data, at most 10 MiB. All of it
    /// is taken or nothing: each fault is told with its line and column. The same file again changes
    /// nothing. A statement is booked where it opens with what the one before it closed with; a report
    /// within a day is pending until a statement stands in its place. What is in it is listed by `GET
    /// /bank-lines`.
    pub fn create_bank_statement(&self, file: &Upload, fields: &NewBankStatement) -> Call<BankStatementMade> {
        Call::new(self, Method::POST, "/bank-statements".to_owned(), read::data).upload(file, fields).keyed()
    }

    /// Get a bank statement. `GET /bank-statements/{id}`
    ///
    /// `gap`: its opening balance less the closing balance before it. `unexplained`: its closing balance
    /// less what its opening balance and its lines come to; banks may leave transactions out.
    pub fn get_bank_statement(&self, id: &str) -> Call<BankStatement> {
        Call::new(self, Method::GET, format!("/bank-statements/{}", step(id)), read::data)
    }

    /// List the lines of bank statements. `GET /bank-lines`
    ///
    /// `status=unmatched` is what nothing was found to; with `queued=true` what waits for a person, because
    /// a day has passed or somebody took a match apart.
    pub fn list_bank_lines(&self, filter: &ListBankLines) -> Pages<BankLine> {
        Pages::new(Call::new(self, Method::GET, "/bank-lines".to_owned(), read::whole).filter(filter))
    }

    /// Get a line of a bank statement. `GET /bank-lines/{id}`
    ///
    /// With the payments that it stands for, and what was decided about it, by whom and when.
    pub fn get_bank_line(&self, id: &str) -> Call<BankLine> {
        Call::new(self, Method::GET, format!("/bank-lines/{}", step(id)), read::data)
    }

    /// Say what a line is. `POST /bank-lines/{id}/match`
    ///
    /// One line and any number of expectations, or, with `bank_line_ids`, several lines and one
    /// expectation: all of one account, all open, and coming to the same amount.
    pub fn match_bank_line(&self, id: &str, body: &MatchBankLine) -> Call<BankLine> {
        Call::new(self, Method::POST, format!("/bank-lines/{}/match", step(id)), read::data).json(body)
    }

    /// Take back what was decided about a line. `POST /bank-lines/{id}/unmatch`
    ///
    /// Its match with everything in it, or that nothing belongs to it. From then on only a person matches
    /// it again.
    pub fn unmatch_bank_line(&self, id: &str) -> Call<BankLine> {
        Call::new(self, Method::POST, format!("/bank-lines/{}/unmatch", step(id)), read::data)
    }

    /// Say that nothing belongs to a line. `POST /bank-lines/{id}/ignore`
    pub fn ignore_bank_line(&self, id: &str, body: &IgnoreBankLine) -> Call<BankLine> {
        Call::new(self, Method::POST, format!("/bank-lines/{}/ignore", step(id)), read::data).json(body)
    }

    /// List what is expected of banks. `GET /bank-expectations`
    ///
    /// `overdue=true` is what did not come in its days and is still waited for.
    pub fn list_bank_expectations(&self, filter: &ListBankExpectations) -> Pages<BankExpectation> {
        Pages::new(Call::new(self, Method::GET, "/bank-expectations".to_owned(), read::whole).filter(filter))
    }

    /// Expect something on a bank account. `POST /bank-expectations`
    ///
    /// What a file of payments, a payout or a remittance will come to. A line of that amount and direction
    /// is matched by itself where it repeats `key`, or where it is booked in these days and nothing else
    /// has that amount.
    pub fn create_bank_expectation(&self, body: &NewBankExpectation) -> Call<BankExpectation> {
        Call::new(self, Method::POST, "/bank-expectations".to_owned(), read::data).json(body).keyed()
    }

    /// Get something that is expected of a bank. `GET /bank-expectations/{id}`
    ///
    /// With what was decided about it, by whom and when.
    pub fn get_bank_expectation(&self, id: &str) -> Call<BankExpectation> {
        Call::new(self, Method::GET, format!("/bank-expectations/{}", step(id)), read::data)
    }

    /// Expect something no longer. `POST /bank-expectations/{id}/cancel`
    pub fn cancel_bank_expectation(&self, id: &str) -> Call<BankExpectation> {
        Call::new(self, Method::POST, format!("/bank-expectations/{}/cancel", step(id)), read::data)
    }

    /// Get as whom you originate bank debits. `GET /ach-originator`
    ///
    /// 404 until that is set up. Files are made in production alone.
    pub fn get_ach_originator(&self) -> Call<AchOriginator> {
        Call::new(self, Method::GET, "/ach-originator".to_owned(), read::data)
    }

    /// Set up as whom you originate bank debits, or change it. `PUT /ach-originator`
    ///
    /// With what your bank agreed to. The first time every field is needed but those that have a default.
    pub fn update_ach_originator(&self, body: &AchOriginatorChanges) -> Call<AchOriginator> {
        Call::new(self, Method::PUT, "/ach-originator".to_owned(), read::data).json(body)
    }

    /// Have a file made now. `POST /ach-originator/cut`
    ///
    /// Whatever the cut-offs say: what waits goes into a file within seconds.
    pub fn cut_ach_originator(&self) -> Call<AchOriginator> {
        Call::new(self, Method::POST, "/ach-originator/cut".to_owned(), read::data)
    }

    /// List ACH files. `GET /ach-files`
    pub fn list_ach_files(&self, filter: &ListAchFiles) -> Pages<AchFile> {
        Pages::new(Call::new(self, Method::GET, "/ach-files".to_owned(), read::whole).filter(filter))
    }

    /// Get an ACH file. `GET /ach-files/{id}`
    pub fn get_ach_file(&self, id: &str) -> Call<AchFile> {
        Call::new(self, Method::GET, format!("/ach-files/{}", step(id)), read::data)
    }

    /// Note that the bank accepted a file. `POST /ach-files/{id}/acknowledge`
    pub fn acknowledge_ach_file(&self, id: &str) -> Call<AchFile> {
        Call::new(self, Method::POST, format!("/ach-files/{}/acknowledge", step(id)), read::data)
    }

    /// Note that the bank refused a file as a whole. `POST /ach-files/{id}/reject`
    ///
    /// Its entries go into another file at the next cut-off. Refused where any of them has settled or come
    /// back: then the bank has processed it.
    pub fn reject_ach_file(&self, id: &str) -> Call<AchFile> {
        Call::new(self, Method::POST, format!("/ach-files/{}/reject", step(id)), read::data)
    }

    /// List what the bank said of entries. `GET /ach-notices`
    ///
    /// Returns, notifications of change, and what follows on returns. `unmatched` and `unreadable` ones are
    /// for a person.
    pub fn list_ach_notices(&self, filter: &ListAchNotices) -> Pages<AchNotice> {
        Pages::new(Call::new(self, Method::GET, "/ach-notices".to_owned(), read::whole).filter(filter))
    }

    /// Get how many debits came back. `GET /ach-return-rates`
    ///
    /// Held against Nacha's limits: `near` from four fifths of one on, `above` beyond it.
    pub fn list_ach_return_rates(&self) -> Call<Vec<AchReturnRate>> {
        Call::new(self, Method::GET, "/ach-return-rates".to_owned(), read::data)
    }

    /// List payment plans. `GET /payment-plans`
    pub fn list_payment_plans(&self, filter: &ListPaymentPlans) -> Pages<PaymentPlan> {
        Pages::new(Call::new(self, Method::GET, "/payment-plans".to_owned(), read::whole).filter(filter))
    }

    /// Create a payment plan. `POST /payment-plans`
    ///
    /// With a payment method it is `active` at once; without one it is `pending`, and takes the place of
    /// another pending one. Refused where the account cannot be paid, or a plan on it is running. A
    /// `total_amount` below what is owed is a settlement, within your organization's limits. What you say
    /// in `authorization` of how its customer authorized it is kept as evidence, with a hash over all of
    /// it; the customer gets a copy.
    pub fn create_payment_plan(&self, body: &NewPaymentPlan) -> Call<PaymentPlan> {
        Call::new(self, Method::POST, "/payment-plans".to_owned(), read::data).json(body).keyed()
    }

    /// See what a payment plan would come to. `POST /payment-plans/preview`
    ///
    /// Every day and amount, and nothing is kept. Of an open-ended plan: as if the balance stayed what it
    /// is. With an `annual_percentage_rate` also the interest that is expected.
    pub fn preview_payment_plan(&self, body: &PreviewPaymentPlan) -> Call<PaymentPlanPreview> {
        Call::new(self, Method::POST, "/payment-plans/preview".to_owned(), read::data).json(body)
    }

    /// Ask a customer to agree on a payment plan. `POST /payment-plans/request`
    ///
    /// Makes a pending plan, in place of another pending one, and with a `type` a message to the customer
    /// with a link that works for seven days. What is missing of the terms is the customer's to choose.
    /// Refused where the customer wants no such messages, or a block keeps them from being written to.
    pub fn request_payment_plan(&self, body: &RequestPaymentPlan) -> Call<PaymentPlan> {
        Call::new(self, Method::POST, "/payment-plans/request".to_owned(), read::data).json(body).keyed()
    }

    /// Get a payment plan. `GET /payment-plans/{id}`
    pub fn get_payment_plan(&self, id: &str) -> Call<PaymentPlan> {
        Call::new(self, Method::GET, format!("/payment-plans/{}", step(id)), read::data)
    }

    /// Change a payment plan. `PUT /payment-plans/{id}`
    ///
    /// The terms, as long as nothing is scheduled and your organization's rule
    /// `unscheduled_payment_plan_editable` allows it; and the payment method, at any time. A pending plan
    /// becomes `active` by a payment method. An `authorization` that says something new is recorded also
    /// where the method stays; one of our replies sent back says nothing new.
    pub fn update_payment_plan(&self, id: &str, body: &PaymentPlanChanges) -> Call<PaymentPlan> {
        Call::new(self, Method::PUT, format!("/payment-plans/{}", step(id)), read::data).json(body)
    }

    /// Delete a pending payment plan. `DELETE /payment-plans/{id}`
    ///
    /// One that was enrolled in has a history: cancel it.
    pub fn delete_payment_plan(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/payment-plans/{}", step(id)), read::nothing)
    }

    /// List what a plan's customer authorized. `GET /payment-plans/{id}/authorizations`
    ///
    /// Newest first, the one that holds and those that are over: to which words, by whom, when, how and
    /// from where, with a hash that anybody can make anew from what is shown, and the message that brought
    /// the copy. Kept when the customer is erased (12 CFR 1005.13(b)). What was recorded before all of this
    /// was kept shows nulls.
    pub fn list_payment_plan_authorizations(
        &self,
        id: &str,
        filter: &ListPaymentPlanAuthorizations,
    ) -> Pages<PaymentPlanAuthorization> {
        Pages::new(
            Call::new(self, Method::GET, format!("/payment-plans/{}/authorizations", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Let a payment plan stand still. `POST /payment-plans/{id}/pause`
    ///
    /// Nothing is charged until it goes on; what is under way is not stopped.
    pub fn pause_payment_plan(&self, id: &str) -> Call<PaymentPlan> {
        Call::new(self, Method::POST, format!("/payment-plans/{}/pause", step(id)), read::data).keyed()
    }

    /// Let a payment plan go on. `POST /payment-plans/{id}/resume`
    ///
    /// What was not charged meanwhile is not made up for in one go: it takes the next days of the plan's
    /// own calendar, and the plan ends so much later.
    pub fn resume_payment_plan(&self, id: &str) -> Call<PaymentPlan> {
        Call::new(self, Method::POST, format!("/payment-plans/{}/resume", step(id)), read::data).keyed()
    }

    /// Let a payment plan give way to another. `POST /payment-plans/{id}/replace`
    ///
    /// Other terms for a plan that runs, which its customer has authorized: in one go the plan is
    /// `cancelled`, its `reason` `replaced`, and the new one, which is shown, is `active`. The terms are
    /// those of a new plan and nothing is taken over, but for the payment method; of a settlement the new
    /// plan pays what is left to pay, unless it says what it pays. What was paid stays paid, and what is
    /// under way goes on.
    pub fn create_payment_plan_replace(&self, id: &str, body: &NewPaymentPlanReplace) -> Call<PaymentPlan> {
        Call::new(self, Method::POST, format!("/payment-plans/{}/replace", step(id)), read::data)
            .json(body)
            .keyed()
    }

    /// End a payment plan. `POST /payment-plans/{id}/cancel`
    ///
    /// Nothing that waits is charged any more, and what its customer authorized is over.
    pub fn cancel_payment_plan(&self, id: &str) -> Call<PaymentPlan> {
        Call::new(self, Method::POST, format!("/payment-plans/{}/cancel", step(id)), read::data).keyed()
    }

    /// Let a broken payment plan go on. `POST /payment-plans/{id}/reinstate`
    ///
    /// What it still lacks is paid by the same terms, on the next days of its calendar. Its customer has
    /// authorized that anew: you say so by this request, and it is recorded, with what you say of it in
    /// `authorization`.
    pub fn reinstate_payment_plan(&self, id: &str, body: &ReinstatePaymentPlan) -> Call<PaymentPlan> {
        Call::new(self, Method::POST, format!("/payment-plans/{}/reinstate", step(id)), read::data)
            .json(body)
            .keyed()
    }

    /// Skip one payment of a plan. `POST /payment-plans/{id}/instalments/{instalment_id}/skip`
    ///
    /// One of the plan's `charges` that is `scheduled`, at any time before it is sent. The same amount
    /// stands at the plan's end; nothing else changes.
    pub fn skip_payment_plan_instalment(&self, id: &str, instalment_id: &str) -> Call<PaymentPlan> {
        Call::new(
            self,
            Method::POST,
            format!("/payment-plans/{}/instalments/{}/skip", step(id), step(instalment_id)),
            read::data,
        )
        .keyed()
    }

    /// List settlement offers. `GET /settlement-offers`
    pub fn list_settlement_offers(&self, filter: &ListSettlementOffers) -> Pages<SettlementOffer> {
        Pages::new(Call::new(self, Method::GET, "/settlement-offers".to_owned(), read::whole).filter(filter))
    }

    /// Offer to settle an account for less than is owed. `POST /settlement-offers`
    ///
    /// At once or in instalments, within your organization's limits. Exactly one of `amount`,
    /// `discount_amount` and `discount_percent` says how much; it is kept as an amount. A payment plan
    /// takes the offer up by `settlement_offer_id`.
    pub fn create_settlement_offer(&self, body: &NewSettlementOffer) -> Call<SettlementOffer> {
        Call::new(self, Method::POST, "/settlement-offers".to_owned(), read::data).json(body).keyed()
    }

    /// Get a settlement offer. `GET /settlement-offers/{id}`
    pub fn get_settlement_offer(&self, id: &str) -> Call<SettlementOffer> {
        Call::new(self, Method::GET, format!("/settlement-offers/{}", step(id)), read::data)
    }

    /// Change a settlement offer. `PUT /settlement-offers/{id}`
    ///
    /// As long as nobody has taken it up or back. A new discount is one on what is owed now.
    pub fn update_settlement_offer(&self, id: &str, body: &SettlementOfferChanges) -> Call<SettlementOffer> {
        Call::new(self, Method::PUT, format!("/settlement-offers/{}", step(id)), read::data).json(body)
    }

    /// Take a settlement offer back. `POST /settlement-offers/{id}/withdraw`
    ///
    /// One that was taken back stays so. Refused where a payment plan has taken it up.
    pub fn withdraw_settlement_offer(&self, id: &str) -> Call<SettlementOffer> {
        Call::new(self, Method::POST, format!("/settlement-offers/{}/withdraw", step(id)), read::data).keyed()
    }

    /// Delete a settlement offer. `DELETE /settlement-offers/{id}`
    ///
    /// Refused where a payment plan refers to it.
    pub fn delete_settlement_offer(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/settlement-offers/{}", step(id)), read::nothing)
    }

    /// List blocks. `GET /blocks`
    pub fn list_blocks(&self, filter: &ListBlocks) -> Pages<Block> {
        Pages::new(Call::new(self, Method::GET, "/blocks".to_owned(), read::whole).filter(filter))
    }

    /// Place a block. `POST /blocks`
    ///
    /// On exactly one of a customer, an account or a payment method. What it stops follows from its reason:
    /// see `GET /blocks/reasons`. Several together stop what any of them stops. It is in force from
    /// `starts_at` (or now) until `ends_at`, or until it is lifted.
    pub fn create_block(&self, body: &NewBlock) -> Call<Block> {
        Call::new(self, Method::POST, "/blocks".to_owned(), read::data).json(body).keyed()
    }

    /// List the reasons, what each stops, and by which law. `GET /blocks/reasons`
    pub fn list_block_reasons(&self) -> Call<Vec<BlockReason>> {
        Call::new(self, Method::GET, "/blocks/reasons".to_owned(), read::data)
    }

    /// Get a block, with everything that happened to it. `GET /blocks/{id}`
    pub fn get_block(&self, id: &str) -> Call<Block> {
        Call::new(self, Method::GET, format!("/blocks/{}", step(id)), read::data)
    }

    /// Change a block. `PUT /blocks/{id}`
    ///
    /// Its reason and what it is on never change: lift it, and place another one.
    pub fn update_block(&self, id: &str, body: &BlockChanges) -> Call<Block> {
        Call::new(self, Method::PUT, format!("/blocks/{}", step(id)), read::data).json(body)
    }

    /// Lift a block. `POST /blocks/{id}/lift`
    ///
    /// It stays, with its history. One that was lifted stays as it is.
    pub fn lift_block(&self, id: &str, body: &LiftBlock) -> Call<Block> {
        Call::new(self, Method::POST, format!("/blocks/{}/lift", step(id)), read::data).json(body).keyed()
    }

    /// Lift a block. `DELETE /blocks/{id}`
    ///
    /// The same as `lift` without a reason: nothing is erased.
    pub fn delete_block(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/blocks/{}", step(id)), read::nothing)
    }

    /// List customer sessions. `GET /customer-sessions`
    ///
    /// Never with their links.
    pub fn list_customer_sessions(&self, filter: &ListCustomerSessions) -> Pages<CustomerSession> {
        Pages::new(Call::new(self, Method::GET, "/customer-sessions".to_owned(), read::whole).filter(filter))
    }

    /// Make a link that logs a customer in. `POST /customer-sessions`
    ///
    /// For exactly one of a customer, an account or a dispute. The link is told here, and again where the
    /// same request is repeated under its idempotency key; never elsewhere but in the message that
    /// `send_by` asks for. It lasts `valid_until` hours or `expires_in` seconds; with neither, 24 hours
    /// after it was last used, and 2,160 hours at most.
    pub fn create_customer_session(&self, body: &NewCustomerSession) -> Call<CustomerSession> {
        Call::new(self, Method::POST, "/customer-sessions".to_owned(), read::data).json(body).keyed()
    }

    /// Get a customer session. `GET /customer-sessions/{id}`
    pub fn get_customer_session(&self, id: &str) -> Call<CustomerSession> {
        Call::new(self, Method::GET, format!("/customer-sessions/{}", step(id)), read::data)
    }

    /// End a customer session. `POST /customer-sessions/{id}/revoke`
    ///
    /// Its link opens nothing from then on. One that was ended stays as it is.
    pub fn revoke_customer_session(&self, id: &str) -> Call<CustomerSession> {
        Call::new(self, Method::POST, format!("/customer-sessions/{}/revoke", step(id)), read::data)
    }

    /// End a customer session. `DELETE /customer-sessions/{id}`
    ///
    /// The same as `revoke`.
    pub fn delete_customer_session(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/customer-sessions/{}", step(id)), read::nothing)
    }

    /// List tickets. `GET /tickets`
    ///
    /// Those with the latest activity first; without their messages.
    pub fn list_tickets(&self, filter: &ListTickets) -> Pages<Ticket> {
        Pages::new(Call::new(self, Method::GET, "/tickets".to_owned(), read::whole).filter(filter))
    }

    /// Open a ticket. `POST /tickets`
    ///
    /// `description` is its first message.
    pub fn create_ticket(&self, body: &NewTicket) -> Call<Ticket> {
        Call::new(self, Method::POST, "/tickets".to_owned(), read::data).json(body).keyed()
    }

    /// Get a ticket, with its messages. `GET /tickets/{id}`
    pub fn get_ticket(&self, id: &str) -> Call<Ticket> {
        Call::new(self, Method::GET, format!("/tickets/{}", step(id)), read::data)
    }

    /// Change a ticket. `PUT /tickets/{id}`
    ///
    /// Its status, subject or category. What was written stays as it is.
    pub fn update_ticket(&self, id: &str, body: &TicketChanges) -> Call<Ticket> {
        Call::new(self, Method::PUT, format!("/tickets/{}", step(id)), read::data).json(body)
    }

    /// Mark a ticket as read. `POST /tickets/{id}/read`
    pub fn read_ticket(&self, id: &str, body: &ReadTicket) -> Call<Ticket> {
        Call::new(self, Method::POST, format!("/tickets/{}/read", step(id)), read::data).json(body)
    }

    /// List the messages of a ticket. `GET /tickets/{id}/messages`
    pub fn list_ticket_messages(&self, id: &str, filter: &ListTicketMessages) -> Pages<TicketMessage> {
        Pages::new(
            Call::new(self, Method::GET, format!("/tickets/{}/messages", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Write to a ticket. `POST /tickets/{id}/messages`
    ///
    /// From the organization, unless `from` says that it is the customer's. A closed ticket takes none.
    pub fn create_ticket_message(&self, id: &str, body: &NewTicketMessage) -> Call<TicketMessage> {
        Call::new(self, Method::POST, format!("/tickets/{}/messages", step(id)), read::data)
            .json(body)
            .keyed()
    }

    /// List disputes. `GET /debt-account-disputes`
    pub fn list_debt_account_disputes(&self, filter: &ListDebtAccountDisputes) -> Pages<Dispute> {
        Pages::new(
            Call::new(self, Method::GET, "/debt-account-disputes".to_owned(), read::whole).filter(filter),
        )
    }

    /// Place a dispute on an account. `POST /debt-account-disputes`
    ///
    /// A block for the reason `dispute` is placed on the account with it, and lifted when the dispute ends:
    /// collecting stops meanwhile (12 CFR 1006.38(d)). The block is on the whole account, also where a part
    /// is disputed.
    pub fn create_debt_account_dispute(&self, body: &NewDispute) -> Call<Dispute> {
        Call::new(self, Method::POST, "/debt-account-disputes".to_owned(), read::data).json(body).keyed()
    }

    /// Get a dispute, with what was answered. `GET /debt-account-disputes/{id}`
    pub fn get_debt_account_dispute(&self, id: &str) -> Call<Dispute> {
        Call::new(self, Method::GET, format!("/debt-account-disputes/{}", step(id)), read::data)
    }

    /// Change or end a dispute. `PUT /debt-account-disputes/{id}`
    ///
    /// `upheld`, `rejected` and `withdrawn` end it, and lift its block. Ended it stays as it is.
    pub fn update_debt_account_dispute(&self, id: &str, body: &DisputeChanges) -> Call<Dispute> {
        Call::new(self, Method::PUT, format!("/debt-account-disputes/{}", step(id)), read::data).json(body)
    }

    /// Answer a dispute. `POST /debt-account-disputes/{id}/answers`
    ///
    /// One that repeats an earlier one without anything new may be answered by naming that in
    /// `duplicate_of` (12 CFR 1006.38(d)(2)(ii)). Documents are added with `/documents`.
    pub fn create_debt_account_dispute_answer(&self, id: &str, body: &NewDisputeAnswer) -> Call<Dispute> {
        Call::new(self, Method::POST, format!("/debt-account-disputes/{}/answers", step(id)), read::data)
            .json(body)
            .keyed()
    }

    /// List documents. `GET /documents`
    pub fn list_documents(&self, filter: &ListDocuments) -> Pages<Document> {
        Pages::new(Call::new(self, Method::GET, "/documents".to_owned(), read::whole).filter(filter))
    }

    /// Get what is known of a document. `GET /documents/{id}`
    pub fn get_document(&self, id: &str) -> Call<Document> {
        Call::new(self, Method::GET, format!("/documents/{}", step(id)), read::data)
    }

    /// Change what is said of a document. `PUT /documents/{id}`
    ///
    /// Never its bytes.
    pub fn update_document(&self, id: &str, body: &DocumentChanges) -> Call<Document> {
        Call::new(self, Method::PUT, format!("/documents/{}", step(id)), read::data).json(body)
    }

    /// Get a document's bytes. `GET /documents/{id}/content`
    pub fn get_document_content(&self, id: &str) -> Call<File> {
        Call::new(self, Method::GET, format!("/documents/{}/content", step(id)), read::file)
    }

    /// Delete a document. `DELETE /documents/{id}`
    pub fn delete_document(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/documents/{}", step(id)), read::nothing)
    }

    /// List the documents of a account. `GET /debt-accounts/{id}/documents`
    pub fn list_debt_account_documents(
        &self,
        id: &str,
        filter: &ListDebtAccountDocuments,
    ) -> Pages<Document> {
        Pages::new(
            Call::new(self, Method::GET, format!("/debt-accounts/{}/documents", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Add a document to a account. `POST /debt-accounts/{id}/documents`
    ///
    /// As multipart/form-data, with the document under `file`: PDF, PNG, JPEG or plain text, told by its
    /// bytes, at most 10 MiB. It is sealed with the customer's key.
    pub fn create_debt_account_document(
        &self,
        id: &str,
        file: &Upload,
        fields: &NewDocument,
    ) -> Call<Document> {
        Call::new(self, Method::POST, format!("/debt-accounts/{}/documents", step(id)), read::data)
            .upload(file, fields)
            .keyed()
    }

    /// List the documents of a dispute. `GET /debt-account-disputes/{id}/documents`
    pub fn list_debt_account_dispute_documents(
        &self,
        id: &str,
        filter: &ListDebtAccountDisputeDocuments,
    ) -> Pages<Document> {
        Pages::new(
            Call::new(
                self,
                Method::GET,
                format!("/debt-account-disputes/{}/documents", step(id)),
                read::whole,
            )
            .filter(filter),
        )
    }

    /// Add a document to a dispute. `POST /debt-account-disputes/{id}/documents`
    ///
    /// As multipart/form-data, with the document under `file`: PDF, PNG, JPEG or plain text, told by its
    /// bytes, at most 10 MiB. It is sealed with the customer's key.
    pub fn create_debt_account_dispute_document(
        &self,
        id: &str,
        file: &Upload,
        fields: &NewDocument,
    ) -> Call<Document> {
        Call::new(self, Method::POST, format!("/debt-account-disputes/{}/documents", step(id)), read::data)
            .upload(file, fields)
            .keyed()
    }

    /// List the documents of a ticket. `GET /tickets/{id}/documents`
    pub fn list_ticket_documents(&self, id: &str, filter: &ListTicketDocuments) -> Pages<Document> {
        Pages::new(
            Call::new(self, Method::GET, format!("/tickets/{}/documents", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Add a document to a ticket. `POST /tickets/{id}/documents`
    ///
    /// As multipart/form-data, with the document under `file`: PDF, PNG, JPEG or plain text, told by its
    /// bytes, at most 10 MiB. It is sealed with the customer's key.
    pub fn create_ticket_document(&self, id: &str, file: &Upload, fields: &NewDocument) -> Call<Document> {
        Call::new(self, Method::POST, format!("/tickets/{}/documents", step(id)), read::data)
            .upload(file, fields)
            .keyed()
    }

    /// Get the itemization of an account, with what happened since. `GET /debt-accounts/{id}/itemization`
    pub fn get_debt_account_itemization(&self, id: &str) -> Call<Itemization> {
        Call::new(self, Method::GET, format!("/debt-accounts/{}/itemization", step(id)), read::data)
    }

    /// Record the itemization of an account. `PUT /debt-accounts/{id}/itemization`
    ///
    /// The amount on the itemization date, with interest and fees and without payments and credits since,
    /// has to be the current balance to the cent (12 CFR 1006.34(c)(2)); what is booked afterwards is read
    /// from the ledger. The date is chosen once (1006.34(b)(3)): recording again keeps it.
    pub fn update_debt_account_itemization(&self, id: &str, body: &ItemizationChanges) -> Call<Itemization> {
        Call::new(self, Method::PUT, format!("/debt-accounts/{}/itemization", step(id)), read::data)
            .json(body)
    }

    /// Withdraw the itemization of an account. `DELETE /debt-accounts/{id}/itemization`
    ///
    /// It stays in the books and holds no more, so that another date can be chosen.
    pub fn delete_debt_account_itemization(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/debt-accounts/{}/itemization", step(id)), read::nothing)
    }

    /// Get how a customer wants to be reached. `GET /customers/{id}/preferences`
    pub fn get_customer_preferences(&self, id: &str) -> Call<Preferences> {
        Call::new(self, Method::GET, format!("/customers/{}/preferences", step(id)), read::data)
    }

    /// Change how a customer wants to be reached. `PUT /customers/{id}/preferences`
    ///
    /// What is not sent stays; `addresses` and `convenient_times` are replaced whole. Every version is
    /// kept.
    pub fn update_customer_preferences(&self, id: &str, body: &PreferencesChanges) -> Call<Preferences> {
        Call::new(self, Method::PUT, format!("/customers/{}/preferences", step(id)), read::data).json(body)
    }

    /// List the versions of a customer's preferences. `GET /customers/{id}/preferences/history`
    pub fn list_customer_preferences_history(
        &self,
        id: &str,
        filter: &ListCustomerPreferencesHistory,
    ) -> Pages<Preferences> {
        Pages::new(
            Call::new(self, Method::GET, format!("/customers/{}/preferences/history", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Get the receipt of a charge. `GET /charges/{id}/receipt`
    ///
    /// Of a payment that was made, given back, returned or declined, and which of these. With `Accept:
    /// text/html` a page to print.
    pub fn get_charge_receipt(&self, id: &str) -> Call<ChargeReceipt> {
        Call::new(self, Method::GET, format!("/charges/{}/receipt", step(id)), read::data)
    }

    /// Get the receipt of a charge as text. `GET /charges/{id}/receipt.txt`
    pub fn get_charge_receipt_text(&self, id: &str) -> Call<File> {
        Call::new(self, Method::GET, format!("/charges/{}/receipt.txt", step(id)), read::file)
    }

    /// List the terms of clients. `GET /client-terms`
    pub fn list_client_terms(&self, filter: &ListClientTerms) -> Pages<ClientTerm> {
        Pages::new(Call::new(self, Method::GET, "/client-terms".to_owned(), read::whole).filter(filter))
    }

    /// Make a creditor a client. `POST /client-terms`
    ///
    /// By its terms a location gets what is collected on its accounts: an account is that of its current
    /// creditor that has terms, else of its original one. Payments of earlier days are remitted too, unless
    /// `since` says from which day on.
    pub fn create_client_term(&self, body: &NewClientTerm) -> Call<ClientTerm> {
        Call::new(self, Method::POST, "/client-terms".to_owned(), read::data).json(body).keyed()
    }

    /// Get the terms of a client. `GET /client-terms/{id}`
    pub fn get_client_term(&self, id: &str) -> Call<ClientTerm> {
        Call::new(self, Method::GET, format!("/client-terms/{}", step(id)), read::data)
    }

    /// Change the terms of a client. `PUT /client-terms/{id}`
    ///
    /// For what is remitted from now on: what a line was reckoned by stays with it.
    pub fn update_client_term(&self, id: &str, body: &ClientTermChanges) -> Call<ClientTerm> {
        Call::new(self, Method::PUT, format!("/client-terms/{}", step(id)), read::data).json(body)
    }

    /// Delete the terms of a client. `DELETE /client-terms/{id}`
    ///
    /// Refused once a remittance was prepared by them.
    pub fn delete_client_term(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/client-terms/{}", step(id)), read::nothing)
    }

    /// List remittances. `GET /remittances`
    pub fn list_remittances(&self, filter: &ListRemittances) -> Pages<Remittance> {
        Pages::new(Call::new(self, Method::GET, "/remittances".to_owned(), read::whole).filter(filter))
    }

    /// Prepare a remittance. `POST /remittances`
    ///
    /// A draft of what a client has coming: payments whose days of hold are over by `last_day`, and what
    /// came back of payments that are on it or were remitted before. Nothing moves before a second person
    /// approves it. Refused while another draft for the client waits.
    pub fn create_remittance(&self, body: &NewRemittance) -> Call<Remittance> {
        Call::new(self, Method::POST, "/remittances".to_owned(), read::data).json(body).keyed()
    }

    /// Get a remittance. `GET /remittances/{id}`
    pub fn get_remittance(&self, id: &str) -> Call<Remittance> {
        Call::new(self, Method::GET, format!("/remittances/{}", step(id)), read::data)
    }

    /// List the lines of a remittance. `GET /remittances/{id}/lines`
    ///
    /// `amount`, `fee` and `net` are below nothing where money came back, so that they add up.
    pub fn list_remittance_lines(&self, id: &str, filter: &ListRemittanceLines) -> Pages<RemittanceLine> {
        Pages::new(
            Call::new(self, Method::GET, format!("/remittances/{}/lines", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Get the statement of a remittance. `GET /remittances/{id}/statement`
    ///
    /// What the client is sent. `format=csv` is a table of its lines, in which what is carried over is the
    /// last; `format=pdf` a page to read, with the first 1,000 lines.
    pub fn get_remittance_statement(&self, id: &str, filter: &GetRemittanceStatement) -> Call<File> {
        Call::new(self, Method::GET, format!("/remittances/{}/statement", step(id)), read::file)
            .filter(filter)
    }

    /// Approve a remittance. `POST /remittances/{id}/approve`
    ///
    /// By a second person: refused for the token that prepared it.
    pub fn approve_remittance(&self, id: &str) -> Call<Remittance> {
        Call::new(self, Method::POST, format!("/remittances/{}/approve", step(id)), read::data).keyed()
    }

    /// Note that a remittance is paid. `POST /remittances/{id}/pay`
    ///
    /// Out of the trust account, which must have as much; of a client with `net` terms the fee moves to the
    /// operating account.
    pub fn pay_remittance(&self, id: &str, body: &PayRemittance) -> Call<Remittance> {
        Call::new(self, Method::POST, format!("/remittances/{}/pay", step(id)), read::data).json(body).keyed()
    }

    /// Throw a prepared remittance away. `POST /remittances/{id}/void`
    ///
    /// Its lines are free for another one. One that was thrown away stays so.
    pub fn void_remittance(&self, id: &str) -> Call<Remittance> {
        Call::new(self, Method::POST, format!("/remittances/{}/void", step(id)), read::data).keyed()
    }

    /// List deposits on the trust account. `GET /trust-deposits`
    pub fn list_trust_deposits(&self, filter: &ListTrustDeposits) -> Pages<TrustDeposit> {
        Pages::new(Call::new(self, Method::GET, "/trust-deposits".to_owned(), read::whole).filter(filter))
    }

    /// Record that money arrived on the trust account. `POST /trust-deposits`
    ///
    /// What was taken by card or bank debit has cleared, and is at your bank now. Never more than stands on
    /// that account of the ledger, and of deposits that stand no two have one reference.
    pub fn create_trust_deposit(&self, body: &NewTrustDeposit) -> Call<TrustDeposit> {
        Call::new(self, Method::POST, "/trust-deposits".to_owned(), read::data).json(body).keyed()
    }

    /// Get a deposit on the trust account. `GET /trust-deposits/{id}`
    pub fn get_trust_deposit(&self, id: &str) -> Call<TrustDeposit> {
        Call::new(self, Method::GET, format!("/trust-deposits/{}", step(id)), read::data)
    }

    /// Undo a deposit on the trust account. `POST /trust-deposits/{id}/reverse`
    ///
    /// By the contrary entry: nothing is edited. One that was undone stays so. Refused where what it
    /// brought was paid out.
    pub fn reverse_trust_deposit(&self, id: &str) -> Call<TrustDeposit> {
        Call::new(self, Method::POST, format!("/trust-deposits/{}/reverse", step(id)), read::data).keyed()
    }

    /// Get the organization's settings. `GET /organization`
    ///
    /// Those of the environment that the token belongs to: a sandbox decides for itself.
    pub fn get_organization(&self) -> Call<Organization> {
        Call::new(self, Method::GET, "/organization".to_owned(), read::data)
    }

    /// Change the organization's settings. `PUT /organization`
    ///
    /// What is not sent stays. `allowed_origins` and `lookup.flows` are replaced as a whole; a rule that is
    /// `null` gets its default back.
    pub fn update_organization(&self, body: &OrganizationChanges) -> Call<Organization> {
        Call::new(self, Method::PUT, "/organization".to_owned(), read::data).json(body)
    }

    /// List webhooks. `GET /webhooks`
    pub fn list_webhooks(&self, filter: &ListWebhooks) -> Pages<Webhook> {
        Pages::new(Call::new(self, Method::GET, "/webhooks".to_owned(), read::whole).filter(filter))
    }

    /// Create a webhook. `POST /webhooks`
    ///
    /// In production `url` begins with https. Without a `secret` one is made and shown here, and never
    /// again. One change is told once, also where `events` names it in both spellings: under the name that
    /// is first. `*` asks for everything, also for what has no name of its own here.
    pub fn create_webhook(&self, body: &NewWebhook) -> Call<Webhook> {
        Call::new(self, Method::POST, "/webhooks".to_owned(), read::data).json(body).keyed()
    }

    /// Get a webhook. `GET /webhooks/{id}`
    pub fn get_webhook(&self, id: &str) -> Call<Webhook> {
        Call::new(self, Method::GET, format!("/webhooks/{}", step(id)), read::data)
    }

    /// Change a webhook. `PUT /webhooks/{id}`
    ///
    /// `events` replaces all of them. After a change of `secret` the one before signs as well for a day.
    pub fn update_webhook(&self, id: &str, body: &WebhookChanges) -> Call<Webhook> {
        Call::new(self, Method::PUT, format!("/webhooks/{}", step(id)), read::data).json(body)
    }

    /// Delete a webhook. `DELETE /webhooks/{id}`
    pub fn delete_webhook(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/webhooks/{}", step(id)), read::nothing)
    }

    /// Pause a webhook. `POST /webhooks/{id}/pause`
    ///
    /// Nothing is sent until it is resumed; what happens meanwhile is kept and sent then.
    pub fn pause_webhook(&self, id: &str) -> Call<Webhook> {
        Call::new(self, Method::POST, format!("/webhooks/{}/pause", step(id)), read::data)
    }

    /// Resume a webhook. `POST /webhooks/{id}/resume`
    pub fn resume_webhook(&self, id: &str) -> Call<Webhook> {
        Call::new(self, Method::POST, format!("/webhooks/{}/resume", step(id)), read::data)
    }

    /// Give a webhook another secret. `POST /webhooks/{id}/rotate-secret`
    ///
    /// We make it and show it here, and never again. The one before signs as well for a day: Standard
    /// Webhooks' header has both signatures, and the vendor's stands beside
    /// `X-Tratta-Signature-256-Previous`.
    pub fn rotate_secret_webhook(&self, id: &str) -> Call<Webhook> {
        Call::new(self, Method::POST, format!("/webhooks/{}/rotate-secret", step(id)), read::data)
    }

    /// Try a webhook out. `POST /webhooks/{id}/test`
    ///
    /// Sends it a `webhook.test`, whatever it asks for, signed and tried again like everything else. What
    /// came of it stands among its deliveries.
    pub fn test_webhook(&self, id: &str) -> Call<()> {
        Call::new(self, Method::POST, format!("/webhooks/{}/test", step(id)), read::nothing)
    }

    /// List the deliveries of a webhook. `GET /webhooks/{id}/deliveries`
    ///
    /// One for each event that it was told of, the newest first, kept for thirty days. A delivery that is
    /// `pending` is tried again at `next_attempt_at`; without one it waits for an earlier event about the
    /// same thing.
    pub fn list_webhook_deliveries(
        &self,
        id: &str,
        filter: &ListWebhookDeliveries,
    ) -> Pages<WebhookDeliverie> {
        Pages::new(
            Call::new(self, Method::GET, format!("/webhooks/{}/deliveries", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Get a delivery, with its attempts. `GET /webhooks/{id}/deliveries/{delivery_id}`
    ///
    /// `answer` is the beginning of what was answered.
    pub fn get_webhook_deliverie(&self, id: &str, delivery_id: &str) -> Call<WebhookDeliverie> {
        Call::new(
            self,
            Method::GET,
            format!("/webhooks/{}/deliveries/{}", step(id), step(delivery_id)),
            read::data,
        )
    }

    /// Send a delivery again. `POST /webhooks/{id}/deliveries/{delivery_id}/resend`
    ///
    /// Whether it has arrived or not, under the same id; one that waits for its next attempt is sent now.
    pub fn resend_webhook_deliverie(&self, id: &str, delivery_id: &str) -> Call<WebhookDeliverie> {
        Call::new(
            self,
            Method::POST,
            format!("/webhooks/{}/deliveries/{}/resend", step(id), step(delivery_id)),
            read::data,
        )
    }

    /// Take a delivery back. `POST /webhooks/{id}/deliveries/{delivery_id}/cancel`
    ///
    /// One that has not arrived. Later events about the same thing are told then.
    pub fn cancel_webhook_deliverie(&self, id: &str, delivery_id: &str) -> Call<WebhookDeliverie> {
        Call::new(
            self,
            Method::POST,
            format!("/webhooks/{}/deliveries/{}/cancel", step(id), step(delivery_id)),
            read::data,
        )
    }

    /// Tell a webhook again. `POST /webhooks/{id}/replay`
    ///
    /// From an event, an instant or a place in the stream on, to `until` or to where the stream ends now:
    /// what it asks for of that, under the ids it had. `which` is `missing` for what has not arrived.
    pub fn replay_webhook(&self, id: &str, body: &ReplayWebhook) -> Call<WebhookReplay> {
        Call::new(self, Method::POST, format!("/webhooks/{}/replay", step(id)), read::data).json(body).keyed()
    }

    /// List the replays of a webhook. `GET /webhooks/{id}/replays`
    pub fn list_webhook_replays(&self, id: &str, filter: &ListWebhookReplays) -> Pages<WebhookReplay> {
        Pages::new(
            Call::new(self, Method::GET, format!("/webhooks/{}/replays", step(id)), read::whole)
                .filter(filter),
        )
    }

    /// Get a replay. `GET /webhooks/{id}/replays/{replay_id}`
    pub fn get_webhook_replay(&self, id: &str, replay_id: &str) -> Call<WebhookReplay> {
        Call::new(
            self,
            Method::GET,
            format!("/webhooks/{}/replays/{}", step(id), step(replay_id)),
            read::data,
        )
    }

    /// Stop a replay. `POST /webhooks/{id}/replays/{replay_id}/cancel`
    ///
    /// What it has queued by then is sent.
    pub fn cancel_webhook_replay(&self, id: &str, replay_id: &str) -> Call<WebhookReplay> {
        Call::new(
            self,
            Method::POST,
            format!("/webhooks/{}/replays/{}/cancel", step(id), step(replay_id)),
            read::data,
        )
    }

    /// List messages. `GET /messages`
    ///
    /// E-mails and text messages, never with what they say. Recipients are masked.
    pub fn list_messages(&self, filter: &ListMessages) -> Pages<Message> {
        Pages::new(Call::new(self, Method::GET, "/messages".to_owned(), read::whole).filter(filter))
    }

    /// Get a message. `GET /messages/{id}`
    pub fn get_message(&self, id: &str) -> Call<Message> {
        Call::new(self, Method::GET, format!("/messages/{}", step(id)), read::data)
    }

    /// Call a message off. `POST /messages/{id}/cancel`
    ///
    /// One that waits to be sent. One that was called off stays so.
    pub fn cancel_message(&self, id: &str) -> Call<Message> {
        Call::new(self, Method::POST, format!("/messages/{}/cancel", step(id)), read::data).keyed()
    }

    /// Send a message again. `POST /messages/{id}/resend`
    ///
    /// One that was sent, failed or was called off, as another message with the text as it is written now.
    /// Refused where the customer wants no such messages, or a block keeps them from being written to.
    pub fn resend_message(&self, id: &str) -> Call<Message> {
        Call::new(self, Method::POST, format!("/messages/{}/resend", step(id)), read::data).keyed()
    }

    /// List the texts of messages. `GET /message-templates`
    ///
    /// One for each kind, channel and language: your own, the last written first, then the defaults. A
    /// default was there before anything that you wrote.
    pub fn list_message_templates(&self, filter: &ListMessageTemplates) -> Pages<MessageTemplate> {
        Pages::new(Call::new(self, Method::GET, "/message-templates".to_owned(), read::whole).filter(filter))
    }

    /// Get the text of a message. `GET /message-templates/{id}`
    pub fn get_message_template(&self, id: &str) -> Call<MessageTemplate> {
        Call::new(self, Method::GET, format!("/message-templates/{}", step(id)), read::data)
    }

    /// Write a text of your own. `PUT /message-templates/{id}`
    ///
    /// The name of one of `variables` in double braces is filled in; `{% if name %}…{% endif %}` is left
    /// out where it is empty. There are no filters and no calculations. A text to a customer has to hold
    /// `opt_out` (12 CFR 1006.6(e)), and a text message has at most 480 characters with the samples filled
    /// in.
    pub fn update_message_template(&self, id: &str, body: &MessageTemplateChanges) -> Call<MessageTemplate> {
        Call::new(self, Method::PUT, format!("/message-templates/{}", step(id)), read::data).json(body)
    }

    /// Go back to the default text. `DELETE /message-templates/{id}`
    pub fn delete_message_template(&self, id: &str) -> Call<()> {
        Call::new(self, Method::DELETE, format!("/message-templates/{}", step(id)), read::nothing)
    }

    /// See a text filled in with samples. `POST /message-templates/{id}/preview`
    ///
    /// The one that stands, or one that is sent. Nothing is kept.
    pub fn preview_message_template(
        &self,
        id: &str,
        body: &PreviewMessageTemplate,
    ) -> Call<MessageTemplatePreview> {
        Call::new(self, Method::POST, format!("/message-templates/{}/preview", step(id)), read::data)
            .json(body)
    }

    /// List events. `GET /events`
    ///
    /// Oldest first, without gaps. Go on with `cursor`, or with the last `sequence` as `after`: nothing
    /// that happened earlier comes later. One change is one event; `names` are all of its names, and `data`
    /// is the object as it was, in the words of the first: null once its person was erased, or what is
    /// superseded is no longer kept (`events.superseded_kept_days` of `/organization`).
    pub fn list_events(&self, filter: &ListEvents) -> Pages<Event> {
        Pages::new(Call::new(self, Method::GET, "/events".to_owned(), read::whole).filter(filter))
    }

    /// Get an event. `GET /events/{id}`
    pub fn get_event(&self, id: &str) -> Call<Event> {
        Call::new(self, Method::GET, format!("/events/{}", step(id)), read::data)
    }

    /// Get the just in time endpoint. `GET /just-in-time`
    pub fn get_just_in_time(&self) -> Call<JustInTime> {
        Call::new(self, Method::GET, "/just-in-time".to_owned(), read::data)
    }

    /// Register the just in time endpoint. `POST /just-in-time`
    ///
    /// In the place of the one before. In production `url` begins with https; its query string is kept. A
    /// `secret` is sent with each call as `Authorization: Bearer …`, so that your side knows it is us.
    pub fn register_just_in_time(&self, body: &RegisterJustInTime) -> Call<JustInTime> {
        Call::new(self, Method::POST, "/just-in-time".to_owned(), read::data).json(body).keyed()
    }

    /// Remove the just in time endpoint. `DELETE /just-in-time`
    pub fn remove_just_in_time(&self) -> Call<()> {
        Call::new(self, Method::DELETE, "/just-in-time".to_owned(), read::nothing)
    }

    /// Ask the just in time endpoint about an account. `POST /just-in-time/trigger`
    ///
    /// Ten seconds in all. 200 shows what was made or changed. Where your side answers 4xx or 5xx you get
    /// its status and its JSON here, with the header `X-Just-In-Time: upstream`; data that is not valid is
    /// a 422 with names like `data.debt_account.balance`, and nothing is applied. An endpoint that failed
    /// five times in a row is left alone for 30 seconds.
    pub fn trigger_just_in_time(&self, body: &TriggerJustInTime) -> Call<JustInTimeTrigger> {
        Call::new(self, Method::POST, "/just-in-time/trigger".to_owned(), read::data).json(body).keyed()
    }

    /// List bulk operations. `GET /bulk`
    pub fn list_bulk(&self, filter: &ListBulk) -> Pages<Bulk> {
        Pages::new(Call::new(self, Method::GET, "/bulk".to_owned(), read::whole).filter(filter))
    }

    /// Send customers with their accounts. `POST /bulk`
    ///
    /// A list of at most 1,000 customers, each with an address, a location, parent accounts and accounts.
    /// Everything is known by its `external_id`: what is there is changed, what is not is made. A parent is
    /// named by its accounts' `parent_external_id`. The answer comes at once; `GET /bulk/{id}` tells how
    /// far it is.
    pub fn send_customers(&self, filter: &BulkOptions, body: &[serde_json::Value]) -> Call<Bulk> {
        Call::new(self, Method::POST, "/bulk".to_owned(), read::data).filter(filter).json(body).keyed()
    }

    /// Send debt accounts, any number of them. `POST /bulk/debt-accounts`
    ///
    /// `{"debt_accounts": […]}` as JSON or a form; or a JSON object a line (application/x-ndjson); or a
    /// table with a header of field names (text/csv), separated by comma, semicolon, pipe or tab, also as a
    /// file in multipart/form-data. A table may tell of the customer and the location too:
    /// `customer.external_id`, `customer.name`, `customer.address.line1`, `location.name`. An empty cell
    /// changes nothing. Accounts are known by `external_id`: what is there is changed, what is not is made,
    /// and needs `customer_id` and `balance`. The same bytes within 24 hours give the earlier operation,
    /// unless `force`.
    pub fn send_debt_accounts(&self, filter: &BulkOptions, body: &SendDebtAccounts) -> Call<Bulk> {
        Call::new(self, Method::POST, "/bulk/debt-accounts".to_owned(), read::data)
            .filter(filter)
            .json(body)
            .keyed()
    }

    /// The same as bytes of another content type: lines of JSON (`application/x-ndjson`) or a table
    /// (`text/csv`).
    pub fn send_debt_accounts_as(
        &self,
        filter: &BulkOptions,
        content_type: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> Call<Bulk> {
        Call::new(self, Method::POST, "/bulk/debt-accounts".to_owned(), read::data)
            .filter(filter)
            .bytes(content_type, bytes)
            .keyed()
    }

    /// Get a bulk operation. `GET /bulk/{id}`
    pub fn get_bulk(&self, id: &str) -> Call<Bulk> {
        Call::new(self, Method::GET, format!("/bulk/{}", step(id)), read::data)
    }

    /// List what was wrong with its records. `GET /bulk/{id}/errors`
    ///
    /// One row for each record that was refused, by position; with `format=csv` as a table, one row for
    /// each message.
    pub fn list_bulk_errors(&self, id: &str, filter: &ListBulkErrors) -> Pages<BulkError> {
        Pages::new(
            Call::new(self, Method::GET, format!("/bulk/{}/errors", step(id)), read::whole).filter(filter),
        )
    }

    /// Stop a bulk operation. `POST /bulk/{id}/cancel`
    ///
    /// What was applied by then stays.
    pub fn cancel_bulk(&self, id: &str) -> Call<Bulk> {
        Call::new(self, Method::POST, format!("/bulk/{}/cancel", step(id)), read::data).keyed()
    }

    /// List what can be exported. `GET /bulk/exports`
    pub fn list_exports(&self) -> Call<Vec<BulkExport>> {
        Call::new(self, Method::GET, "/bulk/exports".to_owned(), read::data)
    }

    /// Export all customers. `GET /bulk/exports/customers`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_customers(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/customers".to_owned(), read::file).filter(filter)
    }

    /// Export all addresses. `GET /bulk/exports/addresses`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_addresses(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/addresses".to_owned(), read::file).filter(filter)
    }

    /// Export all locations. `GET /bulk/exports/locations`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_locations(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/locations".to_owned(), read::file).filter(filter)
    }

    /// Export all debt accounts. `GET /bulk/exports/debt-accounts`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_debt_accounts(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/debt-accounts".to_owned(), read::file).filter(filter)
    }

    /// Export all payment methods. `GET /bulk/exports/payment-methods`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_payment_methods(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/payment-methods".to_owned(), read::file).filter(filter)
    }

    /// Export all charges. `GET /bulk/exports/charges`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_charges(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/charges".to_owned(), read::file).filter(filter)
    }

    /// Export all transactions. `GET /bulk/exports/transactions`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_transactions(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/transactions".to_owned(), read::file).filter(filter)
    }

    /// Export all payment plans. `GET /bulk/exports/payment-plans`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_payment_plans(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/payment-plans".to_owned(), read::file).filter(filter)
    }

    /// Export all settlement offers. `GET /bulk/exports/settlement-offers`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_settlement_offers(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/settlement-offers".to_owned(), read::file).filter(filter)
    }

    /// Export all customer sessions. `GET /bulk/exports/customer-sessions`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_customer_sessions(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/customer-sessions".to_owned(), read::file).filter(filter)
    }

    /// Export all tickets. `GET /bulk/exports/tickets`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_tickets(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/tickets".to_owned(), read::file).filter(filter)
    }

    /// Export all blocks. `GET /bulk/exports/blocks`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_blocks(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/blocks".to_owned(), read::file).filter(filter)
    }

    /// Export all debt account disputes. `GET /bulk/exports/debt-account-disputes`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_debt_account_disputes(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/debt-account-disputes".to_owned(), read::file)
            .filter(filter)
    }

    /// Export all documents. `GET /bulk/exports/documents`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_documents(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/documents".to_owned(), read::file).filter(filter)
    }

    /// Export all webhooks. `GET /bulk/exports/webhooks`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_webhooks(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/webhooks".to_owned(), read::file).filter(filter)
    }

    /// Export all messages. `GET /bulk/exports/messages`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_messages(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/messages".to_owned(), read::file).filter(filter)
    }

    /// Export all ach files. `GET /bulk/exports/ach-files`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_ach_files(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/ach-files".to_owned(), read::file).filter(filter)
    }

    /// Export all ach notices. `GET /bulk/exports/ach-notices`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_ach_notices(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/ach-notices".to_owned(), read::file).filter(filter)
    }

    /// Export all message templates. `GET /bulk/exports/message-templates`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_message_templates(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/message-templates".to_owned(), read::file).filter(filter)
    }

    /// Export all client terms. `GET /bulk/exports/client-terms`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_client_terms(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/client-terms".to_owned(), read::file).filter(filter)
    }

    /// Export all remittances. `GET /bulk/exports/remittances`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_remittances(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/remittances".to_owned(), read::file).filter(filter)
    }

    /// Export all trust deposits. `GET /bulk/exports/trust-deposits`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_trust_deposits(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/trust-deposits".to_owned(), read::file).filter(filter)
    }

    /// Export all bulk. `GET /bulk/exports/bulk`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_bulk(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/bulk".to_owned(), read::file).filter(filter)
    }

    /// Export all bank accounts. `GET /bulk/exports/bank-accounts`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_bank_accounts(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/bank-accounts".to_owned(), read::file).filter(filter)
    }

    /// Export all bank statements. `GET /bulk/exports/bank-statements`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_bank_statements(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/bank-statements".to_owned(), read::file).filter(filter)
    }

    /// Export all bank lines. `GET /bulk/exports/bank-lines`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_bank_lines(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/bank-lines".to_owned(), read::file).filter(filter)
    }

    /// Export all bank expectations. `GET /bulk/exports/bank-expectations`
    ///
    /// Newest first, sent while it is read. `format=csv` is a table (RFC 4180) in which text that a
    /// spreadsheet would take for a formula begins with an apostrophe; `format=ndjson` is one object a
    /// line.
    pub fn export_bank_expectations(&self, filter: &ExportFilter) -> Call<File> {
        Call::new(self, Method::GET, "/bulk/exports/bank-expectations".to_owned(), read::file).filter(filter)
    }

    /// List keys, with the rows under each version. `GET /keys`
    ///
    /// Looks at every row. After a rotation none stands under the old version.
    pub fn list_keys(&self) -> Call<Vec<Key>> {
        Call::new(self, Method::GET, "/keys".to_owned(), read::data)
    }

    /// List rotations, with how far they are. `GET /keys/rotations`
    pub fn list_key_rotations(&self) -> Call<Vec<KeyRotation>> {
        Call::new(self, Method::GET, "/keys/rotations".to_owned(), read::data)
    }

    /// Exchange keys, while everything is in use. `POST /keys/rotate`
    ///
    /// Begins a rotation, which the server does by itself. `master`: this environment's keys are wrapped
    /// with the newest master key; `tenant`: the key that seals; `index`: the key of blind indexes;
    /// `customers`: people's own keys. Refused while one of the same kind runs.
    pub fn rotate_keys(&self, body: &RotateKeys) -> Call<Vec<KeyRotation>> {
        Call::new(self, Method::POST, "/keys/rotate".to_owned(), read::data).json(body)
    }

    /// Get the sandbox's time. `GET /test-clock`
    ///
    /// `real` where it has no clock. While it is `advancing`, `percent` says how far it is.
    pub fn get_test_clock(&self) -> Call<TestClock> {
        Call::new(self, Method::GET, "/test-clock".to_owned(), read::data)
    }

    /// Freeze the sandbox's time. `POST /test-clock`
    ///
    /// From then on it stands, for everything in this environment: charges, plans, what a bank settles or
    /// sends back, sessions, messages, the waits of webhooks. A clock that runs or is being advanced stops
    /// where it is.
    pub fn freeze_test_clock(&self, body: &FreezeTestClock) -> Call<TestClock> {
        Call::new(self, Method::POST, "/test-clock".to_owned(), read::data).json(body)
    }

    /// Let the sandbox's time run on, or freeze it. `PUT /test-clock`
    pub fn set_test_clock(&self, body: &SetTestClock) -> Call<TestClock> {
        Call::new(self, Method::PUT, "/test-clock".to_owned(), read::data).json(body)
    }

    /// Advance the sandbox's time. `POST /test-clock/advance`
    ///
    /// Everything that is due on the way is done at its instant. Answered at once; ask for the clock until
    /// it is `frozen` again. To go on to where it is changes nothing, so a request may be sent again where
    /// it names `to`.
    pub fn advance_test_clock(&self, body: &AdvanceTestClock) -> Call<TestClock> {
        Call::new(self, Method::POST, "/test-clock/advance".to_owned(), read::data).json(body)
    }

    /// Remove the sandbox's clock. `DELETE /test-clock`
    ///
    /// Refused while its time is ahead of the world's; let it run on instead.
    pub fn remove_test_clock(&self) -> Call<()> {
        Call::new(self, Method::DELETE, "/test-clock".to_owned(), read::nothing)
    }
}
