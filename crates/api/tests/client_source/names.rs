//! What things are called in the client: by rule, and by hand where the rule reads badly.

/// Methods whose path does not say what they do.
const METHODS: &[(&str, &str, &str)] = &[
    ("POST", "/bulk", "send_customers"),
    ("POST", "/bulk/debt-accounts", "send_debt_accounts"),
    ("GET", "/bulk", "list_bulk"),
    ("GET", "/bulk/exports", "list_exports"),
    ("GET", "/debt-accounts/lookup", "lookup_debt_accounts_by_query"),
    ("POST", "/debt-accounts/lookup", "lookup_debt_accounts"),
    ("POST", "/debt-accounts/lookup/unlock", "unlock_lookup"),
    ("GET", "/charges/{id}/receipt.txt", "get_charge_receipt_text"),
    ("POST", "/payment-plans/request", "request_payment_plan"),
    ("POST", "/messages/{id}/resend", "resend_message"),
    ("GET", "/just-in-time", "get_just_in_time"),
    ("POST", "/just-in-time", "register_just_in_time"),
    ("DELETE", "/just-in-time", "remove_just_in_time"),
    ("POST", "/just-in-time/trigger", "trigger_just_in_time"),
    ("GET", "/test-clock", "get_test_clock"),
    ("POST", "/test-clock", "freeze_test_clock"),
    ("PUT", "/test-clock", "set_test_clock"),
    ("POST", "/test-clock/advance", "advance_test_clock"),
    ("DELETE", "/test-clock", "remove_test_clock"),
    ("POST", "/keys/rotate", "rotate_keys"),
];

/// Types whose first place does not say what they are.
const TYPES: &[(&str, &str)] = &[
    ("CustomerAddress", "Address"),
    ("CustomerMetadata", "Attribute"),
    ("CustomerPaymentMethod", "PaymentMethod"),
    ("NewCustomerPaymentMethodCard", "NewCard"),
    ("NewCustomerPaymentMethodAch", "NewBankAccount"),
    ("DebtAccountDispute", "Dispute"),
    ("NewDebtAccountDispute", "NewDispute"),
    ("DebtAccountItemization", "Itemization"),
    ("CustomerPreferences", "Preferences"),
    ("NewBankAccountAccountType", "BankAccountType"),
    ("NewBankAccountOwnershipType", "BankAccountOwnership"),
    ("LookupDebtAccountsByQueryLookupFlowType", "LookupFlowType"),
    ("NewBlockReason", "BlockReasonWord"),
];

/// Bodies that would be called like something else, or too long.
const BODIES: &[(&str, &str)] = &[
    ("create_customer_address", "NewAddress"),
    ("update_customer_address", "AddressChanges"),
    ("update_debt_account_dispute", "DisputeChanges"),
    ("create_debt_account_dispute_answer", "NewDisputeAnswer"),
    ("update_debt_account_itemization", "ItemizationChanges"),
    ("update_customer_preferences", "PreferencesChanges"),
    ("create_debt_account_document", "NewDocument"),
];

/// The name of a type.
pub(super) fn type_name(made: &str) -> String {
    TYPES.iter().find(|(from, _)| *from == made).map_or(made, |(_, to)| to).to_owned()
}

/// `payment-plan.create` as `PaymentPlanCreate`.
pub(super) fn camel(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        out.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("N{out}") } else { out }
}

/// One of several.
pub(super) fn singular(plural: &str) -> String {
    for (many, one) in [("statuses", "status"), ("addresses", "address"), ("histories", "history")] {
        if let Some(before) = plural.strip_suffix(many) {
            return format!("{before}{one}");
        }
    }
    match plural.strip_suffix('s') {
        Some(one) if !one.ends_with(['s', 'u']) && !plural.ends_with("preferences") => one.to_owned(),
        _ => plural.to_owned(),
    }
}

/// What an endpoint does, for its name.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Does {
    List,
    Make,
    Other,
}

/// The method for an endpoint: `create_charge`, `list_customer_addresses`, `cancel_charge`.
pub(super) fn method_name(method: &str, path: &str, does: Does) -> String {
    if let Some((.., name)) = METHODS.iter().find(|(m, p, _)| *m == method && *p == path) {
        return (*name).to_owned();
    }
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let fixed: Vec<&str> = steps.iter().copied().filter(|step| !step.starts_with('{')).collect();
    if let ["bulk", "exports", what] = fixed[..] {
        return format!("export_{}", what.replace('-', "_"));
    }
    let (last, before) = fixed.split_last().expect("no path is empty");
    let one = |steps: &[&str]| steps.iter().map(|s| singular(s)).collect::<Vec<_>>().join("_");
    let of_one = steps.last().is_some_and(|step| step.starts_with('{'));
    let name = match (method, does) {
        ("GET", Does::List) if before.is_empty() => format!("list_{last}"),
        ("GET", Does::List) => format!("list_{}_{last}", one(before)),
        ("GET", _) if of_one || before.is_empty() => format!("get_{}", one(&fixed)),
        ("GET", _) => format!("get_{}_{last}", one(before)),
        ("PUT", _) => format!("update_{}", one(&fixed)),
        ("DELETE", _) => format!("delete_{}", one(&fixed)),
        ("POST", Does::Make) => format!("create_{}", one(&fixed)),
        _ => format!("{last}_{}", one(before)),
    };
    name.replace(['-', '.'], "_")
}

/// What the body of a method is called.
pub(super) fn body_name(method: &str) -> String {
    if let Some((_, name)) = BODIES.iter().find(|(known, _)| *known == method) {
        return (*name).to_owned();
    }
    let name = match method.split_once('_') {
        Some(("create", what)) => format!("New{}", camel(what)),
        Some(("update", what)) => format!("{}Changes", camel(what)),
        _ => camel(method),
    };
    type_name(&name)
}

/// What is shown at a path.
pub(super) fn shown_name(path: &str, is_list: bool) -> String {
    let fixed: Vec<&str> =
        path.split('/').filter(|step| !step.is_empty() && !step.starts_with('{')).collect();
    let (last, before) = fixed.split_last().expect("no path is empty");
    let is_one = path.ends_with('}') || is_list || before.is_empty();
    let before = before.iter().map(|step| singular(step)).collect::<Vec<_>>().join("-");
    let last = if is_one { singular(last) } else { (*last).to_owned() };
    type_name(&camel(&format!("{before}-{last}")))
}
