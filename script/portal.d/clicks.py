"""Buttons that pay or agree on a plan, chosen two and three times: each once, in the books and at the processor."""

import itertools

from act import Act
from hands import Hand, NoScript
from paying import SAVED, VISA
from support import Short, wait_until

EACH = 1_00
#: A browser pays so often before another one goes on: the portal answers each 300 times a minute.
A_BROWSER = 15


def twice(page, button):
    button.dblclick()


def three_times(page, button):
    button.click(click_count=3)


def click_and_enter(page, button):
    button.focus()
    box = button.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.keyboard.press("Enter")


def enter_twice(page, button):
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")


def in_two_tabs(page, button):
    """The same form sent to a tab of its own, and here."""
    with page.context.expect_page():
        button.click(modifiers=["ControlOrMeta"])
    button.click()


def in_three_tabs(page, button):
    with page.context.expect_page():
        button.click(modifiers=["ControlOrMeta"])
    with page.context.expect_page():
        button.click(modifiers=["ControlOrMeta"])
    button.click()


WAYS = [twice, three_times, click_and_enter, enter_twice, in_two_tabs, in_three_tabs]


def arrives(tab, at):
    """Waits until a tab shows what was made: one way there ends where the next begins."""
    for _ in range(200):
        if at in tab.url:
            tab.wait_for_load_state()
            return
        tab.wait_for_timeout(50)
    raise Short(f"{tab.url} is shown, and not {at}")


def chosen(act, way, button, at):
    """Chooses a button more than once; gives the one thing that all tabs show afterwards."""
    page = act.page
    way(page, act.hand.found(button))
    for tab in page.context.pages:
        arrives(tab, at)
    shown = {tab.url for tab in page.context.pages}
    for tab in page.context.pages:
        if tab is not page:
            tab.close()
    if len(shown) != 1:
        raise Short(f"{way.__name__}: more than one is shown: {shown}")
    return shown.pop()


def pay(act, ada, way, by_card):
    """One payment, whose button is chosen more than once; all that is shown afterwards is that one."""
    act.open(f"/portal/accounts/{ada.debt}/pay")
    act.says_what_to_pay(EACH, None if by_card else SAVED)
    if by_card:
        act.writes_card(VISA)
    return chosen(act, way, act.t("review-pay", amount=act.t.money(EACH)), "/portal/payments/")


def agree(stage, browser, eye, kind, way):
    """One plan, whose button is chosen more than once."""
    ada = stage.agencies[0].somebody(saved="tok_visa")
    act = Act(stage, browser, eye, kind, ada.agency)
    act.another_browser()
    act.comes_by(ada.link())
    act.open(f"/portal/accounts/{ada.debt}/plan?often=weekly&amount=50&first={ada.agency.day(5)}")
    act.choose("check-go-on")
    shown = chosen(act, way, act.t("agree-button"), "/portal/plans/")
    act.end()
    plans = [plan["id"] for plan in ada.plans()]
    if [shown.rpartition("/")[2]] != plans:
        eye.wrong.append(f"double clicks: {way.__name__}: the plans {plans} were made, and {shown} is shown")


def play(stage, browser, eye, many):
    """Gives the row of the table; what is wrong is told to the eye."""
    ada = stage.agencies[0].somebody(owes=many * EACH + 5_00, saved="tok_visa")
    before, _ = stage.charged()
    shown = []
    for kind, share in ((Hand, many - many // 4), (NoScript, many // 4)):
        for way, n in zip(itertools.cycle(WAYS), range(share)):
            if n % A_BROWSER == 0:
                act = Act(stage, browser, eye, kind, ada.agency)
                act.another_browser()
                act.comes_by(ada.link())
            shown.append(pay(act, ada, way, by_card=n // len(WAYS) % 2 == 1))
            if n % A_BROWSER == A_BROWSER - 1 or n == share - 1:
                act.end()
    # What a tab that was closed had sent may still be on its way.
    wait_until("every charge's end", lambda: all(one["state"] == "succeeded" for one in ada.charges()), 60, 0.5)
    charges = ada.charges()
    after, most = stage.charged()
    figures = {"payments shown": len(set(shown)), "charges in the API": len(charges), "charges at the processor": after - before}
    for what, found in figures.items():
        if found != many:
            eye.wrong.append(f"double clicks: {found} {what}, not {many}")
    if most > 1:
        eye.wrong.append(f"double clicks: {most} charges under one key")
    if ada.owes() != 5_00:
        eye.wrong.append(f"double clicks: {ada.owes()} is owed and not 500")
    # Of plans in a quick run only some.
    plans = [(kind, way) for kind in (Hand, NoScript) for way in WAYS][: many // 6]
    for kind, way in plans:
        agree(stage, browser, eye, kind, way)
    return f"{many} payments, {len(charges)} charges, {after - before} at the processor, {len(plans)} plans"
