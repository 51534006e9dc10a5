//! The words that fields are made of. Made from the route table; see `generated`.

use crate::values::words;

words! {
    /// Words for `status`.
    CustomerStatus {
        Active = "active",
        Locked = "locked",
        Archived = "archived",
    }
}

words! {
    /// Words for `type`.
    PaymentMethodType {
        Card = "card",
        Ach = "ach",
        BankAccount = "bank_account",
    }
}

words! {
    /// Words for `reason`.
    PaymentMethodStoppedReason {
        Funds = "funds",
        Account = "account",
        Unauthorized = "unauthorized",
        Terms = "terms",
        StopPayment = "stop_payment",
        Deceased = "deceased",
        Frozen = "frozen",
        Fraud = "fraud",
        Details = "details",
        Limit = "limit",
        Later = "later",
        Declined = "declined",
        NotPermitted = "not_permitted",
        Format = "format",
        Duplicate = "duplicate",
        Requested = "requested",
        BankSide = "bank_side",
        Unknown = "unknown",
    }
}

words! {
    /// Words for `lifted_by`.
    PaymentMethodStoppedLiftedBy {
        Nothing = "nothing",
        Person = "person",
        Reauthorization = "reauthorization",
        NewDetails = "new_details",
    }
}

words! {
    /// Words for `funding`.
    PaymentMethodFunding {
        Credit = "credit",
        Debit = "debit",
        Prepaid = "prepaid",
    }
}

words! {
    /// Words for `type`.
    LocationType {
        OriginalCreditor = "original_creditor",
        CurrentCreditor = "current_creditor",
        ProductType = "product_type",
    }
}

words! {
    /// Words for `status`.
    ChargeStatus {
        Pending = "pending",
        Completed = "completed",
        Failed = "failed",
        Refunded = "refunded",
        Scheduled = "scheduled",
        Submitting = "submitting",
        Unknown = "unknown",
        Succeeded = "succeeded",
        Declined = "declined",
        Canceled = "canceled",
        Returned = "returned",
    }
}

words! {
    /// Words for `state`.
    ChargeState {
        Scheduled = "scheduled",
        Submitting = "submitting",
        Unknown = "unknown",
        Pending = "pending",
        Succeeded = "succeeded",
        Declined = "declined",
        Canceled = "canceled",
        Refunded = "refunded",
        Returned = "returned",
    }
}

words! {
    /// Words for `payer`.
    ChargePayer {
        Customer = "customer",
        Trustee = "trustee",
        Estate = "estate",
    }
}

words! {
    /// Words for `class`.
    ChargeDeclineClass {
        Funds = "funds",
        Account = "account",
        Unauthorized = "unauthorized",
        Terms = "terms",
        StopPayment = "stop_payment",
        Deceased = "deceased",
        Frozen = "frozen",
        Fraud = "fraud",
        Details = "details",
        Limit = "limit",
        Later = "later",
        Declined = "declined",
        NotPermitted = "not_permitted",
        Format = "format",
        Duplicate = "duplicate",
        Requested = "requested",
        BankSide = "bank_side",
        Unknown = "unknown",
    }
}

words! {
    /// Words for `retry`.
    ChargeDeclineRetry {
        Never = "never",
        Ask = "ask",
        Reauthorize = "reauthorize",
        NewDetails = "new_details",
        After = "after",
    }
}

words! {
    /// Words for `channel`.
    ChargeAuthorizationChannel {
        Web = "web",
        Phone = "phone",
        Paper = "paper",
        Api = "api",
    }
}

words! {
    /// Words for `type`.
    TransactionType {
        Payment = "payment",
        Refund = "refund",
        Reversal = "reversal",
    }
}

words! {
    /// Words for `status`.
    TransactionStatus {
        Pending = "pending",
        Completed = "completed",
        Failed = "failed",
    }
}

words! {
    /// Words for `kind`.
    BankAccountKind {
        Trust = "trust",
        Operating = "operating",
    }
}

words! {
    /// Words for `currency`.
    BankAccountCurrency {
        USD = "USD",
    }
}

