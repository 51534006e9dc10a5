"""Scenes of paying by a bank account, and of what is kept."""

from act import expect, scene
from hands import KEYBOARD
from paying import SAVED
from support import wait_until

ACCOUNT, COMES_BACK = "000123456789", "000111111001"
BANK = "Bank account ending in 6789"


def settled(act, charge):
    wait_until("the bank", lambda: act.agency.get(f"/charges/{charge['id']}")["state"] != "pending", 30)


@scene(quick=(KEYBOARD,))
def pays_by_a_bank_account_that_is_on_its_way_until_it_settled(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.begins_to_pay(ada, 50_00, act.t("pay-new-bank"))
    act.is_at(f"/portal/tokenizer/bank/{ada.debt}/5000")
    act.sees(f"authorize {act.agency.name} to debit my bank account electronically, once: USD 50.00.")
    act.look("bank")
    act.writes_account("123", routing="110000001", kind=None, holder="")
    act.pays(50_00)
    act.faults(holder="bank-holder-wrong", kind="bank-kind-wrong", routing="bank-routing-wrong", account="bank-account-wrong")
    act.look("bank-wrong")
    act.writes_account(ACCOUNT, holder="Ada Lovelace", again="000123456780")
    act.pays(50_00)
    act.faults(again="bank-again-wrong")
    act.sees_not("00012345678", "110000000")
    expect(ada.charges() == [], "something was charged")
    act.writes_account("000 1234-56789", routing="1100-0000 0", kind=None, again=ACCOUNT)
    act.hand.mark(act.t("keep-bank"), True)
    act.pays(50_00)
    act.says("payment-pending")
    act.sees(BANK)
    act.sees_not(ACCOUNT)
    act.look("payment-pending-bank")
    [charge] = ada.charges()
    expect((ada.owes(), charge["type"], charge["amount"], charge["payment_source"]) == (123_45, "bank_account", 50_00, "portal"), charge)
    settled(act, charge)
    act.page.reload()
    act.says("payment-succeeded")
    expect((ada.owes(), ada.states()) == (73_45, [("succeeded", 50_00)]), ada.states())
    names = ada.events(charge["id"])
    expect(names[0] == "charge.created" and names[-1] == "charge.completed", names)
    [kept] = act.agency.get(f"/payment-methods?customer_id={ada.customer}")
    expect((kept["type"], kept["bank_account"]["account_type"]) == ("ach", "checking"), kept)


@scene()
def a_debit_that_comes_back_counts_for_nothing(act):
    ada = act.agency.somebody()
    act.another_browser()
    act.begins_to_pay(ada, method=act.t("pay-new-bank"))
    act.writes_account(COMES_BACK, kind="bank-savings")
    act.pays(123_45)
    act.says("payment-pending")
    [charge] = ada.charges()
    settled(act, charge)
    act.page.reload()
    act.says("payment-returned")
    act.says("payment-returned-says")
    act.look("payment-came-back")
    expect((ada.owes(), ada.states()) == (123_45, [("returned", 123_45)]), ada.states())
    expect(ada.events(charge["id"])[-1] == "charge.returned", ada.events(charge["id"]))


@scene()
def deletes_what_is_kept_but_not_what_is_still_needed(act):
    ada = act.agency.somebody(saved="tok_visa")
    bank = act.agency.post("/payment-methods", {"customer_id": ada.customer, "token": "tok_bank"})["id"]
    act.another_browser()
    act.begins_to_pay(ada, 10_00, BANK)
    act.pays(10_00)
    act.says("payment-pending")
    act.choose("nav-kept")
    act.title("kept-title")
    act.sees(SAVED, BANK)
    act.look("kept")
    deletes(act, BANK)
    act.title("kept-in-use-title")
    act.look("kept-in-use")
    act.choose("nav-kept")
    deletes(act, SAVED)
    act.says("kept-deleted")
    act.sees_not(SAVED)
    act.look("kept-deleted")
    expect([one["id"] for one in act.agency.get(f"/payment-methods?customer_id={ada.customer}")] == [bank], "another is gone")
    [charge] = ada.charges()
    settled(act, charge)
    act.choose("nav-kept")
    deletes(act, BANK)
    act.says("kept-none")
    act.look("kept-none")
    expect((ada.owes(), ada.states()) == (113_45, [("succeeded", 10_00)]), ada.states())


def deletes(act, what):
    act.hand.unfold(act.t("kept-delete-asked", what=what))
    card = act.page.locator("li", has_text=what)
    act.hand.view = card
    act.choose("kept-delete")
    act.hand.view = act.page
