"""Scenes of paying over time: a plan is agreed on, looked at, changed and ended."""

import datetime

import stage
from act import expect, scene
from hands import KEYBOARD, MOUSE, NO_SCRIPT
from paying import MASTERCARD, SAVED, VISA
from support import wait_until

BANK = "Bank account ending in 6789"


def shows_terms(act, often=None, each=None, first=None, down=None):
    """Writes terms, and has every payment by them shown."""
    if often:
        act.pick(often)
    if each is not None:
        act.write("plan-each", each)
    if first:
        act.write_day("plan-first", first)
    if down is not None:
        act.write("plan-down", down)
    act.choose("plan-show")


def payments(plan):
    return [(one["amount"], one["state"]) for one in plan["charges"]]


def first_day(plan):
    return datetime.date.fromisoformat(plan["charges"][0]["due_date"])


def only_plan(act, ada):
    """The one plan that there is on the account, with all that is told of it."""
    [found] = ada.plans()
    return act.agency.get(f"/payment-plans/{found['id']}")


def goes_to_plan(act, ada, plan):
    """From a new link on to a plan that runs."""
    told = act.agency.get(f"/payment-plans/{plan}")
    act.comes_by(ada.link())
    act.goes_to_account()
    act.choose("plan-line-next", amount=act.t.money(told["charges"][0]["amount"]), day=act.t.day(first_day(told)))
    act.title("plan-running-title")


@scene(quick=(MOUSE, KEYBOARD))
def agrees_to_pay_over_time_by_terms_of_their_own_and_a_new_card(act):
    ada = act.agency.somebody()
    act.agency.put(f"/debt-accounts/{ada.debt}", {"rules": {"min_payment_amount": 20_00}})
    act.another_browser()
    act.comes_by(ada.link())
    act.goes_to_account()
    act.choose("plan-begin")
    act.title("plan-title")
    act.says("plan-amount-least", least="$20.00")
    act.look("plan")
    first = act.page.get_by_label(act.t("plan-first"), exact=True)
    earliest, latest = (datetime.date.fromisoformat(first.get_attribute(name)) for name in ("min", "max"))
    shows_terms(act, "often-weekly", "19.99", latest + datetime.timedelta(days=1), "5")
    act.faults(amount=("plan-amount-below", {"least": "$20.00"}), down=("plan-down-wrong", {"least": "$20.00"}),
               first=("plan-first-wrong", {"from": act.t.day(earliest), "to": act.t.day(latest)}))
    act.look("plan-wrong")
    shows_terms(act, each="50", first=earliest, down="20")
    act.sees("$20.00", act.t.day(earliest), "$50.00", "$3.45", "$123.45")
    act.look("plan-schedule")
    act.pick("pay-new-card")
    act.choose("check-go-on")
    act.is_at(f"/portal/tokenizer/plan/{ada.debt}/card?")
    act.title("card-title")
    act.look("plan-card")
    act.writes_card("4242424242424241")
    act.choose("card-keep")
    act.faults(number="card-number-wrong")
    act.sees_not("424242424242")
    act.writes_card(VISA)
    act.choose("card-keep")
    act.title("agree-title")
    words = f"I, Ada Lovelace, agree that {act.agency.name} keeps my card ending in 4242 on file and charges it, in recurring payments: USD 20.00 on "
    act.sees(words, "4 payments, USD 123.45 in all")
    act.look("plan-agree")
    expect((ada.plans(), ada.charges()) == ([], []), "something was agreed on before the button")
    act.choose("agree-button")
    act.title("plan-running-title")
    act.says("plan-runs")
    wait_until("what is paid today", lambda: ada.states() == [("succeeded", 20_00)], 20)
    act.page.reload()
    act.says("instalment-paid")
    act.sees("$103.45", SAVED)
    act.look("plan-running")
    plan = only_plan(act, ada)
    expect((plan["state"], plan["payment_source"], plan["frequency_exact"]) == ("active", "portal", "weekly"), plan)
    expect(payments(plan) == [(20_00, "paid"), (50_00, "scheduled"), (50_00, "scheduled"), (3_45, "scheduled")], payments(plan))
    given = plan["authorization"]
    expect((given["channel"], given["given_by"], given["text_version"], given["text"].startswith(words))
           == ("web", "Ada Lovelace", "card-en-1", True), given)
    expect(ada.owes() == 103_45 and ada.events(plan["id"]) == ["payment-plan.create"], ada.events(plan["id"]))
    [charge] = ada.charges()
    expect((charge["payment_source"], ada.events(charge["id"])) == ("schedule", ["charge.created", "charge.completed"]), charge)
    act.choose("accounts-title")
    act.says("plan-line-next", amount="$50.00", day=act.t.day(earliest))