words! {
    /// Words for `status`.
    BankStatementStatus {
        Booked = "booked",
        Pending = "pending",
        Replaced = "replaced",
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Words for `direction`.
    BankLineDirection {
        Credit = "credit",
        Debit = "debit",
    }
}

words! {
    /// Words for `status`.
    BankLineStatus {
        Unmatched = "unmatched",
        Matched = "matched",
        Ignored = "ignored",
        Pending = "pending",
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Words for `act`.
    BankLineHistoryAct {
        Matched = "matched",
        Unmatched = "unmatched",
        Ignored = "ignored",
        Restored = "restored",
        Withdrawn = "withdrawn",
        Cancelled = "cancelled",
    }
}

words! {
    /// Words for `kind`.
    BankExpectationKind {
        AchSettlement = "ach_settlement",
        AchReturn = "ach_return",
        ProcessorPayout = "processor_payout",
        Remittance = "remittance",
        Fee = "fee",
        Otherwise = "other",
    }
}

words! {
    /// Words for `status`.
    BankExpectationStatus {
        Open = "open",
        Matched = "matched",
        Cancelled = "cancelled",
    }
}

words! {
    /// Words for `state`.
    AchFileState {
        Waiting = "waiting",
        Uploading = "uploading",
        Placing = "placing",
        Delivered = "delivered",
        Acknowledged = "acknowledged",
        Rejected = "rejected",
    }
}

words! {
    /// Words for `status`.
    PaymentPlanStatus {
        Pending = "pending",
        Active = "active",
        Paused = "paused",
        Completed = "completed",
        Broken = "broken",
        Cancelled = "cancelled",
    }
}

words! {
    /// Words for `state`.
    PaymentPlanState {
        Pending = "pending",
        Active = "active",
        Paused = "paused",
        Completed = "completed",
        Broken = "broken",
        Cancelled = "cancelled",
    }
}

words! {
    /// Words for `frequency_exact`.
    PaymentPlanFrequencyExact {
        Weekly = "weekly",
        EveryOtherWeek = "every_other_week",
        Monthly = "monthly",
        LastOfMonth = "last_of_month",
    }
}

words! {
    /// Words for `state`.
    PaymentPlanChargeState {
        Scheduled = "scheduled",
        Submitting = "submitting",
        Paid = "paid",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

words! {
    /// Words for `frequency`.
    PaymentPlanFrequency {
        Weekly = "weekly",
        EveryOtherWeek = "every_other_week",
        Monthly = "monthly",
        LastOfMonth = "last_of_month",
        Biweekly = "biweekly",
    }
}

words! {
    /// Words for `type`.
    PaymentPlanRequestType {
        Sms = "sms",
        Email = "email",
    }
}

words! {
    /// Words for `status`.
    PaymentPlanRequestStatus {
        Made = "made",
        Queued = "queued",
        Sent = "sent",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

words! {
    /// Words for `type`.
    SettlementOfferType {
        OneTime = "one_time",
        Plan = "plan",
    }
}

words! {
    /// Words for `status`.
    SettlementOfferStatus {
        Active = "active",
        Accepted = "accepted",
        Withdrawn = "withdrawn",
        Expired = "expired",
    }
}

words! {
    /// Words for `state`.
    SettlementOfferState {
        Active = "active",
        Accepted = "accepted",
        Withdrawn = "withdrawn",
        Expired = "expired",
    }
}

words! {
    /// Words for `what`.
    BlockHistoryWhat {
        Placed = "placed",
        Changed = "changed",
        Lifted = "lifted",
    }
}

words! {
    /// Words for `destination`.
    CustomerSessionDestination {
        AccountsList = "accounts_list",
        AccountCheckout = "account_checkout",
        AccountDetail = "account_detail",
        AccountDocuments = "account_documents",
        AccountDisputesDetail = "account_disputes_detail",
    }
}

words! {
    /// Words for `status`.
    CustomerSessionStatus {
        Active = "active",
        Expired = "expired",
        Revoked = "revoked",
    }
}

words! {
    /// Words for `category`.
    TicketCategory {
        Otherwise = "other",
        TroubleLoggingIn = "trouble-logging-in",
        ChangePaymentPlanInfo = "change-payment-plan-info",
        NeedInfoAboutMyAccount = "need-info-about-my-account",
        NeedCallSupport = "need-call-support",
    }
}

words! {
    /// Words for `status`.
    TicketStatus {
        Open = "open",
        InProgress = "in_progress",
        Resolved = "resolved",
        Closed = "closed",
    }
}

words! {
    /// Words for `source`.
    TicketSource {
        Api = "api",
        Collect = "collect",
        Guest = "guest",
    }
}

words! {
    /// Words for `author`.
    TicketMessageAuthor {
        Customer = "customer",
        Organization = "organization",
    }
}

words! {
    /// Words for `kind`.
    DisputeKind {
        Whole = "whole",
        Part = "part",
    }
}

words! {
    /// Words for `reason`.
    DisputeReason {
        NotMyDebt = "not_my_debt",
        WrongAmount = "wrong_amount",
        OriginalCreditor = "original_creditor",
        AlreadyPaid = "already_paid",
        Settled = "settled",
        IdentityTheft = "identity_theft",
        Bankruptcy = "bankruptcy",
        TooOld = "too_old",
        SomebodyElseOwes = "somebody_else_owes",
        GoodsOrServices = "goods_or_services",
        Otherwise = "other",
    }
}

words! {
    /// Words for `status`.
    DisputeStatus {
        Open = "open",
        Answered = "answered",
        Upheld = "upheld",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Words for `kind`.
    DocumentKind {
        Statement = "statement",
        ValidationNotice = "validation_notice",
        Contract = "contract",
        Judgment = "judgment",
        Otherwise = "other",
    }
}

words! {
    /// Words for `media_type`.
    DocumentMediaType {
        ApplicationPdf = "application/pdf",
        ImagePng = "image/png",
        ImageJpeg = "image/jpeg",
        TextPlain = "text/plain",
    }
}

words! {
    /// Words for `method`.
    ClientTermMethod {
        Net = "net",
        Gross = "gross",
    }
}

words! {
    /// Words for `state`.
    RemittanceState {
        Draft = "draft",
        Approved = "approved",
        Paid = "paid",
        Void = "void",
    }
}

words! {
    /// Words for `account`.
    TrustDepositAccount {
        CardClearing = "card_clearing",
        AchClearing = "ach_clearing",
    }
}

words! {
    /// Words for `event`.
    WebhookEvent {
        CustomerCreate = "customer.create",
        CustomerUpdate = "customer.update",
        CustomerDelete = "customer.delete",
        DebtAccountCreate = "debt-account.create",
        DebtAccountUpdate = "debt-account.update",
        DebtAccountDelete = "debt-account.delete",
        LocationCreate = "location.create",
        LocationUpdate = "location.update",
        LocationDelete = "location.delete",
        ChargeCreated = "charge.created",
        TicketCreate = "ticket.create",
        TicketUpdate = "ticket.update",
        PaymentPlanCreated = "payment_plan.created",
        PaymentPlanUpdated = "payment_plan.updated",
        PaymentPlanCompleted = "payment_plan.completed",
        PaymentPlanCancelled = "payment_plan.cancelled",
        ChargeCompleted = "charge.completed",
        ChargeFailed = "charge.failed",
        TransactionCompleted = "transaction.completed",
        ChargeRefunded = "charge.refunded",
        ChargeReturned = "charge.returned",
        PaymentPlanCreate = "payment-plan.create",
        PaymentPlanUpdate = "payment-plan.update",
        PaymentPlanBroken = "payment_plan.broken",
        BankAccountCreated = "bank_account.created",
        BankAccountUpdated = "bank_account.updated",
        BankAccountClosed = "bank_account.closed",
        BankStatementBooked = "bank_statement.booked",
        BankStatementWithdrawn = "bank_statement.withdrawn",
        BankLineMatched = "bank_line.matched",
        BankLineUnmatched = "bank_line.unmatched",
        BankLineReopened = "bank_line.reopened",
        BankLineIgnored = "bank_line.ignored",
        BankExpectationCreated = "bank_expectation.created",
        BankExpectationMatched = "bank_expectation.matched",
        BankExpectationReopened = "bank_expectation.reopened",
        BankExpectationCancelled = "bank_expectation.cancelled",
        BankExpectationOverdue = "bank_expectation.overdue",
        RemittancePrepared = "remittance.prepared",
        RemittanceApproved = "remittance.approved",
        RemittancePaid = "remittance.paid",
        RemittanceVoided = "remittance.voided",
        WebhookDisabled = "webhook.disabled",
        Everything = "*",
    }
}

words! {
    /// Words for `disabled_reason`.
    WebhookDisabledReason {
        Failures = "failures",
        Gone = "gone",
    }
}

words! {
    /// Words for `channel`.
    MessageChannel {
        Email = "email",
        Sms = "sms",
    }
}

words! {
    /// Words for `state`.
    MessageState {
        Pending = "pending",
        Sent = "sent",
        Failed = "failed",
        Canceled = "canceled",
    }
}

words! {
    /// Words for `kind`.
    MessageTemplateKind {
        WebhookDisabled = "webhook_disabled",
        PaymentReceipt = "payment_receipt",
        PaymentFailed = "payment_failed",
        PaymentUpcoming = "payment_upcoming",
        PaymentPlanConfirmation = "payment_plan_confirmation",
        PaymentPlanRequest = "payment_plan_request",
        SessionLink = "session_link",
    }
}

words! {
    /// Words for `language`.
    MessageTemplateLanguage {
        En = "en",
        Es = "es",
    }
}

words! {
    /// Words for `source`.
    MessageTemplateSource {
        Own = "own",
        Default = "default",
    }
}

words! {
    /// Words for `status`.
    BulkStatus {
        Pending = "pending",
        Processing = "processing",
        Completed = "completed",
        Failed = "failed",
    }
}

words! {
    /// Words for `state`.
    BulkState {
        Pending = "pending",
        Processing = "processing",
        Completed = "completed",
        Failed = "failed",
        Canceled = "canceled",
    }
}

words! {
    /// Words for `type`.
    BulkType {
        Customers = "customers",
        DebtAccounts = "debt_accounts",
    }
}

words! {
    /// Words for `format`.
    BulkFormat {
        Json = "json",
        Form = "form",
        Ndjson = "ndjson",
        Csv = "csv",
    }
}

words! {
    /// Words for `source`.
    BulkSource {
        Api = "api",
        File = "file",
    }
}

words! {
    /// Words for `status`.
    DebtAccountStatus {
        Active = "active",
        Archived = "archived",
        Closed = "closed",
        Locked = "locked",
        PaidOff = "paid_off",
        Resolved = "resolved",
    }
}

words! {
    /// Words for `state`.
    DebtAccountState {
        Active = "active",
        Archived = "archived",
        Closed = "closed",
        Locked = "locked",
        PaidOff = "paid_off",
    }
}

words! {
    /// Words for `sort`.
    ListCustomersSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `account_type`.
    BankAccountType {
        Checking = "checking",
        Savings = "savings",
    }
}

words! {
    /// Words for `ownership_type`.
    BankAccountOwnership {
        Personal = "personal",
        Business = "business",
    }
}

words! {
    /// Words for `sort`.
    ListDebtAccountsSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        Balance = "balance",
        BalanceInOtherWords = "-balance",
        CurrentBalance = "current_balance",
        CurrentBalanceInOtherWords = "-current_balance",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `location_type`.
    NewDebtAccountLocationType {
        OriginalCreditor = "original_creditor",
        CurrentCreditor = "current_creditor",
        ProductType = "product_type",
    }
}

words! {
    /// Words for `billing_type`.
    NewDebtAccountBillingType {
        PartialPayment = "partial-payment",
        FullAmountPayment = "full-amount-payment",
        PaymentPlan = "payment-plan",
    }
}

words! {
    /// Words for `lookup_flow_type`.
    LookupFlowType {
        PhoneSsnLast4 = "phone_ssn_last4",
        PhoneDateOfBirth = "phone_date_of_birth",
        PhonePostalCode = "phone_postal_code",
        FirstNameLastNameSsnLast4 = "first_name_last_name_ssn_last4",
        FirstNameLastNameDateOfBirth = "first_name_last_name_date_of_birth",
    }
}

words! {
    /// Words for `sort`.
    ListChargesSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        Amount = "amount",
        AmountInOtherWords = "-amount",
        ScheduledAt = "scheduled_at",
        ScheduledAtInOtherWords = "-scheduled_at",
        SubmittedAt = "submitted_at",
        SubmittedAtInOtherWords = "-submitted_at",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `outcome`.
    ResolveChargeOutcome {
        Succeeded = "succeeded",
        Declined = "declined",
        Retry = "retry",
    }
}

words! {
    /// Words for `sort`.
    ListTransactionsSort {
        SubmittedDate = "submitted_date",
        SubmittedDateInOtherWords = "-submitted_date",
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        Amount = "amount",
        AmountInOtherWords = "-amount",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `date_range`.
    ListTransactionsDateRange {
        Today = "today",
        Yesterday = "yesterday",
        ThisWeek = "this_week",
        ThisWeekToDate = "this_week_to_date",
        ThisMonth = "this_month",
        ThisMonthToDate = "this_month_to_date",
        ThisQuarter = "this_quarter",
        ThisQuarterToDate = "this_quarter_to_date",
        ThisYear = "this_year",
        ThisYearToDate = "this_year_to_date",
        ThisYearToLastMonth = "this_year_to_last_month",
        LastWeek = "last_week",
        LastWeekToDate = "last_week_to_date",
        LastMonth = "last_month",
        LastMonthToDate = "last_month_to_date",
        LastQuarter = "last_quarter",
        LastQuarterToDate = "last_quarter_to_date",
        LastYear = "last_year",
        LastYearToDate = "last_year_to_date",
        Since30DaysAgo = "since_30_days_ago",
        Since60DaysAgo = "since_60_days_ago",
        Since90DaysAgo = "since_90_days_ago",
        Since365DaysAgo = "since_365_days_ago",
    }
}

words! {
    /// Words for `account`.
    BalanceAccountAccount {
        Receivable = "receivable",
        Placed = "placed",
        CardClearing = "card_clearing",
        AchClearing = "ach_clearing",
        Refunds = "refunds",
        WriteOffs = "write_offs",
        Fees = "fees",
        Suspense = "suspense",
        ClientPayable = "client_payable",
        FeeIncome = "fee_income",
        FeesReceivable = "fees_receivable",
        TrustBank = "trust_bank",
        OperatingBank = "operating_bank",
    }
}

words! {
    /// Words for `normal_side`.
    BalanceAccountNormalSide {
        Debit = "debit",
        Credit = "credit",
    }
}

words! {
    /// Words for `sort`.
    ListBankAccountsSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
    }
}

words! {
    /// Words for `format`.
    BankStatementMadeFormat {
        Bai2 = "bai2",
        Camt = "camt",
    }
}

words! {
    /// Words for `entry_class`.
    AchOriginatorEntryClass {
        Web = "web",
        Tel = "tel",
        Ppd = "ppd",
    }
}

words! {
    /// Words for `kind`.
    AchNoticeKind {
        Return = "return",
        Change = "change",
        Dishonored = "dishonored",
        Contested = "contested",
        RefusedChange = "refused_change",
    }
}

words! {
    /// Words for `result`.
    AchNoticeResult {
        Applied = "applied",
        Recorded = "recorded",
        Again = "again",
        Unmatched = "unmatched",
        Unreadable = "unreadable",
    }
}

words! {
    /// Words for `counter`.
    AchReturnRateCounter {
        Unauthorized = "unauthorized",
        Administrative = "administrative",
        Overall = "overall",
    }
}

words! {
    /// Words for `standing`.
    AchReturnRateStanding {
        Fine = "fine",
        Near = "near",
        Above = "above",
    }
}

words! {
    /// Words for `sort`.
    ListPaymentPlansSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        Amount = "amount",
        AmountInOtherWords = "-amount",
        StartDate = "start_date",
        StartDateInOtherWords = "-start_date",
        TotalAmount = "total_amount",
        TotalAmountInOtherWords = "-total_amount",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `sort`.
    ListSettlementOffersSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        Amount = "amount",
        AmountInOtherWords = "-amount",
        ExpiresOn = "expires_on",
        ExpiresOnInOtherWords = "-expires_on",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `sort`.
    ListBlocksSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        StartsAt = "starts_at",
        StartsAtInOtherWords = "-starts_at",
        EndsAt = "ends_at",
        EndsAtInOtherWords = "-ends_at",
        ReviewOn = "review_on",
        ReviewOnInOtherWords = "-review_on",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `reason`.
    BlockReasonWord {
        BankruptcyChapter7 = "bankruptcy_chapter_7",
        BankruptcyChapter11 = "bankruptcy_chapter_11",
        BankruptcyChapter12 = "bankruptcy_chapter_12",
        BankruptcyChapter13 = "bankruptcy_chapter_13",
        BankruptcyDischarged = "bankruptcy_discharged",
        Deceased = "deceased",
        CeaseAndDesist = "cease_and_desist",
        AttorneyRepresented = "attorney_represented",
        ContactPreference = "contact_preference",
        WrongParty = "wrong_party",
        Dispute = "dispute",
        IdentityTheft = "identity_theft",
        ScraActiveDuty = "scra_active_duty",
        Litigation = "litigation",
        Garnishment = "garnishment",
        CreditCounseling = "credit_counseling",
        Hardship = "hardship",
        Disaster = "disaster",
        CreditorRecall = "creditor_recall",
        PaidToClient = "paid_to_client",
        PendingInsurance = "pending_insurance",
        LitigiousConsumer = "litigious_consumer",
        Vip = "vip",
        Minor = "minor",
        Ofac = "ofac",
        TimeBarred = "time_barred",
        Otherwise = "other",
    }
}

words! {
    /// Words for `sort`.
    ListCustomerSessionsSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        Expiration = "expiration",
        ExpirationInOtherWords = "-expiration",
        ExpiresAt = "expires_at",
        ExpiresAtInOtherWords = "-expires_at",
        LastUsedAt = "last_used_at",
        LastUsedAtInOtherWords = "-last_used_at",
    }
}

words! {
    /// Words for `send_by`.
    NewCustomerSessionSendBy {
        Email = "email",
        Sms = "sms",
    }
}

words! {
    /// Words for `sort`.
    ListTicketsSort {
        LastActivityAt = "last_activity_at",
        LastActivityAtInOtherWords = "-last_activity_at",
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `from`.
    NewTicketFrom {
        Customer = "customer",
        Organization = "organization",
    }
}

words! {
    /// Words for `by`.
    ReadTicketBy {
        Customer = "customer",
        Organization = "organization",
    }
}

words! {
    /// Words for `sort`.
    ListDebtAccountDisputesSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        ReceivedOn = "received_on",
        ReceivedOnInOtherWords = "-received_on",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `itemization_date_kind`.
    ItemizationItemizationDateKind {
        LastStatement = "last_statement",
        ChargeOff = "charge_off",
        LastPayment = "last_payment",
        Transaction = "transaction",
        Judgment = "judgment",
    }
}

words! {
    /// Words for `kind`.
    ItemizationComponentKind {
        Interest = "interest",
        Fee = "fee",
        Payment = "payment",
        Credit = "credit",
    }
}

words! {
    /// Words for `channel`.
    PreferencesChangesAddressChannel {
        Email = "email",
        Sms = "sms",
        Phone = "phone",
        Mail = "mail",
    }
}

words! {
    /// Words for `day`.
    PreferencesChangesConvenientTimeDay {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

words! {
    /// Words for `outcome`.
    ChargeReceiptOutcome {
        Paid = "paid",
        PartlyRefunded = "partly_refunded",
        Refunded = "refunded",
        Returned = "returned",
        Declined = "declined",
    }
}

words! {
    /// Words for `sort`.
    ListRemittancesSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        LastDay = "last_day",
        LastDayInOtherWords = "-last_day",
        Net = "net",
        NetInOtherWords = "-net",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `type`.
    RemittanceLineType {
        Payment = "payment",
        Refund = "refund",
        Return = "return",
    }
}

words! {
    /// Words for `format`.
    GetRemittanceStatementFormat {
        Csv = "csv",
        Pdf = "pdf",
    }
}

words! {
    /// Words for `sort`.
    ListTrustDepositsSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        Amount = "amount",
        AmountInOtherWords = "-amount",
        ReceivedOn = "received_on",
        ReceivedOnInOtherWords = "-received_on",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `environment`.
    OrganizationEnvironment {
        Production = "production",
        Sandbox = "sandbox",
    }
}

words! {
    /// Words for `week_start`.
    OrganizationWeekStart {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

words! {
    /// Words for `flow`.
    OrganizationLookupFlow {
        PhoneSsnLast4 = "phone_ssn_last4",
        PhoneDateOfBirth = "phone_date_of_birth",
        PhonePostalCode = "phone_postal_code",
        FirstNameLastNameSsnLast4 = "first_name_last_name_ssn_last4",
        FirstNameLastNameDateOfBirth = "first_name_last_name_date_of_birth",
    }
}

words! {
    /// Words for `check`.
    OrganizationPortalCheck {
        OtherBrowsers = "other_browsers",
        Always = "always",
    }
}

words! {
    /// Words for `card_brand`.
    OrganizationChangesPaymentRulesCardBrand {
        Visa = "Visa",
        Mastercard = "Mastercard",
        AmericanExpress = "American Express",
        Discover = "Discover",
        DinersClub = "Diners Club",
        JCB = "JCB",
        UnionPay = "UnionPay",
    }
}

words! {
    /// Words for `state`.
    WebhookDeliverieState {
        Pending = "pending",
        Delivered = "delivered",
        Failed = "failed",
        Canceled = "canceled",
    }
}

words! {
    /// Words for `last_outcome`.
    WebhookDeliverieLastOutcome {
        Delivered = "delivered",
        Refused = "refused",
        Redirected = "redirected",
        Gone = "gone",
        TimedOut = "timed_out",
        Unreachable = "unreachable",
        Broken = "broken",
    }
}

words! {
    /// Words for `outcome`.
    WebhookDeliverieLogOutcome {
        Delivered = "delivered",
        Refused = "refused",
        Redirected = "redirected",
        Gone = "gone",
        TimedOut = "timed_out",
        Unreachable = "unreachable",
        Broken = "broken",
    }
}

words! {
    /// Words for `sort`.
    ListWebhookDeliveriesSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
        Attempts = "attempts",
        AttemptsInOtherWords = "-attempts",
        LastAttemptAt = "last_attempt_at",
        LastAttemptAtInOtherWords = "-last_attempt_at",
        NextAttemptAt = "next_attempt_at",
        NextAttemptAtInOtherWords = "-next_attempt_at",
    }
}

words! {
    /// Words for `state`.
    WebhookReplayState {
        Running = "running",
        Completed = "completed",
        Canceled = "canceled",
    }
}

words! {
    /// Words for `which`.
    WebhookReplayWhich {
        All = "all",
        Missing = "missing",
    }
}

words! {
    /// Words for `sort`.
    ListMessagesSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        SentAt = "sent_at",
        SentAtInOtherWords = "-sent_at",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `status`.
    ListBulkStatus {
        Pending = "pending",
        Processing = "processing",
        Completed = "completed",
        Failed = "failed",
        Canceled = "canceled",
    }
}

words! {
    /// Words for `sort`.
    ListBulkSort {
        CreatedAt = "created_at",
        CreatedAtInOtherWords = "-created_at",
        Total = "total",
        TotalInOtherWords = "-total",
        Failed = "failed",
        FailedInOtherWords = "-failed",
        UpdatedAt = "updated_at",
        UpdatedAtInOtherWords = "-updated_at",
    }
}

words! {
    /// Words for `format`.
    ListBulkErrorsFormat {
        Json = "json",
        Csv = "csv",
    }
}

words! {
    /// Words for `format`.
    ExportFilterFormat {
        Csv = "csv",
        Ndjson = "ndjson",
    }
}

words! {
    /// Words for `kind`.
    KeyKind {
        Master = "master",
        Tenant = "tenant",
        Index = "index",
        Both = "both",
        Customers = "customers",
    }
}

words! {
    /// Words for `state`.
    KeyState {
        Coming = "coming",
        Active = "active",
        Leaving = "leaving",
        Retired = "retired",
        Missing = "missing",
    }
}

words! {
    /// Words for `kind`.
    KeyRotationKind {
        Master = "master",
        Tenant = "tenant",
        Index = "index",
        Customers = "customers",
    }
}

words! {
    /// Words for `phase`.
    KeyRotationPhase {
        Coming = "coming",
        Moving = "moving",
        Settling = "settling",
        Done = "done",
    }
}

words! {
    /// Words for `status`.
    TestClockStatus {
        Real = "real",
        Frozen = "frozen",
        Running = "running",
        Advancing = "advancing",
    }
}

words! {
    /// Words for `status`.
    SetTestClockStatus {
        Running = "running",
        Frozen = "frozen",
    }
}
