"""What is seen of every page: what the browser complains of, what axe finds, whether it fits, and pictures of it."""

import html
import re
import threading
import urllib.parse

from support import TARGET

#: Level A and AA of WCAG 2.2.
ALL = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
GALLERY = TARGET / "portal" / "pictures"

#: Violations of the policy are told to the console, where the browser's own complaints are too.
TELL = "addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));"
COLOURS = ["color-contrast", "link-in-text-block"]
#: Each frame is judged by itself.
AXE = "rules => axe.run(document, {...rules, resultTypes: ['violations'], iframes: false})"
#: How far a page can be scrolled sideways, and what sticks out most.
WIDE = """() => {
  const room = document.documentElement.clientWidth, too = document.documentElement.scrollWidth - room;
  if (too <= 0) return null;
  const out = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > room + 0.5);
  return `${too} px too wide: ${(out.pop() || document.body).outerHTML.slice(0, 100)}`;
}"""
#: Text twice as large, as who cannot read it otherwise sets it (WCAG 1.4.4).
LARGE = "size => { document.documentElement.style.fontSize = size; }"
#: Text with the room that some readers need (WCAG 1.4.12): a stylesheet of the reader's own, not of the page.
SPACED = """on => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }'
    + 'p { margin-bottom: 2em !important; }');
  document.adoptedStyleSheets = on ? [sheet] : [];
}"""


#: The pages and states that axe saw, in each colour scheme.
JUDGED = set()


