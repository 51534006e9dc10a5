"""Scenes of hosted fields: a card or account is written in a page of somebody else's, which gets a token and nothing more."""

import contextlib
import json
import re
import urllib.parse

from act import expect, scene
from hands import KEYBOARD, MOUSE
from banking import ACCOUNT
from paying import VISA
from stage import Texts

#: A page in which there are fields has a script.
HANDS = (MOUSE, KEYBOARD)
#: Everything that a page is told.
HEARS = "if (self === top) { self.heard = []; addEventListener('message', e => heard.push(JSON.stringify(e.data))); }"
REFUSED = 'Framing .* violates the following Content Security Policy directive: "frame-ancestors'
BUTTON = "Get a token"


def goes_to_the_shop(act, shop, **more):
    """Opens the documentation's own page with fields; gives their frame."""
    act.page.add_init_script(HEARS)
    act.open(shop.with_fields(act.stage.origin, act.stage.house.key, **more))
    told(act, "Ready.")
    [frame] = [frame for frame in act.page.frames if frame.url.startswith(act.stage.origin)]
    return frame


@contextlib.contextmanager
def within(act, frame):
    """What somebody does meanwhile they do in the frame."""
    act.hand.view = frame
    yield
    act.hand.view = act.page


def told(act, words):
    """Waits until the page shows this."""
    found = act.page.locator("output", has_text=words if isinstance(words, re.Pattern) else re.compile(f"^{re.escape(words)}$"))
    found.wait_for()
    return found.inner_text()


def wrong(act, frame, **fields):
    """That the frame says this at these fields, the first of which has the focus."""
    for field, key in fields.items():
        words, at = act.t(key), frame.locator(f"#{field}-wrong")
        at.wait_for()
        described = frame.evaluate("id => document.getElementById(id).getAttribute('aria-describedby')", field)
        expect((at.inner_text(), f"{field}-wrong" in described) == (words, True), f"{field}: {at.inner_text()!r}, by {described!r}")
    expect(frame.locator("#told").inner_text() == act.t("faults"), frame.locator("#told").inner_text())
    expect(frame.evaluate("document.activeElement.id") == next(iter(fields)), "the focus is not at what is wrong")


def token_of(text):
    return re.search(r"qt_once_\w+", text)[0]


def page_was_told(act):
    """All that stands in the page around, and that it was told."""
    return act.page.content() + "\n".join(act.page.evaluate("heard"))


def page_knows_nothing_of(act, *numbers):
    """That what was written stands nowhere in the page around, nor in what it was told."""
    known = re.sub(r"[ -]", "", page_was_told(act))
    expect(not any(number in known for number in numbers), f"the page knows a number: {known}")
    events = {json.loads(one)["quittance"] for one in act.page.evaluate("heard")}
    expect({"ready", "height", "focus", "change", "error", "token"} <= events, f"the page heard of {events}")
    expect(act.page.context.cookies() == [], "a cookie was set")


@scene(quick=(KEYBOARD,), hands=HANDS)
def writes_a_card_in_a_page_of_the_agency_which_gets_a_token(act):
    ada = act.agency.somebody()
    act.another_browser()
    frame = goes_to_the_shop(act, act.stage.shop)
    with within(act, frame):
        act.writes_card("4242424242424241", holder="Ada Lovelace")
    act.hand.follow(BUTTON)
    told(act, act.t("faults"))
    wrong(act, frame, number="card-number-wrong")
    act.eye.look_within(act.page, frame, "hosted-card-wrong", act.hand)
    with within(act, frame):
        act.write("card-number", VISA)
    told(act, "All is filled in.")
    act.hand.follow(BUTTON)
    token = token_of(told(act, re.compile("^Visa ending in 4242: ")))
    page_knows_nothing_of(act, VISA, "4242424242424241")
    expect(frame.locator("#number").input_value() == "", "the number still stands in the frame")
    act.eye.look_within(act.page, frame, "hosted-card", act.hand)
    # The agency's own server pays with it, once.
    body = {"debt_account_id": ada.debt, "token": token, "amount": 50_00}
    charge = act.agency.post("/charges", body)["id"]
    again = act.agency.api.post("/charges", body)
    expect(again.status == 422 and "token" in again.json["errors"], again.text)
    expect((ada.owes(), ada.states()) == (73_45, [("succeeded", 50_00)]), ada.states())
    expect(ada.events(charge) == ["charge.created", "charge.completed"], ada.events(charge))


@scene(hands=HANDS)
def writes_a_bank_account_in_a_spanish_frame(act):
    ada = act.agency.somebody()
    act.t = Texts("es")
    act.another_browser()
    frame = goes_to_the_shop(act, act.stage.shop, type="bank", language="es")
    expect(frame.locator("html").get_attribute("lang") == "es", "the frame does not say that it is in Spanish")
    expect("light" in frame.locator("html").get_attribute("class").split(), "the frame is dark in a page that never is")
    act.eye.look_within(act.page, frame, "es-hosted-bank", act.hand)
    act.hand.follow(BUTTON)
    told(act, act.t("faults"))
    wrong(act, frame, holder="bank-holder-wrong", routing="bank-routing-wrong", account="bank-account-wrong", kind="bank-kind-wrong")
    act.eye.look_within(act.page, frame, "es-hosted-bank-wrong", act.hand)
    with within(act, frame):
        act.writes_account(ACCOUNT, kind="bank-savings", holder="Ada Lovelace")
    # Whoever is done presses Enter.
    act.page.keyboard.press("Enter")
    token = token_of(told(act, re.compile("^Account ending in 6789: ")))
    page_knows_nothing_of(act, ACCOUNT)
    kept = act.agency.post("/payment-methods", {"customer_id": ada.customer, "token": token, "type": "ach"})
    about = kept["bank_account"]
    expect((about["account_type"], about["account_holder"], about["routing_number"]) == ("savings", "Ada Lovelace", "110000000"), kept)
    expect((ada.owes(), ada.charges()) == (123_45, []), "something was charged")


@scene(quick=(MOUSE,), hands=(MOUSE,))
def no_page_frames_what_is_not_for_it(act):
    shop, stranger = act.stage.shop, act.stage.stranger
    link = act.agency.somebody().link()
    fields = f"{act.stage.origin}/portal/tokenizer/fields/{act.stage.house.key}/card?origin="
    for_the_shop = fields + urllib.parse.quote(shop.origin, safe="")
    act.another_browser(expected=REFUSED)
    act.comes_by(link)
    act.page.clock.install()
    for what, where in (("a page of the portal in an allowed page", shop.framing(f"{act.stage.origin}/portal/accounts")),
                        ("an allowed page's fields in another", stranger.framing(for_the_shop)),
                        ("fields in a page that nobody allows", stranger.with_fields(act.stage.origin, act.stage.house.key))):
        with act.page.expect_console_message(lambda message: re.search(REFUSED, message.text)):
            act.open(where)
        frame = act.page.locator("iframe").element_handle().content_frame()
        frame.wait_for_url(lambda url: url == "chrome-error://chromewebdata/")
        expect(not frame.locator("main").count(), f"{what} is shown")
    # The page that mounted them is told that there are none.
    act.page.clock.fast_forward(15_000)
    told(act, "The fields could not be loaded.")
    # Where it is for the page that frames it, it is shown.
    act.open(shop.framing(for_the_shop))
    act.page.frame_locator("iframe").locator("#number").wait_for()
