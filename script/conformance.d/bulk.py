"""Bulk: what the system of record sends in one piece."""

import csv
import io
import json

from cases import case, eventually, expect, has

IS, WHERE = "bulk", "/bulk/debt-accounts"


def done(world, answer):
    """What an operation comes to in the end."""
    operation = answer.is_(201).data["id"]
    def ended():
        told = world.get(f"/bulk/{operation}").is_(200).data
        return told["status"] in ("completed", "failed") and told
    return eventually("the operation's end", ended, seconds=60)


def item(world):
    return {
        "customer": {"name": "Jane Roe", "external_id": world.fresh("bc"), "address": {"line1": "1 Main St", "postal_code": "10001-1234"},
                     "metadata": {"key": "value"}},
        "location": {"name": world.fresh("Bank"), "external_id": world.fresh("bl")},
        "parent_debt_accounts": [],
        "debt_accounts": [{"external_id": world.fresh("bd"), "balance": 10_000, "current_balance": 9_000,
                           "billing_type": ["partial-payment"], "external_account_number": "A-1", "metadata": {"key": "value"}}],
    }


@case(IS, "D-bulk", "POST /bulk takes a list of customers with their accounts, and works by itself")
def _(world):
    one = item(world)
    told = done(world, world.post("/bulk", [one, item(world)]))
    expect((told["status"], told["failed"]) == ("completed", 0), told)
    debt = world.get(f"/debt-accounts/{one['debt_accounts'][0]['external_id']}").is_(200).data
    expect(debt["current_balance"] == 9_000 and debt["customer"]["external_id"] == one["customer"]["external_id"], debt)
    expect(debt["location"]["external_id"] == one["location"]["external_id"], debt["location"])


@case(IS, "D-bulk", "parents by themselves, and implicitly by parent_external_id: null")
def _(world):
    one = item(world)
    parent, implicit = world.fresh("bp"), world.fresh("bp")
    one["parent_debt_accounts"] = [{"external_id": parent}]
    one["debt_accounts"] = [
        {"external_id": world.fresh("bd"), "balance": 1_000, "parent_external_id": parent},
        {"external_id": implicit, "balance": 0, "parent_external_id": None},
        {"external_id": world.fresh("bd"), "balance": 2_000, "parent_external_id": implicit},
    ]
    told = done(world, world.post("/bulk", [one]))
    expect(told["failed"] == 0, world.get(f"/bulk/{told['id']}/errors").text)
    sums = [world.get(f"/debt-accounts/{which}").is_(200).data["balance"] for which in (parent, implicit)]
    expect(sums == [1_000, 2_000], sums)


@case(IS, "D-bulk", "1,000 customers, and not one more: 422")
def _(world):
    told = done(world, world.post("/bulk", [{"customer": {"name": "X", "external_id": world.fresh("bc")}} for _ in range(1_000)]))
    expect((told["created"], told["failed"]) == (1_000, 0), told)
    world.post("/bulk", [{"customer": {"name": "X"}}] * 1_001).is_(422)


@case(IS, "AE", "/bulk/debt_accounts, and its counts")
def _(world):
    customer = world.customer()["id"]
    body = {"debt_accounts": [{"customer_id": customer, "original_balance": 5_000, "external_id": world.fresh("bd")} for _ in range(3)]}
    first = world.post("/bulk/debt_accounts", body)
    has(first.is_(201).data, "id status total processed failed", "an operation")
    told = done(world, first)
    expect((told["total"], told["processed"], told["failed"]) == (3, 3, 0), told)
    world.post("/bulk/debt_accounts", {}).refuses("debt_accounts")


@case(IS, "ours", "a bad row is told with its position, and the others are taken")
def _(world):
    customer = world.customer()["id"]
    rows = [{"customer_id": customer, "balance": 1_000, "external_id": world.fresh("bd")} for _ in range(3)]
    rows[1]["balance"] = "much"
    told = done(world, world.post(WHERE, {"debt_accounts": rows}))
    expect((told["total"], told["processed"], told["failed"]) == (3, 3, 1), told)
    errors = world.get(f"/bulk/{told['id']}/errors").is_(200).data
    expect([(row["position"], list(row["errors"])) for row in errors] == [(2, ["balance"])], errors)
    table = world.get(f"/bulk/{told['id']}/errors?format=csv").is_(200)
    expect(table.headers["Content-Type"].startswith("text/csv") and len(table.text.strip().splitlines()) == 2, table.text)
    world.get(f"/debt-accounts/{rows[2]['external_id']}").is_(200)


