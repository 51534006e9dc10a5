"""What lies with an account: documents, and the itemization of the debt."""

from cases import case, expect, has

IS, WHY = "documents", "api-facts 6 (disputes, documents); ours"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


def where(world):
    return f"/debt-accounts/{world.debt()['id']}/documents"


@case(IS, WHY, "uploaded as a form with a file, shown, read, listed and deleted")
def _(world):
    path = where(world)
    made = world.upload(path, PDF, "notice.pdf", "application/pdf", kind="validation_notice", visible_to_customer="1").is_(201).data
    has(made, "id customer_id debt_account_id kind name media_type bytes visible_to_customer created_at", "a document")
    expect((made["media_type"], made["bytes"], made["visible_to_customer"], made["name"]) == ("application/pdf", len(PDF), True,
        "notice.pdf"), made)
    content = world.get(f"/documents/{made['id']}/content").is_(200)
    expect(content.body == PDF and content.headers["Content-Type"] == "application/pdf", content.headers.items())
    expect(content.headers["Content-Disposition"].startswith("attachment"), content.headers.items())
    for listed in (path, f"/documents?debt_account_id={made['debt_account_id']}"):
        expect([row["id"] for row in world.get(listed).is_(200).data] == [made["id"]], listed)
    expect(world.delete(f"/documents/{made['id']}").is_(200).json["success"] is True, "no success")
    world.get(f"/documents/{made['id']}/content").is_(404)


for kind, data in {"application/pdf": PDF, "image/png": b"\x89PNG\r\n\x1a\n" + bytes(20), "image/jpeg": b"\xff\xd8\xff\xe0" + bytes(20),
                   "text/plain": b"A letter.\n"}.items():
    @case(IS, WHY, f"{kind} is told by its bytes, whatever its name says")
    def _(world, kind=kind, data=data):
        made = world.upload(where(world), data, "scan.exe", "application/x-msdownload").is_(201).data
        expect(made["media_type"] == kind, made["media_type"])


@case(IS, WHY, "what is no document is refused, and what is larger than 10 MiB")
def _(world):
    path = where(world)
    for data in (b"MZ\x90\x00\x03", b"PK\x03\x04", b"GIF89a\x00", b"", b"\x00\x01"):
        world.upload(path, data, "a.pdf", "application/pdf").refuses("file")
    world.upload(path, PDF + b"x" * (10 << 20), "a.pdf", "application/pdf").is_(413, 422)
    world.upload(path, PDF, "a.pdf", "application/pdf", kind="diary").refuses("kind")
    world.post(path, {"kind": "other"}).refuses("file")
    expect(world.get(path).is_(200).data == [], "something was kept")


@case(IS, WHY, "PUT changes what is said of it: kind, name, visible_to_customer")
def _(world):
    path = f"/documents/{world.upload(where(world), PDF).is_(201).data['id']}"
    for name, value in (("kind", "judgment"), ("name", "Notice"), ("visible_to_customer", True)):
        expect(world.put(path, {name: value}).is_(200).data[name] == value, name)
    world.put(path, {"kind": "diary"}).refuses("kind")


@case(IS, WHY, "those of a dispute are its account's too; a ticket has its own")
def _(world):
    debt = world.debt()
    dispute = world.made("/debt-account-disputes", {"debt_account_id": debt["id"]})["id"]
    proof = world.upload(f"/debt-account-disputes/{dispute}/documents", PDF).is_(201).data
    expect(proof["debt_account_dispute_id"] == dispute, proof)
    expect([row["id"] for row in world.get(f"/debt-accounts/{debt['id']}/documents").is_(200).data] == [proof["id"]], "not the account's")
    ticket = world.made("/tickets", {"subject": "A", "description": "B"})["id"]
    other = world.upload(f"/tickets/{ticket}/documents", PDF).is_(201).data
    expect([row["id"] for row in world.get(f"/tickets/{ticket}/documents").is_(200).data] == [other["id"]], "not the ticket's")


for name in ("customer_id", "debt_account_id", "debt_account_dispute_id", "kind", "visible_to_customer"):
    def found(world, name=name):
        dispute = world.made("/debt-account-disputes", {"debt_account_id": world.debt()["id"]})["id"]
        made = world.upload(f"/debt-account-disputes/{dispute}/documents", PDF, kind="contract").is_(201).data
        value = str(made[name]).lower()
        rows = [row["id"] for row in world.get(f"/documents?limit=500&{name}={value}").is_(200).data]
        expect(made["id"] in rows and (not name.endswith("_id") or rows == [made["id"]]), rows)
    case(IS, WHY, f"the list by {name}")(found)


ITEM = "itemization"
COMPONENTS = [
    {"kind": "interest", "date": "2026-02-28", "amount": 500},
    {"kind": "fee", "date": "2026-03-01", "amount": 2_500, "description": "Late fee"},
    {"kind": "payment", "date": "2026-04-01", "amount": 2_000},
    {"kind": "credit", "date": "2026-05-01", "amount": 1_000},
]


def said(amount=50_000, **more):
    return {"itemization_date_kind": "charge_off", "itemization_date": "2026-01-31", "amount": amount, "components": COMPONENTS, **more}


def itemized(world):
    customer, debt, method = world.payer(50_000)
    return f"/debt-accounts/{debt}/itemization", debt, method


@case(ITEM, "ours", "the amount on its date, with interest and fees and without payments and credits, is what is owed")
def _(world):
    path, _, _ = itemized(world)
    world.get(path).is_(404)
    world.put(path, said(50_001)).refuses("amount")
    told = world.put(path, said()).is_(200).data
    expect(told["totals"] == {"interest": 500, "fees": 2_500, "payments": 2_000, "credits": 1_000}, told["totals"])
    has(told, "itemization_date itemization_date_kind amount components recorded_balance since current_balance", "an itemization")


for kind in ("last_statement", "charge_off", "last_payment", "transaction", "judgment"):
    @case(ITEM, "ours", f"itemization_date_kind = {kind}")
    def _(world, kind=kind):
        told = world.put(itemized(world)[0], said(itemization_date_kind=kind)).is_(200).data
        expect(told["itemization_date_kind"] == kind, told)


@case(ITEM, "ours", "what is needed and what is wrong, field by field")
def _(world):
    path, _, _ = itemized(world)
    answer = world.put(path, {"itemization_date_kind": "birthday", "components": [{"kind": "gift", "date": "x", "amount": 0}]}).is_(422)
    has(answer.json["errors"], "itemization_date_kind itemization_date amount components.0.kind components.0.date components.0.amount", "errors")
    world.put(path, said(itemization_date=world.day(1))).refuses("itemization_date")
    world.put(path, said(components=[{"kind": "fee", "date": "2026-01-30", "amount": 1}], amount=49_999)).refuses("components.0.date")


@case(ITEM, "ours", "since: what the ledger says of later")
def _(world):
    path, debt, method = itemized(world)
    world.put(path, said()).is_(200)
    charge = world.pay(debt, method, 3_000).is_(201).data["id"]
    world.post(f"/charges/{charge}/refund", {"amount": 500}).is_(200)
    told = world.get(path).is_(200).data
    expect((told["since"]["payments"], told["since"]["payments_given_back"], told["current_balance"]) == (3_000, 500, 47_500), told)


@case(ITEM, "ours", "its date is chosen once, until it is withdrawn")
def _(world):
    path, _, _ = itemized(world)
    world.put(path, said()).is_(200)
    world.put(path, said(itemization_date_kind="judgment")).refuses("itemization_date")
    world.delete(path).is_(200)
    world.put(path, said(itemization_date_kind="judgment")).is_(200)