@scene()
def agrees_by_a_bank_account_that_is_kept_and_gets_a_copy(act):
    ada = act.agency.somebody(saved="tok_bank")
    act.another_browser()
    act.comes_by(ada.link_to_account(destination="account_checkout"))
    act.choose("plan-begin")
    shows_terms(act, "often-monthly", "50")
    act.hand.pick(BANK)
    act.choose("check-go-on")
    words = f"I, Ada Lovelace, authorize {act.agency.name} to debit my bank account ending in 6789 electronically, in recurring payments: USD 50.00 monthly"
    act.sees(words)
    act.look("plan-agree-bank")
    act.choose("agree-button")
    act.says("plan-runs")
    plan = only_plan(act, ada)
    given = plan["authorization"]
    expect((given["text_version"], given["text"].startswith(words), payments(plan))
           == ("bank-en-1", True, [(50_00, "scheduled"), (50_00, "scheduled"), (23_45, "scheduled")]), plan)
    wait_until("the copy", lambda: ("payment_plan_confirmation", "sent") in ada.messages(), 20)
    act.choose("authorized-title")
    act.says("authorized-copy-sent")
    act.says("authorized-holds")
    act.sees(words)
    act.look("plan-authorizations")
    expect((ada.owes(), ada.charges(), ada.events(plan["id"])) == (123_45, [], ["payment-plan.create"]), "something was charged")


@scene(quick=(MOUSE, NO_SCRIPT))
def ends_a_plan_and_owes_what_is_left(act):
    ada = act.agency.somebody(saved="tok_visa")
    plan = ada.plan(ada.method)
    act.another_browser()
    goes_to_plan(act, ada, plan)
    act.says("plan-how-to-stop-says")
    act.choose("plan-stop")
    act.title("plan-stop")
    act.says("plan-stop-says")
    act.look("plan-stop")
    expect(only_plan(act, ada)["state"] == "active", "it ended before the button")
    act.choose("plan-stop-button")
    act.says("plan-ended")
    act.says("plan-ended-says")
    act.look("plan-ended")
    told = only_plan(act, ada)
    expect((told["state"], told["reason"], {state for _, state in payments(told)}) == ("cancelled", "cancelled", {"cancelled"}), told)
    expect(told["authorization"]["ended_at"] is not None, "what was authorized still holds")
    expect(ada.events(plan) == ["payment-plan.create", "payment_plan.cancelled"], ada.events(plan))
    expect((ada.owes(), ada.charges()) == (123_45, []), "something was charged")
    act.choose("accounts-title")
    act.goes_to_account()
    act.says("plan-begin")


@scene()
def skips_a_payment_and_lets_a_plan_stand_still_and_go_on(act):
    ada = act.agency.somebody(saved="tok_visa")
    plan = ada.plan(ada.method)
    act.another_browser()
    goes_to_plan(act, ada, plan)
    first = act.t.day(first_day(only_plan(act, ada)))
    act.choose("plan-skip-this", day=first)
    act.says("plan-skip-says", amount="$50.00", day=first)
    act.says("plan-until", amount="$50.00", day=first)
    act.look("plan-skip")
    act.choose("plan-skip-button")
    act.says("instalment-cancelled")
    skipped = [(23_45, "scheduled"), (50_00, "cancelled"), (50_00, "scheduled"), (50_00, "scheduled")]
    expect(sorted(payments(only_plan(act, ada))) == skipped, only_plan(act, ada))
    act.choose("plan-pause")
    act.says("plan-pause-says")
    act.look("plan-pause")
    act.choose("plan-pause-button")
    act.says("plan-paused")
    act.says("instalment-waits")
    act.look("plan-paused")
    expect(only_plan(act, ada)["state"] == "paused", only_plan(act, ada))
    act.choose("plan-resume")
    act.says("plan-resume-says")
    act.look("plan-resume")
    act.choose("plan-resume-button")
    act.says("plan-runs")
    told = only_plan(act, ada)
    expect((told["state"], sorted(payments(told))) == ("active", skipped), told)
    names = ada.events(plan)
    expect(names[0] == "payment-plan.create" and set(names[1:]) == {"payment-plan.update"}, names)
    expect((ada.owes(), ada.charges()) == (123_45, []), "something was charged")


@scene()
def puts_another_card_in_the_place_of_the_one_that_a_plan_charges(act):
    ada = act.agency.somebody(saved="tok_visa")
    plan = ada.plan(ada.method)
    act.another_browser()
    goes_to_plan(act, ada, plan)
    act.choose("method-title")
    act.sees(SAVED)
    act.look("plan-method")
    act.pick("pay-new-card")
    act.choose("check-go-on")
    act.is_at(f"/portal/tokenizer/method/{plan}/card")
    act.writes_card(MASTERCARD)
    act.choose("card-keep")
    act.sees("Mastercard card ending in 4444", "keeps my card ending in 4444 on file", "3 payments, USD 123.45 in all")
    act.look("plan-method-agree")
    expect(only_plan(act, ada)["payment_method_id"] == ada.method, "it changed before the button")
    act.choose("method-button")
    act.says("plan-runs")
    act.sees("Mastercard card ending in 4444")
    told = only_plan(act, ada)
    new, old = act.agency.get(f"/payment-plans/{plan}/authorizations")
    expect((told["state"], old["payment_method_id"], new["payment_method_id"]) == ("active", ada.method, told["payment_method_id"]), told)
    expect((new["channel"], old["channel"], new["ended_at"], old["ended_at"] is None) == ("web", "api", None, False), [new, old])
    expect(ada.events(plan)[0] == "payment-plan.create" and (ada.owes(), ada.charges()) == (123_45, []), ada.events(plan))
    act.choose("authorized-title")
    act.says("authorized-holds")
    act.sees("keeps my card ending in 4242 on file")
    act.look("plan-authorizations-of-two")