@case(IS, "D-bulk", "everything of the sample: ZIP+4, another country, billing types, metadata, both balances")
def _(world):
    one = item(world)
    one["customer"]["address"] |= {"country": "CAN", "postal_code": "62701-0042"}
    one["customer"] |= {"email": "jane@example.com", "phone": "212-555-0123", "date_of_birth": "1980-02-03", "ssn_last4": "0042"}
    told = done(world, world.post("/bulk", [one]))
    expect(told["failed"] == 0, world.get(f"/bulk/{told['id']}/errors").text)
    customer = world.get(f"/customers/{one['customer']['external_id']}").is_(200).data
    place = customer["addresses"][0]
    expect((place["country"], place["postal_code"], customer["ssn"], customer["dob"])
           == ("CAN", "62701-0042", "***-**-0042", "1980-02-03"), customer)
    debt = world.get(f"/debt-accounts/{one['debt_accounts'][0]['external_id']}").is_(200).data
    expect((debt["billing_type"], debt["external_account_number"], debt["metadata"])
           == (["partial-payment"], "A-1", [{"attribute": "key", "value": "value"}]), debt)


@case(IS, "ours", "a body that is no list, or an empty one, is refused as a whole")
def _(world):
    world.post("/bulk", {"customer": {}}).is_(400)
    world.post("/bulk", []).is_(422)
    world.post("/bulk", {"a": 1}, form=True).is_(415)


@case(IS, "ours", "sent again by external_id: what differs is changed, and nothing else")
def _(world):
    one, other = item(world), item(world)
    done(world, world.post("/bulk", [one, other]))
    one["debt_accounts"][0]["external_status"] = "called"
    told = done(world, world.post("/bulk", [one, other]))
    expect((told["created"], told["updated"], told["unchanged"]) == (0, 1, 1), told)


for field, change in (("customer.email", lambda one: one["customer"].update(email="nobody")),
                      ("location.name", lambda one: one["location"].update(name="")),
                      ("debt_accounts.0.balance", lambda one: one["debt_accounts"][0].update(balance="much"))):
    for known in (False, True):
        @case(IS, "ours", f"a record of a {'known' if known else 'new'} location is applied as a whole or not at all, and {field} is named")
        def _(world, field=field, change=change, known=known):
            one = item(world)
            if known:
                world.made("/locations", one["location"])
            change(one)
            told = done(world, world.post("/bulk", [one]))
            expect(told["failed"] == 1, told)
            world.get(f"/customers/{one['customer']['external_id']}").is_(404)
            errors = world.get(f"/bulk/{told['id']}/errors").is_(200).data[0]["errors"]
            expect(field in errors, errors)


def rows(world, many=2):
    customer = world.once("owner", world.customer)["id"]
    return [{"external_id": world.fresh("bd"), "customer_id": customer, "balance": 1_000 + n} for n in range(many)]


def as_csv(accounts, comma=","):
    text = io.StringIO()
    table = csv.DictWriter(text, accounts[0].keys(), delimiter=comma)
    table.writeheader()
    table.writerows(accounts)
    return text.getvalue().encode()


def as_lines(accounts):
    return b"".join(json.dumps(account).encode() + b"\n" for account in accounts)


def sent(world, data, kind, query=""):
    return world.send("POST", f"{WHERE}{query}", data, **{"Content-Type": kind})


def arrived(world, told, accounts):
    """That all of them are there now."""
    expect((told["total"], told["created"], told["failed"]) == (len(accounts), len(accounts), 0), told)
    for account in accounts:
        expect(world.get(f"/debt-accounts/{account['external_id']}").is_(200).data["balance"] == int(account["balance"]), account)


