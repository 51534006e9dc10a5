"""Exports: everything that has a list, in one piece."""

import csv
import io
import json

from bulk import as_csv, done, sent
from cases import case, expect

IS = "exports"
#: Every export, and the list that it is of, where that has the same order.
EXPORTS = {"customers": "/customers", "addresses": None, "locations": "/locations", "debt-accounts": "/debt-accounts",
           "payment-methods": "/payment-methods",
           "charges": "/charges", "transactions": "/transactions", "payment-plans": "/payment-plans",
           "settlement-offers": "/settlement-offers", "customer-sessions": "/customer-sessions", "tickets": None, "blocks": "/blocks",
           "debt-account-disputes": "/debt-account-disputes", "documents": "/documents",
           "ach-files": "/ach-files", "ach-notices": "/ach-notices", "messages": "/messages", "message-templates": "/message-templates", "webhooks": "/webhooks", "bulk": "/bulk",
           "bank-accounts": "/bank-accounts", "bank-statements": "/bank-statements", "bank-lines": "/bank-lines",
           "bank-expectations": "/bank-expectations",
           "client-terms": "/client-terms", "remittances": "/remittances", "trust-deposits": "/trust-deposits"}
for name, of in EXPORTS.items():
    @case(IS, "ours", f"{name}: as a table and as lines, the same rows, newest first")
    def _(world, name=name, of=of):
        world.once("something", world.payer)
        path = f"/bulk/exports/{name}?start_date={world.day(0)}"
        as_table, lines = world.get(path).is_(200), world.get(f"{path}&format=ndjson").is_(200)
        expect(as_table.headers["Content-Type"].startswith("text/csv") and name in as_table.headers["Content-Disposition"],
               as_table.headers.items())
        ids = [row["id"] for row in csv.DictReader(io.StringIO(as_table.text))]
        expect(ids == [json.loads(line)["id"] for line in lines.text.splitlines()], "the lines are others")
        expect(not of or ids[:5] == [row["id"] for row in world.get(f"{of}?limit=5").is_(200).data][: len(ids)], "other rows than the list's")
        world.get(f"/bulk/exports/{name}?format=xlsx").is_(422)
        world.get(f"/bulk/exports/{name}?start_date=soon").is_(422)


@case(IS, "ours", "GET /bulk/exports lists them with their columns")
def _(world):
    told = {row["name"]: row["columns"] for row in world.get("/bulk/exports").is_(200).data}
    expect(told.keys() == EXPORTS.keys() and all(told.values()), sorted(told))


@case(IS, "ours", "text that a spreadsheet takes for a formula begins with an apostrophe; what was written can be sent back")
def _(world):
    world.debt(description="=1+1")
    path = f"/bulk/exports/debt-accounts?start_date={world.day(0)}"
    written = world.get(path).is_(200).text
    expect("'=1+1" in written, "no apostrophe")
    table = list(csv.DictReader(io.StringIO(written)))[:1]
    told = done(world, sent(world, as_csv(table), "text/csv", "?force=true"))
    expect((told["unchanged"], told["failed"]) == (1, 0), told)