@scene(quick=(NO_SCRIPT,))
def changes_the_payments_of_a_plan_by_agreeing_to_another(act):
    ada = act.agency.somebody(saved="tok_visa")
    old = ada.plan(ada.method)
    first = first_day(only_plan(act, ada))
    act.another_browser()
    goes_to_plan(act, ada, old)
    act.choose("plan-change")
    act.title("plan-change")
    act.says("plan-change-says")
    act.sees("$50.00", act.t.day(first))
    act.look("plan-change")
    shows_terms(act, "often-monthly", "40", first)
    act.look("plan-change-schedule")
    act.pick("pay-new-bank")
    act.choose("check-go-on")
    act.is_at(f"/portal/tokenizer/change/{old}/bank?")
    act.title("bank-title")
    act.look("plan-bank")
    act.writes_account("000123456789", holder="Ada Lovelace")
    act.choose("bank-keep")
    words = f"I, Ada Lovelace, authorize {act.agency.name} to debit my bank account ending in 6789 electronically, in recurring payments: USD 40.00 monthly"
    act.sees(words)
    act.look("plan-change-agree")
    expect(only_plan(act, ada)["state"] == "active", "it changed before the button")
    act.choose("agree-button")
    act.says("plan-runs")
    act.sees(BANK, "$40.00")
    new, ended = (act.agency.get(f"/payment-plans/{one['id']}") for one in ada.plans())
    expect((new["state"], new["replaces_id"], new["payment_source"], payments(new))
           == ("active", old, "portal", [(40_00, "scheduled"), (40_00, "scheduled"), (40_00, "scheduled"), (3_45, "scheduled")]), new)
    expect((ended["id"], ended["state"], ended["reason"]) == (old, "cancelled", "replaced"), ended)
    expect(new["authorization"]["text"].startswith(words) and ended["authorization"]["ended_at"], new)
    expect((ada.events(old)[-1], ada.events(new["id"])) == ("payment_plan.cancelled", ["payment-plan.create"]), ada.events(old))
    expect((ada.owes(), ada.charges()) == (123_45, []), "something was charged")
    act.open(f"/portal/plans/{old}")
    act.says("plan-replaced")
    act.look("plan-replaced")


@scene()
def agrees_to_what_was_proposed_and_pays_all_of_it(act):
    waters = act.agency = act.stage.agencies[stage.CLOCK]
    ada = waters.somebody(saved="tok_visa")
    plan = ada.plan()
    act.another_browser()
    act.comes_by(ada.link())
    act.goes_to_account()
    act.choose("plan-look")
    act.says("plan-as-proposed")
    act.says("plan-may-change")
    act.look("plan-proposed")
    act.hand.pick(SAVED)
    act.choose("check-go-on")
    act.choose("agree-button")
    act.says("plan-runs")
    told = only_plan(act, ada)
    expect((told["id"], told["state"], told["authorization"]["channel"]) == (plan, "active", "web"), told)
    for days, key, name, owed in ((6, "plan-runs", "plan-half-way", 73_45), (14, "plan-completed", "plan-completed", 0)):
        waters.advance(days=days)
        act.another_browser()
        act.comes_by(ada.link())
        act.open(f"/portal/plans/{plan}")
        act.says(key)
        act.says("instalment-paid")
        act.look(name)
        expect(ada.owes() == owed, ada.owes())
    expect(ada.states() == [("succeeded", 23_45), ("succeeded", 50_00), ("succeeded", 50_00)], ada.states())
    names = ada.events(plan)
    expect(names[0] == "payment-plan.create" and names[-1] == "payment_plan.completed", names)


@scene()
def a_plan_whose_card_is_lost_goes_on_by_another(act):
    waters = act.agency = act.stage.agencies[stage.CLOCK]
    ada = waters.somebody(saved="tok_lost_card")
    plan = ada.plan(ada.method)
    waters.advance(days=6)
    act.another_browser()
    act.comes_by(ada.link())
    act.says("plan-line-paused")
    act.open(f"/portal/plans/{plan}")
    act.says("plan-paused-method")
    act.look("plan-without-a-method")
    act.choose("method-title")
    act.pick("pay-new-card")
    act.choose("check-go-on")
    act.writes_card(VISA)
    act.choose("card-keep")
    act.sees("on with USD 123.45 to pay: USD 50.00 weekly")
    act.choose("method-button")
    act.says("plan-runs")
    waters.advance(days=8)
    expect(ada.states() == [("succeeded", 50_00), ("declined", 50_00)], ada.states())
    expect((ada.owes(), only_plan(act, ada)["state"]) == (73_45, "active"), only_plan(act, ada))
