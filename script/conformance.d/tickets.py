"""Tickets: what customers ask, and what is answered."""

from cases import case, expect, parameters, shape

IS = "tickets"
LISTED = "id name email phone category subject status source is_read_by_customer is_read_by_organization last_activity_at resolved_at created_at"
CATEGORIES = ["other", "trouble-logging-in", "change-payment-plan-info", "need-info-about-my-account", "need-call-support"]


def ticket(world):
    return {"subject": "A question", "description": "What is this?", "customer_id": world.once("owner", world.customer)["id"]}


parameters(IS, "AE", "POST", lambda w: "/tickets", ticket, [
    ("subject", True, ["A question"], "subject", []),
    ("description", True, ["What is this?"], "description", []),
    ("customer_id", False, [], None, ["nobody"]),
    ("debt_account_id", False, [], None, ["nobody"]),
    ("category", False, CATEGORIES, "category", ["gossip"]),
])
parameters(IS, "ours", "PUT", lambda w: f"/tickets/{w.made('/tickets', ticket(w))['id']}", lambda w: {}, [
    ("status", False, ["open", "in_progress", "resolved", "closed"], "status", ["asleep"]),
    ("category", False, CATEGORIES, "category", ["gossip"]),
    ("subject", False, ["Another"], "subject", [""]),
])
shape(IS, "AE", "a ticket of the OpenAPI file", lambda w: w.made("/tickets", ticket(w)), "id subject description status created_at")
shape(IS, "D-tickets", "a listed ticket", lambda w: w.made("/tickets", ticket(w)) and w.get("/tickets?limit=1").is_(200).data[0],
      LISTED.replace("name email phone ", ""))
for name, words in (("status", "open in_progress resolved"), ("source", "collect guest"),
                    ("category", " ".join(CATEGORIES))):
    for word in words.split():
        def filtered(world, name=name, word=word):
            world.made("/tickets", ticket(world))
            rows = world.get(f"/tickets?{name}={word}").is_(200).data
            expect(all(row[name] == word for row in rows), "others are there too")
            world.get(f"/tickets?{name}[]={word}").is_(200)
        case(IS, "D-tickets", f"{name}={word}, alone and in a list")(filtered)


@case(IS, "D-tickets", "15 rows unless said; messages only in one ticket")
def _(world):
    made = world.made("/tickets", ticket(world))
    answer = world.get("/tickets").is_(200).json
    expect(int(answer["meta"]["per_page"]) == 15, answer["meta"])
    expect(all("messages" not in row for row in answer["data"]), "the list has messages")
    expect(len(world.get(f"/tickets/{made['id']}").is_(200).data["messages"]) == 1, "no first message")


@case(IS, "D-tickets", "several of a filter: those of any; another word is refused")
def _(world):
    for status in ("open", "resolved", "closed"):
        world.put(f"/tickets/{world.made('/tickets', ticket(world))['id']}", {"status": status}).is_(200)
    rows = {row["status"] for row in world.get("/tickets?limit=100&status[]=open&status[]=resolved").is_(200).data}
    expect(rows == {"open", "resolved"}, rows)
    for name in ("status", "source", "category"):
        world.get(f"/tickets?{name}=asleep").refuses(name)


@case(IS, "D-tickets", "a ticket holds its messages, its customer and its account")
def _(world):
    debt = world.debt()
    made = world.made("/tickets", {**ticket(world), "customer_id": debt["customer"]["id"], "debt_account_id": debt["id"]})
    told = world.get(f"/tickets/{made['id']}?include=customer,debt_account").is_(200).data
    expect((told["customer"]["id"], told["debt_account"]["id"]) == (debt["customer"]["id"], debt["id"]), told)
    expect([m["message"] for m in told["messages"]] == ["What is this?"], told["messages"])


@case(IS, "D-tickets", "the latest activity first")
def _(world):
    first, second = (world.made("/tickets", ticket(world))["id"] for _ in range(2))
    order = lambda: [row["id"] for row in world.get("/tickets?limit=2").is_(200).data]
    expect(order() == [second, first], order())
    world.post(f"/tickets/{first}/messages", {"message": "More."}).is_(201)
    expect(order() == [first, second], order())


@case(IS, "api-facts 6 (tickets); ours", "two ways: the organization answers, each reads, and it is resolved")
def _(world):
    path = f"/tickets/{world.made('/tickets', ticket(world))['id']}"
    made = world.get(path).is_(200).data
    expect((made["is_read_by_organization"], made["is_read_by_customer"], made["source"]) == (False, True, "api"), made)
    world.post(f"{path}/messages", {"message": "An invoice."}).is_(201)
    rows = world.get(f"{path}/messages").is_(200).data
    expect({row["author"] for row in rows} == {"customer", "organization"}, rows)
    expect(world.get(path).is_(200).data["is_read_by_customer"] is False, "read already")
    world.post(f"{path}/read", {"by": "customer"}).is_(200)
    expect(world.get(path).is_(200).data["is_read_by_customer"] is True, "not read")
    expect(world.put(path, {"status": "resolved"}).is_(200).data["resolved_at"] is not None, "no resolved_at")
    world.post(f"{path}/messages", {}).refuses("message")


for name in ("customer_id", "debt_account_id"):
    def of_somebody(world, name=name):
        debt = world.debt()
        made = world.made("/tickets", {**ticket(world), "customer_id": debt["customer"]["id"], "debt_account_id": debt["id"]})
        rows = [row["id"] for row in world.get(f"/tickets?{name}={made[name]}").is_(200).data]
        expect(rows == [made["id"]], rows)
    case(IS, "ours", f"the list by {name}")(of_somebody)
