"""Scenes of paying."""

import stage
from act import expect, scene
from hands import KEYBOARD, MOUSE, NO_SCRIPT
from support import wait_until

VISA, MASTERCARD, DECLINED, LOST = "4242424242424242", "5555555555554444", "4000000000009995", "4000000000050973"
SAVED = "Visa card ending in 4242"


@scene(quick=(MOUSE, KEYBOARD, NO_SCRIPT))
def pays_a_part_and_then_the_rest_with_a_saved_method(act):
    ada = act.agency.somebody(saved="tok_visa")
    act.another_browser()
    act.comes_by(ada.link())
    act.goes_to_account()
    act.choose("pay-begin")
    act.title("pay-title")
    act.look("pay")
    act.says_what_to_pay(23_45, SAVED)
    act.title("review-title")
    act.sees("$23.45", "$100.00", SAVED, f"I, Ada Lovelace, authorize {act.agency.name} to charge my card ending in 4242, once: USD 23.45.")
    act.look("review")
    expect(ada.charges() == [], "something was charged before the button")
    act.pays(23_45)
    act.title("payment-title")
    act.says("payment-succeeded")
    act.look("payment-succeeded")
    with act.page.expect_download() as coming:
        act.hand.press(act.hand.found(act.t("payment-keep")))
    expect(coming.value.path().read_bytes().startswith(b"%PDF-"), "the receipt is no PDF")
    expect((ada.owes(), ada.states()) == (100_00, [("succeeded", 23_45)]), ada.states())
    act.choose("accounts-title")
    act.goes_to_account()
    act.choose("pay-begin")
    act.says_what_to_pay(method=SAVED)
    act.pays(100_00)
    act.says("payment-succeeded")
    act.choose("accounts-title")
    act.says("standing-paid")
    act.goes_to_account()
    act.look("account-paid")
    charges = ada.charges()
    expect([(one["state"], one["amount"], one["payment_source"]) for one in charges]
           == [("succeeded", 100_00, "portal"), ("succeeded", 23_45, "portal")], charges)
    expect(ada.owes() == 0 and act.agency.get(f"/debt-accounts/{ada.debt}")["state"] == "paid_off", "the account is not paid off")
    for one in charges:
        expect(ada.events(one["id"]) == ["charge.created", "charge.completed"], ada.events(one["id"]))


