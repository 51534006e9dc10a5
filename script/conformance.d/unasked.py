"""The rows of the sources that no case asks for, and why. `--list` prints them."""

from cases import unasked

FACTS = "api-facts"
LATER = "a plan's payments and a scheduled charge run on a day to come, which no request brings nearer"
SENT = "webhooks are kept and not yet delivered here; a case would have to be told what the receiver saw"
STAFF = "of the staff's console or the portal, and of no API"

for row, why in {
    "0 (stored excerpts, marks, version order)": "about the pages, not about a server",
    "1.1 older pages' phone as any string": "the newest page says US phone; a case asks that",
    "1.6 charged_at after success": LATER,
    "1.8 source guest and collect of a new ticket": "made by the public form and the portal; the API makes tickets of its own source",
    "1.9 the organization is e-mailed at the end": "what is sent by e-mail no answer shows",
    "1.10 Tratta Blocks, TrattaFields (pay.js)": "a JavaScript library and not a REST resource",
    "2 hosts api.tratta.io, sandbox-api.tratta.io": "older; one server is asked, at the URL that it is given",
    "3 delivery, success, timeout, retry, signature, payload; 8.16, 8.18": SENT,
    "4 where return_url and expiration_return_url lead in the end": "after a payment in the portal, and no sooner than a minute after a session was made",
    "5 IVR flow": "the call that starts it comes by telephone; /trigger asks the same",
    "6 scope": "integrations, users and permissions: the organization of a product, not of an API",
    "6 portal settings (colours, own domain, disclosures)": STAFF,
    "6 data exchange over SFTP": "files over SFTP; what is in them is asked for as bulk",
    "6 settlements: permissions of agents": STAFF,
    "6 refund and void of service fees": "there are no service fees here",
    "6 e-mail groups as columns of an import": "what a customer wants is set by PUT /customers/{id}/preferences, which is asked for",
    "6 campaigns": "e-mail to lists of recipients: of the console and of no API",
    "6 metadata payment rules": "set in the console; no field of any page names them",
    "6 abandoned checkout": "e-mail after a visit to the portal: of no API",
    "6 break plan": LATER,
    "6 language of notices": "what is sent no answer shows; the customer's language is asked for as a preference",
    "6 interest plans": "no page names the fields with which the API would take them",
    "6 card BIN check": "depends on the merchant account behind a server",
    "6 overpayment cut at run time": LATER,
    "6 analytics, Snowflake, other integrations": "unverified, and of no API",
    "6 blog list": "titles",
}.items():
    unasked(FACTS, row, why)
