"""Ways in which somebody uses a page: with a mouse, with the keyboard alone, and in a browser without JavaScript.

A scene says what somebody does; a hand knows how. What is named is named as people and screen readers know it: by the words on a
button, a link or beside a field.
"""

import re

from support import Short

#: What the hands are called.
MOUSE, KEYBOARD, NO_SCRIPT = "mouse", "keyboard", "no JavaScript"

#: What has the keyboard's focus, whether that can be seen, and where the next stop would be lost.
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  if (e.localName === 'iframe') return {within: true};
  // The button of its own that a browser puts into a field has a ring of its own, too, which nobody can be asked for.
  if (e.type === 'date' && !e.matches(':focus-visible')) return null;
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const ground = start => {
    for (let at = start; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return parts(getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches
      ? 'rgb(0, 0, 0)' : 'rgb(255, 255, 255)');
  };
  const light = ([r, g, b]) => {
    const linear = [r, g, b].map(c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05;
  };
  const inside = parseFloat(style.outlineOffset) < 0;
  const [one, other] = [light(parts(style.outlineColor)), light(ground(inside ? e : e.parentElement))];
  return {
    what: e.outerHTML.slice(0, 120),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    contrast: Math.max(one, other) / Math.min(one, other),
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""

HAS_FOCUS = "e => e === document.activeElement"
#: Whether somebody is at the top of a page, and this is in what the page is about.
SKIPS = "e => document.activeElement === document.body && e.closest('main') !== null && document.querySelector('.skip') !== null"

#: No page has so many stops.
FAR = 120


class Hand:
    """A mouse."""

    name, has_script, scheme = MOUSE, True, "light"

    def __init__(self, page, eye):
        self.page, self.eye = page, eye
        #: Where things are looked for: on the page, or in a frame of it.
        self.view = page

    def open(self, url):
        self.page.goto(url)

    def found(self, name):
        """The button or link of this name."""
        either = self.view.get_by_role("button", name=name, exact=True).or_(self.view.get_by_role("link", name=name, exact=True))
        if not either.count():
            raise Short(f"no button and no link is called {name!r} on {self.page.url}: {self.page.title()}")
        return either.first

    def choose(self, name):
        """Goes where a button or a link of this name leads."""
        one = self.found(name)
        self.reach(one)
        with self.page.expect_navigation():
            self.press(one)

    def reach(self, one):
        """A mouse is there by itself."""

    def press(self, one):
        one.click()

    def write(self, label, text):
        self.put(self.view.get_by_label(label, exact=True), text)

    def put(self, field, text):
        field.click()
        field.fill(text)

    def write_day(self, label, day):
        self.view.get_by_label(label, exact=True).fill(day.isoformat())

    def pick(self, label):
        """One of several that exclude each other."""
        self.view.get_by_role("radio", name=label, exact=True).click()

    def mark(self, label, wanted):
        """A box whose name begins so."""
        box = self.view.get_by_role("checkbox", name=re.compile("^" + re.escape(label)))
        if box.is_checked() != wanted:
            self.press(box)

    def unfold(self, words):
        self.press(self.view.locator("summary", has_text=words))

    def follow(self, name):
        """A link to a place on the same page."""
        self.press(self.found(name))


class NoScript(Hand):
    """A mouse, in a browser whose JavaScript is off."""

    name, has_script = NO_SCRIPT, False


class Keyboard(Hand):
    """Tab, the arrows, the space bar, Enter and letters: nothing else."""

    name, scheme = KEYBOARD, "dark"

    def reach(self, one):
        """Goes from stop to stop until it is there; in a quick run past what stands above every page, by the link for that."""
        handle = one.element_handle()
        if self.eye.is_quick and handle.evaluate(SKIPS):
            self.page.keyboard.press("Tab")
            self.stop()
            self.page.keyboard.press("Enter")
        for _ in range(FAR):
            if self.is_at(handle):
                return
            self.page.keyboard.press("Tab")
            self.stop()
        raise Short(f"the keyboard does not reach {one} on {self.page.url}")

    def is_at(self, handle):
        if not handle.evaluate(HAS_FOCUS):
            return False
        frame = handle.owner_frame()
        return frame.parent_frame is None or self.is_at(frame.frame_element())

    def stop(self):
        """Where the keyboard is now must be seen."""
        frame = self.page.main_frame
        focus = frame.evaluate(FOCUS)
        while focus and "within" in focus:
            frame = frame.evaluate_handle("document.activeElement").as_element().content_frame()
            focus = frame.evaluate(FOCUS)
        # How others' pages look is theirs.
        if focus and frame.url.startswith(self.eye.stage.origin):
            self.eye.stops += 1
            if not (focus["ring"] and focus["seen"]):
                self.eye.tell(self.page, f"the focus is not seen at {focus['what']}")
            elif focus["contrast"] < 3:
                self.eye.tell(self.page, f"the focus has a contrast of {focus['contrast']:.2f} at {focus['what']}")

    def press(self, one):
        self.reach(one)
        kind = one.evaluate("e => e.type || e.localName")
        self.page.keyboard.press("Space" if kind == "checkbox" else "Enter")

    def put(self, field, text):
        self.reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def write_day(self, label, day):
        field = self.view.get_by_label(label, exact=True)
        self.reach(field)
        self.page.keyboard.type(f"{day:%m%d%Y}")
        if field.input_value() != day.isoformat():
            raise Short(f"{label!r} holds {field.input_value()!r} after {day} was typed")

    def pick(self, label):
        wanted = self.view.get_by_role("radio", name=label, exact=True)
        group = self.view.locator(f"input[type=radio][name='{wanted.get_attribute('name')}']")
        checked = group.and_(self.view.locator(":checked"))
        # Of a group the keyboard stops at the one that is chosen, else at the first.
        self.reach(checked.first if checked.count() else group.first)
        if not wanted.is_checked():
            self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
            self.stop()
        raise Short(f"the arrows do not reach {label!r} on {self.page.url}")


HANDS = [Hand, Keyboard, NoScript]