@scene(quick=(MOUSE, NO_SCRIPT))
def writes_a_card_anew_after_it_was_wrong(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.begins_to_pay(ada, 50_00)
    act.is_at(f"/portal/tokenizer/card/{ada.debt}/5000")
    act.look("card")
    act.writes_card("4242424242424241", code="12", month="13", postal_code="1220", holder="")
    act.pays(50_00)
    act.faults(holder="card-holder-wrong", number="card-number-wrong", month="card-expiry-wrong", code="card-code-wrong", zip="check-zip-wrong")
    act.sees_not("424242424242")
    act.look("card-wrong")
    expect(ada.charges() == [], "something was charged")
    act.writes_card("4242 4242 4242 4242", holder="Ada Lovelace")
    act.pays(50_00)
    act.says("payment-succeeded")
    act.sees("Visa card ending in 4242", "$73.45")
    expect((ada.owes(), ada.states()) == (73_45, [("succeeded", 50_00)]), ada.states())
    expect(act.agency.get(f"/payment-methods?customer_id={ada.customer}") == [], "the card is kept")


@scene(quick=(MOUSE,))
def a_declined_card_says_why_and_another_is_taken(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.begins_to_pay(ada)
    act.writes_card(DECLINED)
    act.pays(123_45)
    act.says("payment-declined")
    act.says("declined-funds")
    act.look("payment-declined")
    expect((ada.owes(), ada.states()) == (123_45, [("declined", 123_45)]), ada.states())
    expect(ada.events(ada.charges()[0]["id"]) == ["charge.created", "charge.failed"], "of a declined charge something else is told")
    act.begins_to_pay(ada)
    act.writes_card(VISA)
    act.pays(123_45)
    act.says("payment-succeeded")
    expect((ada.owes(), ada.states()) == (0, [("succeeded", 123_45), ("declined", 123_45)]), ada.states())


@scene(quick=(MOUSE,))
def an_answer_that_is_lost_is_found_by_whoever_looks_again(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.begins_to_pay(ada)
    act.writes_card(LOST)
    act.pays(123_45)
    act.says("payment-checking")
    act.says("payment-checking-says")
    act.look("payment-checking")
    expect((ada.owes(), len(ada.charges())) == (123_45, 1), ada.states())
    wait_until("what became of it", lambda: ada.states() == [("succeeded", 123_45)], 40)
    act.choose("payment-look-again")
    act.says("payment-succeeded")
    told = ada.events(ada.charges()[0]["id"])
    expect(told[0] == "charge.created" and told[-1] == "charge.completed" and ada.owes() == 0, told)


@scene()
def an_answer_that_is_lost_is_found_by_the_page_itself(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.begins_to_pay(ada)
    act.writes_card(LOST)
    act.pays(123_45)
    act.says("payment-checking")
    expect(ada.states() == [("unknown", 123_45)], ada.states())
    # Nobody does anything: the page asks again.
    words = act.t("payment-succeeded")
    act.page.get_by_text(words, exact=True).wait_for(timeout=40_000)
    act.sees("$0.00")
    expect((ada.owes(), ada.states()) == (0, [("succeeded", 123_45)]), ada.states())
    told = ada.events(ada.charges()[0]["id"])
    expect(told[0] == "charge.created" and told[-1] == "charge.completed", told)


@scene()
def what_cannot_be_paid_is_explained_beside_its_field(act):
    ada = act.agency.somebody(saved="tok_visa")
    account = f"/debt-accounts/{ada.debt}"
    act.agency.put(account, {"rules": {"min_payment_amount": 20_00}})
    act.another_browser()
    act.comes_by(ada.link_to_account(destination="account_checkout"))
    act.says("pay-amount-least", least="$20.00")
    act.pick("pay-part")
    most = {"most": "$123.45"}
    for amount, key in (("19.99", ("pay-amount-below", {"least": "$20.00", **most})), ("123.46", ("pay-amount-above", most)),
                        ("all", "pay-amount-wrong")):
        act.write("pay-amount", amount)
        act.choose("check-go-on")
        act.faults(amount=key)
    act.look("pay-wrong")
    act.pick("pay-whole", amount="$123.45")
    act.write("pay-amount", "50")
    act.choose("check-go-on")
    act.faults(amount="pay-amount-both")
    act.agency.put(account, {"billing_type": ["payment-plan"], "rules": {"min_payment_amount": None}})
    act.open(f"/portal/accounts/{ada.debt}/pay")
    act.look("pay-by-plan")
    act.agency.put(account, {"billing_type": ["full-amount-payment"]})
    act.open(f"/portal/accounts/{ada.debt}/pay")
    act.look("pay-the-whole-only")
    act.hand.pick(SAVED)
    act.choose("check-go-on")
    # What comes in between the page and its button.
    act.agency.put(account, {"current_balance": 100_00})
    act.pays(123_45)
    act.faults(amount=("pay-amount-above", {"most": "$100.00"}))
    act.look("pay-changed-meanwhile")
    act.agency.post("/blocks", {"debt_account_id": ada.debt, "reason": "paid_to_client"})
    act.open(f"/portal/accounts/{ada.debt}/pay")
    act.says("pay-nothing")
    act.look("pay-nothing")
    expect((ada.owes(), ada.charges()) == (100_00, []), ada.charges())


@scene()
def goes_on_to_where_the_session_says(act):
    ada, shop = act.agency.somebody(saved="tok_visa"), act.stage.shop
    act.another_browser()
    act.comes_by(ada.link_to_account(destination="account_checkout", return_url=f"{shop.origin}/thanks?a=1&b=2"))
    act.says_what_to_pay(1_00, SAVED)
    act.pays(1_00)
    act.look("payment-with-a-way-on")
    act.choose("payment-go-on")
    expect(act.page.url == f"{shop.origin}/thanks?a=1&b=2", act.page.url)
    expect(ada.owes() == 122_45, ada.owes())


@scene()
def sees_how_every_payment_stands(act):
    ada = act.agency.somebody(owes=1_000_00, saved="tok_visa")
    bank, returned, empty = (act.agency.post("/payment-methods", {"customer_id": ada.customer, "token": token})["id"]
                             for token in ("tok_bank", "tok_bank_r01", "tok_insufficient_funds"))
    paid = {"returned": ada.charge(10_00, payment_method_id=returned), "succeeded": ada.charge(11_00), "partly-refunded": ada.charge(12_00),
            "refunded": ada.charge(13_00), "declined": ada.charge(14_00, payment_method_id=empty)}
    for name, cents in (("partly-refunded", 2_00), ("refunded", 13_00)):
        act.agency.post(f"/charges/{paid[name]}/refund", {"amount": cents})
    for name in ("scheduled", "canceled"):
        paid[name] = ada.charge(14_00, scheduled_at=stage.in_the_past(-20))
    act.agency.post(f"/charges/{paid['canceled']}/cancel", {})
    wait_until("the bank's return", lambda: act.agency.get(f"/charges/{paid['returned']}")["state"] == "returned", 30)
    act.another_browser()
    act.comes_by(ada.link())
    # On its way for some seconds: looked at first.
    paid = {"pending": ada.charge(15_00, payment_method_id=bank), **paid}
    for name, one in paid.items():
        act.open(f"/portal/payments/{one}")
        act.says(f"payment-{name}")
        act.look(f"payment-{name}")
    for _ in range(20):
        ada.charge(1_00)
    act.choose("payments-title")
    act.look("payments")
    act.choose("payments-older")
    act.look("payments-older")
    act.choose("accounts-title")
    act.goes_to_account()
    act.look("account-with-payments")
    wait_until("the bank", lambda: act.agency.get(f"/charges/{paid['pending']}")["state"] == "succeeded", 30)
    expect(ada.owes() == 1_000_00 - 11_00 - 10_00 - 15_00 - 20_00, ada.owes())


@scene(hands=(MOUSE,))
def whoever_tests_cards_is_stopped(act):
    eve = act.agency.somebody()
    act.another_browser()
    for _ in range(10):
        act.begins_to_pay(eve, 1_00)
        act.writes_card("4000000000000002")
        act.pays(1_00)
        act.says("payment-declined")
    act.begins_to_pay(eve, 1_00)
    act.writes_card(VISA)
    act.pays(1_00)
    act.title("pay-tried-title")
    act.look("pay-tried")
    expect((eve.owes(), len(eve.charges())) == (123_45, 10), "an eleventh was tried")
