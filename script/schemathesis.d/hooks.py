"""What schemathesis cannot know: how our forms are written, and which refusals no schema can foretell."""

import json
import re
from urllib.parse import urlencode

import schemathesis
from schemathesis.transport.asgi import ASGI_TRANSPORT
from schemathesis.transport.requests import REQUESTS_TRANSPORT
from schemathesis.transport.wsgi import WSGI_TRANSPORT

# A body that fits its schema may be refused for these reasons, and for no other. Each is something JSON Schema
# cannot say: what is in the books, how two fields stand to each other, what a name has to look like inside.
REASONS = [
    r"^The selected .* is invalid\.$",  # a reference to something that is not there
    r"has already been taken\.$",
    r"prohibits .* from being (present\.$|anything but )",  # one of two
    r"must match [a-z ]+\.$",  # two names for one field, with different values
    r"^The token is not known here\.$",
    r"must be a US state\.$",
    r"^The down payment amount field must be less than the total amount\.$",  # which may be what is owed
    r"^This account groups others; ",  # which an account of the run may come to do
    r"must be a valid ",  # check digits, phone numbers, e-mail addresses, URLs
    r"must be between 1 and 12\.$",  # a month written as text
    r"must be a year of this century",
    r"must be a date (before|after|between)",
    r"must be (at least|between) \d+",  # a number written as text
    r"must not be greater than \d+",
    r"is required when [a-z ./]+ is present\.$",
    r"is required when lookup flow type is [a-z0-9_]+\.$",
    r"must match the parent account's customer\.$",
    r"must match the format Y-m-d",  # February 30 fits the format `date` of many generators
    r"must not be greater than the (current )?balance",
    r"The cursor field is invalid\.$",
    # The body as a whole: what we refuse to guess about.
    r"^The body has the same field twice\.$",
    r"^A field name has brackets that do not match\.$",
    r"^A field name has too many brackets\.$",
    r"^The form holds a NUL character\.$",
    r"^The body has a number with more digits than can be kept exactly\.$",
    r"^The body is not valid JSON: (a string holds a NUL character|an object has the same key twice)",
    r"^The .* field must be given only once\.$",
    r"^The query cannot be read\.$",
    r"^The body is no form that can be read\.$",
    r"^The location name field is required\.$",  # with an unknown location_id
    r"has a duplicate value\.$",
    r"^The amount field and the components must add up to the current balance",
    # A file that is no table, and a list or a form without records.
    r"^None of the columns is known\.",
    r"^The first row must name the columns",
    r"^Two columns stand for the same field",
    r"is never closed\.$",
    r"^The file is written in UTF-16\.",
    r"^The debt accounts field is required\.$",
    r"^The file field ",
    r"^The total (rows|balance) field is \d+, but ",
    r"^The body is not valid multipart/form-data\.$",
    r"^The account number has already been taken\.$",
    r"^The bank line ids field must be ",  # lines of several accounts, or several of each
    r"^The bank expectation ids field must ",  # of another account, or not as much as the line
    r"^line \d+, ",  # where in a file of statements
    # What was there cannot be taken away.
    r"^The ((first|last) )?name field is required\.$",
    r"^The (ach|bank account)\.account (holder|zip|state) field is required\.$",
    r"is prohibited for a (card|bank account)\.$",
    # A number has lost its leading zeros, and in a form it is text.
    r"^The postal code field must be 5 digits\.$",
    r"must be an origin like ",
    r"is not switched on for this organization",
    r"^The total (rows|balance) field is \d+, but",
    r"^The (debt accounts|file) field is required\.$",  # an empty list, an empty file
    r"^The body must have at least 1 item\.$",
    # What a text may name depends on what it is for.
    r"^The (subject|body) field names .*, which is not known here: ",
    r"is required when type is (email|sms)\.$",
    r"must be a (time zone|colour) like ",
    # The sandbox's time only goes forward, and not for ever.
    r"must be an instant such as ",
    r"must not be (before|more than) ",
    r"cannot be chosen: this environment's time is ",
    r"^Say how far with `to`",
    r"^This environment's time is .*, ahead of the world's",
    # What is there does not allow it: where the sandbox's time was moved on, plans have paid accounts off.
    r"^No payment can be taken on this account",
    r"must name an account of the customer\.$",
    r"^It has come to its end and cannot be (stopped|taken back) any more\.$",
    r"^The replay has come to its end already\.$",
    r"replays of this webhook are running already\.$",
    r"^The webhook is paused or not active; nothing is sent to it\.$",
    r"^The block was lifted; place another one\.$",
    r"a block of the kind .* is in force\.$",
    r"^This idempotency key was used for another request\.$",
    r"^Only a .* can be (canceled|refunded|voided)",
    r"^The payment method is not stopped\.$",
    r"^Only customers' keys are chosen by customer or by day\.$",
    r" cannot be deleted\.$",
    r" is under way\.$",
    r"[Tt]his account has accounts under it",
    r"cannot change while the account is nested\.$",
    r"^The status field must be upheld, rejected or withdrawn; an answer makes it answered\.$",  # unless it stands so
    r"^The body is not valid UTF-8\.$",  # bytes that a part of a form was made of
    r"^The subject field is prohibited: a text message has none\.$",
    r"^The subject field is required\.$",  # of an e-mail; a text message has none, and one schema is for both
    r"^The (subject|body) field .*once it is filled in\.$",  # what a template comes to with its samples
    r"^The fee rules field must end with a rule that has no conditions, and have no other one like it\.$",
    r"must not be less than min (age days|balance)\.$",
    r"^The selected location id is no (creditor|client: it has no terms)\.$",
    r"^(Whoever prepared a remittance cannot approve it: |This remittance |The trust account has )",
    r"^This bank account is closed\.$",
    r"^The cut offs(\.\d+)? field must be (a time|times) of the day",
    r"^The payment rules\.merchant category code field must be four digits\.$",  # empty takes it away
    r"^The (company|origin|destination)( name| id)? field is required\.$",  # the first time only
    r"^The (odfi|description) field is required\.$",
    r"^The body field must always hold \{\{ opt_out \}\}: ",  # of a template for customers
]
# A form cannot hold an empty object or list.
FORM_REASONS = [
    r"is required when none of [a-z /]+ are present\.$",
    r"^The convenient times\.\d+\.days field is required\.$",
]