WAYS = {
    "JSON": lambda w, all: w.post(WHERE, {"debt_accounts": all}),
    "a form": lambda w, all: w.post(WHERE, {"debt_accounts": all}, form=True),
    "lines of JSON": lambda w, all: sent(w, as_lines(all), "application/x-ndjson"),
    "a file of lines in a form": lambda w, all: w.upload(WHERE, as_lines(all), "new.ndjson", "application/x-ndjson"),
    "a table in a form": lambda w, all: w.upload(WHERE, as_csv(all), "new.csv", "text/csv"),
    "a table in Windows-1252": lambda w, all: sent(w, as_csv([{**one, "description": "café"} for one in all]).decode().encode("cp1252"),
        "text/csv"),
    **{f"a table, {name}": lambda w, all, comma=comma: sent(w, as_csv(all, comma), "text/csv")
       for name, comma in (("comma", ","), ("semicolon", ";"), ("pipe", "|"), ("tab", "\t"))},
}
for name, way in WAYS.items():
    @case(IS, "ours", f"debt accounts as {name}")
    def _(world, way=way):
        accounts = rows(world)
        arrived(world, done(world, way(world, accounts)), accounts)


@case(IS, "ours", "a table tells of the customer and the location too; an empty cell changes nothing; unknown columns are named")
def _(world):
    debt, customer = world.fresh("bd"), world.fresh("bc")
    one = {"external_id": debt, "balance": 1_000, "customer.external_id": customer, "customer.name": "Mary Shelley",
           "customer.address.line1": "1 Main St",
           "location.name": world.fresh("Bank"), "metadata.Desk No": "7", "rules.min_payment_amount": 500, "Nonsense": "x"}
    told = done(world, sent(world, as_csv([one]), "text/csv"))
    expect((told["failed"], told["ignored_columns"]) == (0, ["Nonsense"]), told)
    shown = world.get(f"/debt-accounts/{debt}").is_(200).data
    expect((shown["customer"]["external_id"], shown["location"]["name"], shown["rules"])
           == (customer, one["location.name"], {"min_payment_amount": 500}), shown)
    done(world, sent(world, as_csv([{"external_id": debt, "balance": "", "metadata.Desk No": "", "external_status": "called"}]), "text/csv"))
    shown = world.get(f"/debt-accounts/{debt}").is_(200).data
    expect((shown["balance"], shown["external_status"], shown["metadata"][0]["value"]) == (1_000, "called", "7"), shown)


@case(IS, "ours", "a broken line is told with its position, and the others are taken")
def _(world):
    one, other = rows(world)
    told = done(world, sent(world, as_lines([one]) + b"{broken\n" + as_lines([other]), "application/x-ndjson"))
    expect((told["created"], told["failed"]) == (2, 1), told)
    expect([row["position"] for row in world.get(f"/bulk/{told['id']}/errors").is_(200).data] == [2], "another position")


@case(IS, "ours", "a broken envelope is refused as a whole")
def _(world):
    for data, kind, status in ((b'{"debt_accounts": 7}', "application/json", 422),
                               (b'{"debt_accounts": [{"balance": 1}', "application/json", 400), (b"a,b\n1,2\n", "text/csv", 422),
                               (b"balance,balance\n1,2\n", "text/csv", 422), (b"balance\n", "text/csv", 422), (b"x", "image/png", 415),
                               (b"x" * (2 << 20), "application/x-ndjson", 413)):
        sent(world, data, kind).is_(status)


@case(IS, "ours", "the same bytes again are the earlier operation, unless force")
def _(world):
    text = as_lines(rows(world))
    first = done(world, sent(world, text, "application/x-ndjson"))
    again = sent(world, text, "application/x-ndjson").is_(201)
    expect((again.data["id"], again.headers["Idempotent-Replayed"]) == (first["id"], "true"), again.text)
    forced = done(world, sent(world, text, "application/x-ndjson", "?force=true"))
    expect(forced["id"] != first["id"] and forced["unchanged"] == 2, forced)


@case(IS, "ours", "control totals, beside the list, in the query and beside a file: where they are not met nothing is applied")
def _(world):
    accounts = rows(world)  # 1,000 and 1,001
    world.post(WHERE, {"debt_accounts": accounts, "total_rows": 3, "total_balance": 2_001}).refuses("total_rows")
    world.post(WHERE, {"debt_accounts": accounts, "total_rows": 2, "total_balance": 2_000}).refuses("total_balance")
    sent(world, as_csv(accounts), "text/csv", "?total_rows=1").refuses("total_rows")
    sent(world, as_csv(accounts), "text/csv", "?total_balance=1").refuses("total_balance")
    world.upload(WHERE, as_csv(accounts), total_rows=3).refuses("total_rows")
    world.get(f"/debt-accounts/{accounts[0]['external_id']}").is_(404)
    arrived(world, done(world, sent(world, as_csv(accounts), "text/csv", "?total_rows=2&total_balance=2001")), accounts)


