"""Pages elsewhere, of other people's servers."""

import html
import http.server
import threading
import urllib.parse

import support

#: A host that browsers are told to find on this machine.
STRANGER = "stranger.example"
THANKS = "<!doctype html><html lang=en><title>Shop</title><link rel=icon href=data:,><h1>Thank you</h1></html>"
#: The page of the documentation that holds hosted fields.
EXAMPLE = support.ROOT / "crates/portal/examples/hosted-fields.html"


class Shop:
    """A place elsewhere: an organization sends its customers back to it, and it may have hosted fields. It keeps every request."""

    def __init__(self, name):
        shop, self.asked = self, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                shop.asked.append((self.path, dict(self.headers)))
                page = shop.page(urllib.parse.urlsplit(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://{name}:{self.server.server_address[1]}"

    @staticmethod
    def page(asked):
        if asked.path == "/hosted-fields.html":
            return EXAMPLE.read_text()
        if asked.path == "/frames":
            what = html.escape(urllib.parse.parse_qs(asked.query)["what"][0])
            return THANKS.replace("<h1>", f'<iframe title="Framed" src="{what}"></iframe><h1>')
        return THANKS

    def with_fields(self, server, key, **more):
        """The address of the page with hosted fields of this server."""
        return f"{self.origin}/hosted-fields.html?{urllib.parse.urlencode({'server': server, 'key': key, **more})}"

    def framing(self, what):
        return f"{self.origin}/frames?{urllib.parse.urlencode({'what': what})}"