class Eye:
    """Watches every context it is given, and looks at every page it is shown."""

    def __init__(self, stage, axe, is_first, is_quick):
        """Pages are the same on both engines: the first shows how they look at all sizes."""
        self.stage, self.axe, self.is_first, self.is_quick = stage, axe, is_first, is_quick
        self.wrong, self.stops, self.looks, self.judged, self.requests = [], 0, 0, 0, 0
        self.names, self.pictures, self.elsewhere, self.heard = set(), [], [], []
        self.lock = threading.Lock()

    def tell(self, page, what):
        """Something is wrong with what is shown."""
        line = f"{urllib.parse.urlsplit(page.url).path}: {what}"
        if line not in self.wrong:
            self.wrong.append(line)

    def watch(self, context, has_script=True, expected=None):
        """Watches a browser, whose console may say what is expected: that is kept."""
        context.set_default_timeout(20_000)
        if has_script:
            context.add_init_script(TELL)
        context.on("console", lambda message: self._complained(message, expected))
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("dialog", self._interrupted)
        context.on("weberror", lambda error: self.wrong.append(f"an error in a script: {error.error}"))

    def _complained(self, message, expected):
        if expected and re.search(expected, message.text):
            self.heard.append(message.text)
        # A page that refuses is a page; the browser notes its status all the same.
        elif message.type in ("error", "warning") and not re.match(r"Failed to load resource: the server responded with a status of 4", message.text):
            self.tell(message.page, f"the console says: {message.text}")

    def _interrupted(self, dialog):
        self.tell(dialog.page, f"a dialog: {dialog.message[:80]}")
        dialog.dismiss()

    def _asked(self, request):
        self.requests += 1
        origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(request.url))
        if origin in (self.stage.origin, "data://"):
            return
        # Only whoever chooses to goes anywhere else.
        self.elsewhere.append(request.url)
        if not (request.is_navigation_request() and origin in self.stage.places):
            self.wrong.append(f"something was asked for elsewhere: {request.url[:120]}")

    def _answered(self, response):
        if response.status >= 500:
            self.wrong.append(f"{response.status} at {urllib.parse.urlsplit(response.url).path}")

    def look(self, page, name, hand):
        """Looks at a page in a state that has this name."""
        self.looks += 1
        title = page.title()
        if not title:
            self.tell(page, "it has no title")
        if any(link in title for link in self.stage.links()):
            self.tell(page, "its title holds a link")
        if too := page.evaluate(WIDE):
            self.tell(page, too)
        if hand.has_script:
            self.judge(page, name, hand.scheme)
        if hand.name == "mouse" and name not in self.names:
            self.names.add(name)
            if self.is_first:
                self.at_all_sizes(page, name)

    def look_within(self, page, frame, name, hand):
        """Looks at a frame of ours in a page of somebody else's."""
        self.looks += 1
        size = page.viewport_size
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            # What a frame stands on in the dark axe cannot know: it has no ground of its own.
            self.judge(frame, name, scheme, ALL if scheme == "light" else {**ALL, "rules": {colour: {"enabled": False} for colour in COLOURS}})
            for where, room in (("phone", PHONE), ("desktop", DESKTOP)):
                page.set_viewport_size(room)
                self.fits(frame, where)
                if hand.name == "mouse" and self.is_first and not self.is_quick:
                    self.picture(page, name, f"{where}-{scheme}")
        page.emulate_media(color_scheme=hand.scheme)
        page.set_viewport_size({"width": 320, "height": 740})
        self.fits(frame, "320 px wide")
        page.set_viewport_size(size)

    def judge(self, page, name, scheme, rules=ALL):
        """What axe finds; in a quick run, once in each colour scheme."""
        if self.is_quick and (name, scheme) in JUDGED:
            return
        JUDGED.add((name, scheme))
        self.judged += 1
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(self.axe)
        for found in page.evaluate(AXE, rules)["violations"]:
            for node in found["nodes"]:
                self.tell(page, f"axe {found['id']}: {node['html'][:100]} ({node['failureSummary'].splitlines()[-1].strip()[:120]})")

    def at_all_sizes(self, page, name):
        size = page.viewport_size
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            if scheme == "dark":
                # All but colours is as it was in the light.
                self.judge(page, name, scheme, {"runOnly": {"type": "rule", "values": COLOURS}})
            for where, room in (("phone", PHONE), ("desktop", DESKTOP)) if not self.is_quick else ():
                page.set_viewport_size(room)
                self.picture(page, name, f"{where}-{scheme}")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 320, "height": 740})
        self.fits(page, "320 px wide")
        page.evaluate(SPACED, True)
        self.fits(page, "320 px wide, with spaced text")
        page.evaluate(SPACED, False)
        page.evaluate(LARGE, "200%")
        for width in (360, 640, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            self.fits(page, f"{width} px wide, with text twice as large")
        page.evaluate(LARGE, "")
        page.set_viewport_size(size)

    def fits(self, page, how):
        if too := page.evaluate(WIDE):
            self.tell(page, f"{how}: {too}")

    def picture(self, page, name, what):
        GALLERY.mkdir(parents=True, exist_ok=True)
        file = GALLERY / f"{name}-{what}.png"
        page.screenshot(path=file, full_page=True, caret="initial")
        self.pictures.append(file.name)


def contact_sheet(pictures):
    """All pictures on one page."""
    of = {}
    for file in pictures:
        name, where, scheme = file.removesuffix(".png").rsplit("-", 2)
        of.setdefault(name, []).append((where, scheme, file))
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>The portal, page by page</title>",
             "<style>body{font:1rem sans-serif;margin:1rem}figure{display:inline-block;margin:0 1rem 1rem 0;vertical-align:top}"
             "img{max-height:30rem;max-width:24rem;border:1px solid #888}</style><h1>The portal, page by page</h1>"]
    for name, shots in sorted(of.items()):
        parts.append(f"<h2>{html.escape(name)}</h2>")
        parts += [f'<figure><a href="pictures/{file}"><img loading=lazy src="pictures/{file}" alt="{name}, {where}, {scheme}"></a>'
                  f"<figcaption>{where}, {scheme}</figcaption></figure>" for where, scheme, file in shots]
    sheet = GALLERY.parent / "index.html"
    sheet.write_text("\n".join(parts))
    return sheet