@case(IS, "ours", "canceled it stops where it is; what has ended is not canceled")
def _(world):
    operation = sent(world, as_lines(rows(world, 4_000)), "application/x-ndjson").is_(201).data["id"]
    told = world.post(f"/bulk/{operation}/cancel", {})
    if told.status == 200:
        expect((told.data["status"], told.data["state"]) == ("failed", "canceled"), told.text)
        world.post(f"/bulk/{operation}/cancel", {}).is_(200)
    else:
        told.is_(400)  # it was quicker
    over = done(world, world.post(WHERE, {"debt_accounts": rows(world)}))["id"]
    world.post(f"/bulk/{over}/cancel", {}).is_(400)


@case(IS, "ours", "children may come before their parent in one file")
def _(world):
    parent, customer = world.fresh("bp"), world.once("owner", world.customer)["id"]
    accounts = [{"external_id": world.fresh("bd"), "customer_id": customer, "balance": balance, "parent_external_id": parent}
                for balance in (1_000, 2_000)]
    told = done(world, sent(world, as_lines([*accounts, {"external_id": parent, "customer_id": customer, "balance": 0}]), "application/x-ndjson"))
    expect(told["failed"] == 0 and world.owed(parent) == 3_000, world.get(f"/bulk/{told['id']}/errors").text)


for name in ("status", "type", "source"):
    def found(world, name=name):
        told = done(world, world.post(WHERE, {"debt_accounts": rows(world)}))
        every = world.get(f"/bulk?limit=500&{name}={told[name]}").is_(200).data
        expect(told["id"] in [row["id"] for row in every] and all(row[name] == told[name] for row in every), every)
        world.get(f"/bulk?{name}=asleep").is_(422)
    case(IS, "ours", f"the list by {name}")(found)


LATER, RULE = "import balance rule", "api-facts 6 (import balance rule); ours (the field's name)"
#: Of an account that was paid today: the file's last payment date, and whether the file's balance is taken.
TAKEN = {"none": (None, False), "earlier": (-1, False), "the same day": (0, True), "later": (1, True)}
for when, (ahead, is_taken) in TAKEN.items():
    @case(LATER, RULE, f"last_payment_date {when}: the balance is {'taken' if is_taken else 'kept, and counted; the rest is taken'}")
    def _(world, ahead=ahead, is_taken=is_taken):
        _, debt, method = world.payer(10_000)
        world.pay(debt, method, 4_000).is_(201)
        row = {"id": debt, "current_balance": 5_500, "external_status": "told"} | ({} if ahead is None else {"last_payment_date": world.day(ahead)})
        told = done(world, world.post(WHERE, {"debt_accounts": [row]}))
        shown = world.get(f"/debt-accounts/{debt}").is_(200).data
        expect((shown["current_balance"], told["balances_kept"]) == ((5_500, 0) if is_taken else (6_000, 1)), (shown["current_balance"], told))
        expect(shown["external_status"] == "told", "the rest is not taken")


@case(LATER, RULE, "an account that nobody paid takes the balance; overwrite_later_payments overwrites; a bad date is an error of its row")
def _(world):
    _, debt, method = world.payer(10_000)
    send = lambda more, **beside: done(world, world.post(WHERE, {"debt_accounts": [{"id": debt, **more}], **beside}))
    send({"current_balance": 8_000})
    expect(world.owed(debt) == 8_000, world.owed(debt))
    world.pay(debt, method, 1_000).is_(201)
    expect(send({"current_balance": 3_000, "last_payment_date": "yesterday"})["failed"] == 1, "taken")
    send({"current_balance": 3_000}, overwrite_later_payments=True)
    expect(world.owed(debt) == 3_000, world.owed(debt))


@case(LATER, RULE, "it holds in a list of customers too")
def _(world):
    customer, debt, method = world.payer(10_000)
    world.pay(debt, method, 4_000).is_(201)
    told = done(world, world.post("/bulk", [{"customer": {"id": customer}, "debt_accounts": [{"id": debt, "current_balance": 10_000}]}]))
    expect((world.owed(debt), told["balances_kept"]) == (6_000, 1), told)
