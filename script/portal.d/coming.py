"""Scenes of getting in, and of not getting in."""

import re
import secrets

import stage
from act import expect, scene
from hands import KEYBOARD, MOUSE, NO_SCRIPT


@scene(quick=(MOUSE,))
def comes_by_a_link_and_sees_what_is_owed_and_why(act):
    ada = act.agency.somebody(saved="tok_visa")
    ada.itemize("Late fee")
    ada.document("Statement of October.txt")
    ada.charge(23_45)
    link, before = ada.link(), ada.events(ada.debt)
    act.another_browser()
    act.open(link)
    act.title("door-title")
    act.sees(act.agency.name, "(212) 555-0100", "help@agency.example")
    act.sees_not("Ada", "Lovelace", "123.45", "General Memorial")
    act.look("door")
    expect(act.agency.get("/customer-sessions")[0]["last_used_at"] is None, "to open a link is a use of it")
    act.choose("door-enter")
    act.title("accounts-title")
    act.sees("General Memorial Hospital", "$100.00")
    act.look("accounts")
    act.goes_to_account()
    act.title("account-title")
    act.sees("Harbor Funding LLC", "…8877", "Late fee", "Statement of October.txt", "$100.00", "−$23.45")
    act.look("account")
    expect(act.agency.get("/customer-sessions")[0]["last_used_at"] is not None, "to come in is no use")
    expect((ada.owes(), ada.states(), ada.blocks()) == (100_00, [("succeeded", 23_45)], []), "looking changed something")
    expect(ada.events(ada.debt) == before, "looking was told of")


@scene()
def reads_a_document(act):
    ada = act.agency.somebody()
    ada.document("Notice.txt", b"We asked the hospital.")
    act.another_browser()
    act.comes_by(ada.link_to_account(destination="account_documents"))
    act.is_at("#documents")
    with act.page.expect_download() as coming:
        act.hand.press(act.hand.found("Notice.txt"))
    kept = coming.value
    expect((kept.suggested_filename, kept.path().read_bytes()) == ("Notice.txt", b"We asked the hospital."), "another document")


@scene()
def an_account_that_groups_others_shows_each(act):
    ada = act.agency.somebody()
    for cents, number in ((20_00, "CHILD-1111"), (30_00, "CHILD-2222")):
        act.agency.post("/debt-accounts", {"parent_external_id": ada.debt, "balance": cents, "account_number": number})
    act.another_browser()
    act.comes_by(ada.link())
    act.sees("$50.00")
    act.goes_to_account()
    act.sees("$20.00", "$30.00")
    act.look("account-of-several")
    act.goes_to_account()
    act.sees("…2222", "$30.00")
    act.look("account-of-a-group")


@scene()
def there_may_be_nothing_to_see(act):
    ada = act.agency.somebody()
    act.agency.post("/blocks", {"debt_account_id": ada.debt, "reason": "creditor_recall"})
    act.another_browser()
    act.comes_by(ada.link())
    act.says("accounts-none")
    act.look("accounts-none")
    act.choose("payments-title")
    act.says("payments-none")
    act.look("payments-none")
    expect(ada.blocks() == ["creditor_recall"], ada.blocks())


@scene(quick=(MOUSE, KEYBOARD, NO_SCRIPT))
def a_second_browser_is_asked_one_question(act):
    ada = act.agency.somebody()
    link = ada.link()
    act.another_browser()
    act.comes_by(link)
    act.title("accounts-title")
    act.another_browser()
    act.comes_by(link)
    act.title("check-title")
    act.sees_not("Ada", "123.45", "General Memorial", "Lovelace")
    act.look("check-birthday")
    act.says_birthday("1987-13-05")
    act.faults(month="check-birth-wrong")
    act.look("check-birthday-malformed")
    act.says_birthday("1987-06-06")
    act.faults(month=("check-wrong", {"left": 4}))
    act.look("check-birthday-wrong")
    act.open("/portal/accounts")
    act.title("refused-out-title")
    act.comes_by(link)
    act.says_birthday()
    act.title("accounts-title")
    act.sees("$123.45")
    expect((ada.owes(), ada.charges()) == (123_45, []), "something was paid")


@scene()
def other_questions_are_asked_of_whom_less_is_known(act):
    ada = act.agency.somebody()
    link = ada.link()
    act.another_browser()
    act.comes_by(link)
    for unknown, key, name, wrong, right in (("date_of_birth", "check-ssn", "check-social", "check-ssn-wrong", "0042"),
                                             ("ssn_last4", "check-zip", "check-zip", "check-zip-wrong", "12207")):
        act.agency.put(f"/customers/{ada.customer}", {unknown: None})
        act.another_browser()
        act.comes_by(link)
        act.look(name)
        act.write(key, "12")
        act.choose("check-go-on")
        act.faults(answer=wrong)
        act.look(f"{name}-wrong")
        act.write(key, right)
        act.choose("check-go-on")
        act.title("accounts-title")


@scene()
def five_wrong_answers_close_a_link(act):
    ada = act.agency.somebody()
    link = ada.link()
    act.another_browser()
    act.comes_by(link)
    first = act.page
    act.another_browser()
    act.comes_by(link)
    for _ in range(5):
        act.says_birthday("1987-06-06")
    act.title("closed-title")
    act.look("closed")
    act.comes_by(link)
    act.title("closed-title")
    act.sees_not("123.45")
    first.reload()
    expect("123.45" in first.content(), "who was in before is out")