def one_of(reasons):
    return re.compile("|".join(f"(?:{reason})" for reason in reasons))


REASON, FORM_REASON = one_of(REASONS), one_of(REASONS + FORM_REASONS)


@schemathesis.hook
def filter_case(_context, case):
    """Of a form, an unknown key of a nested object is put beside it instead of within, where it is ignored."""
    is_form = case.method.upper() == "PUT" and case.path == "/organization" and "form" in (case.media_type or "")
    return not is_form or case.meta is None or case.meta.generation.mode.is_positive


@schemathesis.check
def refused_for_a_reason(_context, response, case):
    """A request that fits its schema is accepted, or refused for a reason that no schema can foretell."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in (400, 413, 415, 422):
        return
    body = response.json()
    if body["errorCode"] in ("charge_declined", "refund_declined"):
        return
    said = [sentence for about in body["errors"].values() for sentence in about] or [body["error"]]
    reason = FORM_REASON if "form" in (case.media_type or "") else REASON
    odd = [sentence for sentence in said if not reason.search(sentence)]
    assert not odd, f"fits the schema, and is refused: {odd}"


def pairs(name, value):
    """Laravel's brackets: `card[number]=…`, `events[0]=…`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from pairs(f"{name}[{key}]", inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from pairs(f"{name}[{index}]", inner)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    else:
        yield name, "" if value is None else str(value)


def form(_context, value):
    if isinstance(value, dict):
        fields = [pair for name, inner in value.items() for pair in pairs(str(name), inner)]
        return {"data": urlencode(fields, errors="replace")}
    return {"data": value if isinstance(value, (str, bytes, type(None))) else json.dumps(value)}


for transport in (REQUESTS_TRANSPORT, ASGI_TRANSPORT, WSGI_TRANSPORT):
    transport.serializer("application/x-www-form-urlencoded")(form)
