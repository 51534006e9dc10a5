"""Both spellings over one domain: the OpenAPI file's words and the guides'."""

from cases import case, expect, has

IS, SOURCE = "both spellings", "AE; api-facts 8.1"


@case(IS, SOURCE, "a customer by first_name and last_name, or by name, is the same to both")
def _(world):
    made = world.made("/customers", {"first_name": "Grace", "last_name": "Hopper", "email": "grace@example.com", "phone": "212-555-0199"})
    has(made, "id first_name last_name email phone created_at updated_at", "a customer")
    expect(made["name"] == "Grace Hopper", made["name"])
    other = world.made("/customers", {"name": "Grace Brewster Hopper"})
    expect((other["first_name"], other["last_name"]) == ("Grace Brewster", "Hopper"), other)
    world.post("/customers", {"first_name": "Grace"}).refuses("last_name")
    expect(world.put(f"/customers/{made['id']}", {"last_name": "Murray"}).is_(200).data["name"] == "Grace Murray", "the name")


@case(IS, SOURCE, "an account, a method, a charge and its transaction, all in the OpenAPI file's words")
def _(world):
    customer = world.customer()["id"]
    debt = world.made("/debt_accounts", {"customer_id": customer, "account_number": "A-77", "original_balance": 8_000, "description": "An invoice"})
    has(debt, "id customer_id account_number original_balance current_balance status created_at", "an account")
    method = world.made("/payment_methods", {"type": "card", "token": "tok_visa", "customer_id": customer})
    has(method, "id type last_four brand expiry_month expiry_year created_at", "a method")
    charge = world.made("/charges", {"amount": 8_000, "payment_method_id": method["id"], "debt_account_id": debt["id"], "description": "All of it"})
    has(charge, "id amount status payment_method_id debt_account_id created_at", "a charge")
    expect(charge["status"] == "completed", charge["status"])
    paid = world.get(f"/debt_accounts/{debt['id']}").is_(200).data
    expect((paid["status"], paid["current_balance"]) == ("resolved", 0), paid["status"])
    expect(world.get(f"/debt-accounts/{debt['id']}").is_(200).data["status"] == "paid_off", "the guide's word")
    row = world.get(f"/transactions?charge_id={charge['id']}").is_(200).data[0]
    has(row, "id amount type status charge_id created_at", "a transaction")
    expect((row["type"], row["status"], row["payment_source"]) == ("payment", "completed", "api"), row)


@case(IS, SOURCE, "a method is shown and deleted under an underscore")
def _(world):
    path = f"/payment_methods/{world.made('/payment_methods', {'type': 'card', 'token': 'tok_amex', 'customer_id': world.customer()['id']})['id']}"
    has(world.get(path).is_(200).data, "id type last_four brand", "a method")
    world.delete(path).is_(200)
    world.get(path).is_(404)


@case(IS, SOURCE, "aliases say the same; both and unequal is refused")
def _(world):
    customer = world.once("owner", world.customer)["id"]
    make = lambda **more: world.post("/debt-accounts", {"customer_id": customer, **more})
    told = make(original_balance=1_000, account_number="A-1").is_(201).data
    expect((told["balance"], told["original_balance"], told["external_account_number"], told["account_number"])
           == (1_000, 1_000, "A-1", "A-1"), told)
    make(original_balance=1_000, balance=1_000).is_(201)
    make(original_balance=1_000, balance=1_001).is_(422)
    plan = world.made("/payment-plans", {"debt_account_external_id": told["external_id"] or told["id"], "installment_amount": 500,
                                         "frequency": "biweekly", "start_date": world.day(3)})
    expect((plan["amount"], plan["installment_amount"], plan["frequency"]) == (500, 500, "every_other_week"), plan)


#: The words of the path with an underscore, and what they mean exactly.
WORDS = {"active": ("active", "active"), "closed": ("closed", "closed"), "resolved": ("paid_off", "resolved"),
         "locked": ("locked", "active"), "archived": ("archived", "closed")}
for word, (exact, coarse) in WORDS.items():
    @case(IS, "ours", f"every word is taken on every path: status {word}")
    def _(world, word=word, exact=exact, coarse=coarse):
        for path in ("/debt-accounts", "/debt_accounts"):
            owed = 0 if word == "resolved" else 1_000
            made = world.made(path, {"customer_id": world.once("owner", world.customer)["id"], "balance": 1_000,
                                     "current_balance": owed, "status": word})
            expect((made["state"], made["status"]) == (exact, coarse if "_" in path else exact), (path, made["state"], made["status"]))


for hyphen, underscore in (("debt-accounts", "debt_accounts"), ("payment-plans", "payment_plans"),
                           ("payment-methods", "payment_methods"), ("customer-sessions", "customer_sessions"),
                           ("settlement-offers", "settlement_offers"), ("debt-account-disputes", "debt_account_disputes")):
    @case(IS, "ours", f"/{hyphen} and /{underscore} list the same")
    def _(world, hyphen=hyphen, underscore=underscore):
        world.once("something", world.payer)
        ids = [[row["id"] for row in world.get(f"/{path}?limit=20").is_(200).data] for path in (hyphen, underscore)]
        expect(ids[0] == ids[1], ids)


@case(IS, "AE; ours (what is left out)", "what the OpenAPI file types is never null")
def _(world):
    customer = world.made("/customers", {"name": "Cher"})
    debt = world.made("/debt_accounts", {"customer_id": customer["id"], "original_balance": 1})
    for thing, keys in ((customer, "first_name last_name email phone"), (debt, "account_number")):
        nulls = [key for key in keys.split() if key in thing and thing[key] is None]
        expect(not nulls, f"null: {nulls}")