@scene()
def whoever_wants_to_know_asks_everybody(act):
    careful = act.stage.agencies[stage.STRICT]
    ada = careful.somebody()
    act.another_browser()
    act.comes_by(ada.link())
    act.title("check-title")
    act.says_birthday()
    act.title("accounts-title")
    nobody = careful.post("/customers", {"name": "Nobody Known"})["id"]
    act.another_browser()
    act.comes_by(careful.session(customer_id=nobody))
    act.title("unknowable-title")
    act.look("unknowable")


@scene(quick=(NO_SCRIPT,))
def comes_in_without_a_link(act):
    phone = f"646-2{secrets.randbelow(80) + 20}-{secrets.randbelow(9_000) + 1_000}"
    ada = act.agency.somebody(phone=phone, ssn_last4="7731")
    act.another_browser()
    act.open(act.agency.get("/organization")["portal"]["log_in_path"] + "?by=phone_ssn_last4")
    act.title("log-in-title")
    act.look("log-in")
    act.write("log-in-phone", "646")
    act.write("log-in-ssn", "77")
    act.choose("check-go-on")
    act.faults(phone="log-in-phone-wrong", ssn="check-ssn-wrong")
    act.look("log-in-malformed")
    act.write("log-in-phone", phone)
    act.write("log-in-ssn", "7732")
    act.choose("check-go-on")
    act.faults(phone="log-in-wrong")
    act.sees_not("123.45", "Lovelace")
    act.look("log-in-wrong")
    act.write("log-in-ssn", "7731")
    act.choose("check-go-on")
    act.title("accounts-title")
    act.sees("$123.45")
    expect((ada.owes(), ada.charges()) == (123_45, []), "something was paid")


@scene(quick=(KEYBOARD,))
def logs_out(act):
    ada = act.agency.somebody()
    link = ada.link()
    act.another_browser()
    act.comes_by(link)
    act.choose("leave")
    act.title("left-title")
    act.sees_not("123.45", "Lovelace")
    act.look("left")
    act.page.go_back()
    act.sees_not("123.45", "General Memorial")
    act.open("/portal/accounts")
    act.title("refused-out-title")
    act.look("refused-out")
    act.comes_by(link)
    act.title("check-title")
    expect((ada.owes(), ada.blocks()) == (123_45, []), "to log out changed something")


@scene(quick=(MOUSE,))
def a_link_that_ran_out_lets_nobody_in(act):
    waters = act.stage.agencies[stage.CLOCK]
    ada, shop = waters.somebody(), act.stage.shop.origin
    bare, leads_away = (ada.link(expires_in=7_200, **more) for more in ({}, {"expiration_return_url": f"{shop}/over"}))
    inside, standing = act.another_browser(), act.hand
    act.comes_by(bare)
    away = act.another_browser()
    act.comes_by(leads_away)
    door = act.another_browser()
    act.open(leads_away)
    at_the_door = act.hand
    waters.advance(hours=2)
    act.page, act.hand = inside, standing
    inside.reload()
    act.title("over-title")
    act.sees_not("123.45")
    act.look("over")
    act.open(bare)
    act.title("dead-title")
    act.look("expired")
    away.reload()
    # A browser keeps the place on the page where somebody was.
    expect(away.url.partition("#")[0] == f"{shop}/over", f"{away.url} is where an expired session leads")
    # A form that is sent now: no browser follows it to another site, so a page says where to go on.
    act.page, act.hand = door, at_the_door
    act.choose("door-enter")
    act.title("dead-title")
    act.look("expired-with-a-way-on")
    act.choose("payment-go-on")
    expect(door.url == f"{shop}/over", f"{door.url} is where it goes on")
    act.open(re.sub(r"[^/]{8}$", "00000000", bare))
    act.title("dead-title")
    act.look("dead")
    expect(ada.owes() == 123_45, "something was paid")


@scene()
def a_form_whose_session_ended_leads_on_too(act):
    waters = act.stage.agencies[stage.CLOCK]
    ada, shop = waters.somebody(), act.stage.shop.origin
    act.another_browser()
    act.comes_by(ada.link(expires_in=7_200, expiration_return_url=f"{shop}/over"))
    waters.advance(hours=2)
    act.choose("leave")
    act.title("over-title")
    act.look("over-with-a-way-on")
    act.choose("payment-go-on")
    expect(act.page.url == f"{shop}/over", act.page.url)


@scene()
def what_is_not_there_is_told_alike_and_a_stale_form_does_nothing(act):
    ada = act.agency.somebody()
    link = ada.link()
    act.another_browser()
    act.open(link)
    act.page.context.clear_cookies()
    act.choose("door-enter")
    act.title("refused-form-title")
    act.says("door-cookie")
    act.look("door-without-cookies")
    act.comes_by(link)
    act.title("accounts-title")
    for path in (f"/portal/accounts/{stage.new_id()}", "/portal/accounts/x", "/portal/nowhere/at/all", "/portal"):
        act.open(path)
        act.title("refused-missing-title")
    act.look("missing")
    # A page that was opened before somebody else came in by the same browser.
    act.open("/portal/contact")
    page, hand = act.page, act.hand
    act.another_tab()
    act.open("/portal/accounts")
    act.choose("leave")
    act.comes_by(act.agency.somebody(first_name="Grace", last_name="Hopper").link())
    act.title("accounts-title")
    act.page, act.hand = page, hand
    act.choose("contact-save")
    act.title("refused-form-title")
    act.look("refused-form")
    expect(act.agency.get(f"/customers/{ada.customer}/preferences")["how"] is None, "the form was believed")
