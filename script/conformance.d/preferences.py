"""How a customer wants to be reached, and how the organization wants to be."""

from cases import case, expect, has, parameters

IS = "preferences"
EMAILS = "api-facts 6 (e-mail groups); ours"


def where(world):
    return f"/customers/{world.customer()['id']}/preferences"


parameters(IS, "ours", "PUT", where, lambda w: {}, [
    ("language", False, ["en", "es"], "language", ["fr"]),
    *[(f"channels.{way}", False, [True, False], f"channels.{way}", ["perhaps"]) for way in ("email", "sms", "phone", "mail")],
    ("addresses", False, [([{"channel": "phone", "address": "(212) 555-0101", "allowed": False}],
                           [{"channel": "phone", "address": "+12125550101", "allowed": False}])],
     "addresses", [[{"channel": "sms", "address": "nobody", "allowed": True}]]),
    ("convenient_times", False, [[{"days": ["monday", "friday"], "from": "09:00", "until": "17:30"}]], "convenient_times",
     [[{"days": ["someday"], "from": "09:00", "until": "17:30"}], [{"days": ["monday"], "from": "17:00", "until": "09:00"}]]),
])
parameters(IS, "ours", "PUT", where, lambda w: {"language": "es"}, [("how", False, ["phone call"], "how", [7])])
parameters(IS, EMAILS, "PUT", where, lambda w: {}, [
    ("transactional_emails_allowed", False, [False], "transactional_emails_allowed", ["perhaps"]),
    ("campaign_emails_allowed", False, [False], "campaign_emails_allowed", ["perhaps"]),
])


@case(IS, "ours", "before anything is said everything is allowed, in English")
def _(world):
    told = world.get(where(world)).is_(200).data
    has(told, "customer_id version language channels addresses convenient_times transactional_emails_allowed campaign_emails_allowed",
        "preferences")
    expect((told["language"], told["version"], set(told["channels"].values())) == ("en", 0, {True}), told)


@case(IS, "ours", "what is not sent stays, and every version is kept with how it was learned")
def _(world):
    path = where(world)
    world.put(path, {"language": "es", "how": "phone call"}).is_(200)
    told = world.put(path, {"channels": {"sms": False}}).is_(200).data
    expect((told["language"], told["channels"]["sms"], told["channels"]["email"], told["version"]) == ("es", False, True, 2), told)
    expect([row["how"] for row in world.get(f"{path}/history").is_(200).data] == ["api", "phone call"], "the history")


ORG = "organization"


@case(ORG, "ours", "the settings of the token's environment")
def _(world):
    told = world.get("/organization").is_(200).data
    has(told, "id environment name time_zone week_start brand allowed_origins payment_rules lookup", "the organization")
    has(told["payment_rules"], "min_payment_amount payment_plans_enabled payment_plan_max_days_until_start_date unscheduled_payment_plan_editable "
        "settlement_max_discount_percent settlement_max_months", "its rules")


@case(ORG, "ours", "what is not sent stays; what is wrong is said field by field and changes nothing")
def _(world):
    before = world.get("/organization").is_(200).data
    wrong = {"name": "", "time_zone": "Mars/Olympus", "week_start": "someday", "payment_rules": {"min_payment_amount": 99},
             "lookup": {"flows": ["shoe_size"]}}
    named = world.put("/organization", wrong).is_(422).json["errors"]
    expect({field.split(".")[0] for field in named} == wrong.keys(), sorted(named))
    world.put("/organization", {}).is_(200)
    after = world.get("/organization").is_(200).data
    expect({**before, "updated_at": 0} == {**after, "updated_at": 0}, after)


@case(ORG, "api-facts 6 (portal settings); ours", "the brand: logo, colour and how to reach it, shown by a link that was sent")
def _(world):
    before = world.get("/organization").is_(200).data["brand"]
    brand = {"logo_url": "https://agency.example/logo.png", "primary_color": "#0b4f9e", "support_email": "help@agency.example",
             "support_phone": "+12125550100"}
    told = world.put("/organization", {"brand": brand}).is_(200).data["brand"]
    expect({key: told[key] for key in brand} == brand, told)
    page = world.open(world.made("/customer-sessions", {"customer_id": world.customer()["id"]})["portal_url"]).is_(200).text
    expect("help@agency.example" in page and "Lovelace" not in page, page)
    world.put("/organization", {"brand": before}).is_(200)
