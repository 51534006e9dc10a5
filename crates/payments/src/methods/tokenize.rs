//! From a number to a token: the one place where raw card and bank data goes anywhere.
//!
//! No transaction is open meanwhile. What comes back holds no number and no security code; the fingerprint is
//! made of the number with the tenant's key, never of the security code (PCI DSS 3.3.1).

use base::secret::Secret;
use base::{Code, Failure, Result, Ts};
use books::orgs::Tenant;

use super::model::{Given, Kind, NewMethod};
use crate::acceptance;
use crate::card::Expiry;
use crate::processor::{About, Funding, Instrument, PageAsk, Processor, TokenizeError, Tokenized};

/// Has the processor make a token of what was given, or describe the token that was given.
pub async fn tokenize(
    processor: &dyn Processor,
    tenant: &Tenant,
    now: Ts,
    given: Given,
) -> Result<NewMethod> {
    match given {
        Given::Card { number, expiry, security_code, holder, postal_code } => {
            let brand = number.brand();
            if security_code.as_ref().is_some_and(|code| !brand.fits_security_code(code.reveal())) {
                return Err(Failure::field(
                    "card.card_security_code",
                    "The card.card security code field does not fit the card.",
                ));
            }
            let instrument = Instrument::Card {
                number: number.digits().clone(),
                security_code,
                expiry_month: expiry.month(),
                expiry_year: expiry.year(),
                holder: holder.clone(),
                postal_code: postal_code.clone(),
            };
            let made = processor.tokenize(now, &instrument).await;
            let made = made.map_err(|error| failure("card.card_number", error))?;
            let print = tenant.key.index("fingerprint", &[number.digits().reveal(), &expiry.to_string()]);
            let funding = funding_of(&made.about);
            // The number tells the rest better than any answer could.
            let new = NewMethod {
                token: made.token,
                fingerprint: Some(print),
                kind: Kind::Card,
                brand: Some(brand.as_str().to_owned()),
                bin: Some(number.bin().to_owned()),
                funding,
                last_four: number.last_four().to_owned(),
                expiry: Some(expiry),
                holder: Some(holder),
                postal_code,
                state: None,
                account_type: None,
                ownership: None,
                routing_number: None,
                one_time: None,
            };
            taken(tenant, now, new)
        }
        Given::Ach {
            routing_number,
            account_number,
            account_type,
            ownership,
            holder,
            postal_code,
            state,
        } => {
            let print = account_print(tenant, &routing_number, &account_number);
            let last_four = last_four(account_number.reveal());
            let instrument = Instrument::Bank {
                routing_number: routing_number.clone(),
                account_number,
                kind: account_type,
                ownership,
                holder: holder.clone(),
            };
            let made = processor.tokenize(now, &instrument).await;
            let made = made.map_err(|error| failure("ach.account_number", error))?;
            Ok(NewMethod {
                token: made.token,
                fingerprint: Some(print),
                kind: Kind::Ach,
                brand: None,
                bin: None,
                funding: None,
                last_four,
                expiry: None,
                holder: Some(holder),
                postal_code,
                state,
                account_type: Some(account_type),
                ownership: Some(ownership),
                routing_number: Some(routing_number),
                one_time: None,
            })
        }
        Given::Token { token, kind } => {
            let described = processor.inspect(now, &token).await;
            let new = of_kind(of_token(described.map_err(|error| failure("token", error))?)?, kind)?;
            taken(tenant, now, new)
        }
    }
}

/// A new card, where the organization takes such.
fn taken(tenant: &Tenant, now: Ts, new: NewMethod) -> Result<NewMethod> {
    let brand = new.brand.as_deref().filter(|_| new.kind == Kind::Card);
    match acceptance::against(&tenant.rules, tenant.today(now), brand, new.funding) {
        Some(why) => Err(Failure::refused(Code::CardNotAccepted, why.words())),
        None => Ok(new),
    }
}

const fn funding_of(about: &About) -> Option<Funding> {
    match about {
        About::Card { funding, .. } => *funding,
        About::Bank { .. } => None,
    }
}

/// What was given on a page of the processor's own, to whoever opened it.
pub async fn given_on_page(
    processor: &dyn Processor,
    tenant: &Tenant,
    now: Ts,
    page: &str,
    opener: &Secret<String>,
) -> Result<NewMethod> {
    let given = processor.given_on_page(now, page, opener).await;
    taken(tenant, now, of_token(given.map_err(|error| failure("page", error))?)?)
}

/// Opens a page of the processor's own; gives its address.
pub async fn open_page(processor: &dyn Processor, now: Ts, ask: &PageAsk) -> Result<String> {
    processor.open_page(now, ask).await.map_err(|error| failure("page", error))
}

/// Tells that a bank account is the same as another.
pub(super) fn account_print(
    tenant: &Tenant,
    routing_number: &str,
    account_number: &Secret<String>,
) -> Vec<u8> {
    tenant.key.index("fingerprint", &[routing_number, account_number.reveal()])
}

/// What a token stands for, where that is what the caller says it is.
pub fn of_kind(new: NewMethod, said: Option<Kind>) -> Result<NewMethod> {
    match said {
        Some(said) if said != new.kind => Err(Failure::field("type", "The selected type is invalid.")),
        _ => Ok(new),
    }
}

fn of_token(described: Tokenized) -> Result<NewMethod> {
    let nothing = NewMethod {
        token: described.token,
        fingerprint: None,
        kind: Kind::Card,
        brand: None,
        bin: None,
        funding: None,
        last_four: String::new(),
        expiry: None,
        holder: None,
        postal_code: None,
        state: None,
        account_type: None,
        ownership: None,
        routing_number: None,
        one_time: None,
    };
    Ok(match described.about {
        About::Card { brand, bin, last_four, expiry_month, expiry_year, funding } => {
            let expiry = Expiry::new(expiry_month.into(), expiry_year).ok_or_else(|| {
                Failure::broken("reading a token's description", "it has no month and year")
            })?;
            NewMethod {
                kind: Kind::Card,
                brand: Some(brand),
                bin: Some(bin).filter(|bin| !bin.is_empty()),
                funding,
                last_four,
                expiry: Some(expiry),
                ..nothing
            }
        }
        About::Bank { routing_number, last_four } => NewMethod {
            kind: Kind::Ach,
            last_four,
            ownership: Some(Default::default()),
            routing_number: Some(routing_number),
            ..nothing
        },
    })
}

fn last_four(number: &str) -> String {
    number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}

fn failure(field: &str, error: TokenizeError) -> Failure {
    match error {
        TokenizeError::Refused(words) => Failure::field(field, words),
        TokenizeError::Unreachable(why) => {
            tracing::warn!(why, "the processor did not answer when asked for a token");
            Failure::refused(
                Code::Unavailable,
                "The payment processor gave no answer; nothing was stored. Please try again.",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_processor_stand_at_the_right_field_and_silence_is_no_refusal() {
        let refused = failure("token", TokenizeError::Refused("This token is not known.".into()));
        assert_eq!(refused.code(), Some(Code::ValidationFailed));
        let silent = failure("token", TokenizeError::Unreachable("timeout".into()));
        assert_eq!(silent.code(), Some(Code::Unavailable));
        assert!(!silent.to_string().contains("timeout"));
    }

    #[test]
    fn of_a_number_only_four_digits_stay() {
        assert_eq!(last_four("123456789"), "6789");
        assert_eq!(last_four("1234"), "1234");
    }
}
