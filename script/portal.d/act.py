"""One performance of a scene: a browser, a hand, the people, and what is expected of them."""

import contextlib

from stage import BORN, Texts
from support import Short

#: Every scene, in the order in which they are played.
SCENES = []


def scene(quick=(), hands=None):
    """Registers the function below as a scene, which is called what its name says; a quick run has it with these hands."""
    def register(play):
        SCENES.append(Scene(play, quick, hands))
        return play
    return register


class Scene:
    def __init__(self, play, quick, hands):
        self.play, self.quick, self.hands = play, quick, hands
        self.name = play.__name__.replace("_", " ")

    def is_for(self, hand, is_quick):
        return (self.hands is None or hand.name in self.hands) and (not is_quick or hand.name in self.quick)


def expect(is_so, otherwise):
    if not is_so:
        raise Short(str(otherwise))


class Act:
    """What a scene has at hand."""

    def __init__(self, stage, browser, eye, hand, agency, language="en"):
        self.stage, self.browser, self.eye, self.kind = stage, browser, eye, hand
        self.agency, self.t = agency, Texts(language)
        self.hand = self.page = None
        self.kept = contextlib.ExitStack()

    def another_browser(self, locale="en-US", expected=None):
        """A browser that nobody has come in by, whose console may say what is expected; the scene goes on in it."""
        context = self.browser.new_context(
            base_url=self.stage.origin, java_script_enabled=self.kind.has_script, color_scheme=self.kind.scheme, locale=locale,
            viewport={"width": 1280, "height": 800}, accept_downloads=True,
        )
        self.kept.callback(context.close)
        self.eye.watch(context, self.kind.has_script, expected)
        return self._in(context)

    def another_tab(self):
        """A tab of the same browser; the scene goes on in it."""
        return self._in(self.page.context)

    def _in(self, context):
        self.page = context.new_page()
        self.hand = self.kind(self.page, self.eye)
        return self.page

    def end(self):
        self.kept.close()

    # What somebody does.

    def open(self, path):
        self.hand.open(path)

    def choose(self, key, **values):
        self.hand.choose(self.t(key, **values))

    def write(self, key, text):
        self.hand.write(self.t(key), text)

    def write_day(self, key, day):
        self.hand.write_day(self.t(key), day)

    def pick(self, key, **values):
        self.hand.pick(self.t(key, **values))

    def comes_by(self, link):
        """Opens a link, and chooses its button."""
        self.hand.open(link)
        self.choose("door-enter")

    def says_birthday(self, born=BORN):
        year, month, day = born.split("-")
        self.write("month", str(int(month)))
        self.write("day", str(int(day)))
        self.write("year", year)
        self.choose("check-go-on")

    def goes_to_account(self, name="General Memorial Hospital"):
        self.hand.choose(name)

    def begins_to_pay(self, person, amount=None, method=None):
        """From a new link on to the page that says what will happen; with a new card where no method is named."""
        self.comes_by(person.link_to_account(destination="account_checkout"))
        self.says_what_to_pay(amount, method)

    def says_what_to_pay(self, amount=None, method=None):
        if amount:
            self.pick("pay-part")
            self.write("pay-amount", f"{amount / 100:.2f}")
        self.hand.pick(method or self.t("pay-new-card"))
        self.choose("check-go-on")

    def writes_card(self, number, code="123", month="12", year="30", postal_code="12207", holder=None):
        if holder is not None:
            self.write("card-holder", holder)
        for key, text in (("card-number", number), ("month", month), ("year", year), ("card-code", code), ("card-zip", postal_code)):
            self.write(key, text)

    def writes_account(self, number, routing="110000000", kind="bank-checking", again=None, holder=None):
        if holder is not None:
            self.write("bank-holder", holder)
        if kind:
            self.pick(kind)
        for key, text in (("bank-routing", routing), ("bank-account", number), ("bank-again", again or number)):
            self.write(key, text)

    def pays(self, amount):
        self.choose("review-pay", amount=self.t.money(amount))

    # What is seen.

    def look(self, name):
        self.eye.look(self.page, name if self.t.language == "en" else f"{self.t.language}-{name}", self.hand)

    def title(self, key):
        """That the page is called so."""
        wanted = self.t(key)
        expect(self.page.locator("h1").inner_text() == wanted, f"the page is called {self.page.locator('h1').inner_text()!r}, not {wanted!r}")

    def sees(self, *texts):
        page = self.page.locator("body").inner_text()
        for text in texts:
            expect(text in page, f"{text!r} is not on {self.page.url}: {page[:600]}")

    def sees_not(self, *texts):
        page = self.page.content()
        for text in texts:
            expect(text not in page, f"{text!r} is on {self.page.url}")

    def says(self, key, **values):
        """That this is on the page."""
        self.sees(self.t(key, **values))

    def is_at(self, path):
        expect(path in self.page.url, f"this is {self.page.url}, not {path}")

    def faults(self, **fields):
        """That the summary names these fields with these words, and leads to each of them."""
        expect(self.page.title().startswith(self.t("fault-prefix")), f"the title is {self.page.title()!r}")
        for field, key in fields.items():
            words = self.t(key) if isinstance(key, str) else self.t(key[0], **key[1])
            self.hand.follow(words)
            focused = self.page.evaluate("document.activeElement.id")
            expect(focused == field, f"{words!r} leads to {focused!r}, not to {field!r}")
            at = self.page.locator(f"[id='{field}']")
            described = self.page.evaluate(
                "id => { const e = document.getElementById(id); const by = e.closest('[aria-describedby]');"
                " return by && by.getAttribute('aria-describedby').split(' ').map(i => document.getElementById(i).textContent).join(' '); }", field)
            expect(at.count() == 1 and words in (described or ""), f"{field} is not described by {words!r}, but by {described!r}")
