"""What the networks make of a refusal: the tables of docs/NETWORK-RULES.md, and those of the sandbox's docs/SANDBOX.md, read."""

import datetime
import re

#: In the order of their strictness.
RETRIES = ["never", "ask", "reauthorize", "new_details", "after"]
LIFTS = ["nothing", "person", "reauthorization", "new_details"]


def cells(line):
    return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]


class Verdict:
    def __init__(self, kind, retry, hours, lift):
        self.kind, self.retry, self.hours, self.lift = kind, retry, hours, lift


class Limit:
    def __init__(self, network, kind, attempts, hours, by):
        self.network, self.kind, self.attempts, self.by = network, kind, attempts, by
        self.within = datetime.timedelta(hours=hours)


class Rules:
    """Asked by the day of the refusal."""

    def __init__(self, docs):
        self.codes, self.advice, self.limits = [], [], []
        section = ""
        for line in (docs / "NETWORK-RULES.md").read_text(encoding="utf-8").splitlines():
            section = line if line.startswith("### ") else section
            row = cells(line)
            if not line.startswith("| ") or row[0] in ("network", "code"):
                continue
            if "advice" in section or "Returns" in section or "Response" in section:
                (self.advice if "advice" in section else self.codes).append(self.row(row))
            elif "How often" in section:
                kind = None if row[1] == "all" else row[1]
                self.limits.append(Limit(row[0], kind, int(row[2]), int(row[3].removesuffix(" h")), row[4]))
        self.sandbox = Sandbox(docs)

    @staticmethod
    def row(row):
        network, code, _, kind, retry, lift, _, since, until = row[:9]
        hours = re.fullmatch(r"after (\d+) h", retry)
        lift = lift if lift in LIFTS else None
        verdict = Verdict(kind, retry.split()[0], int(hours[1]) if hours else None, lift)
        return network, code, since, until or "9999-12-31", verdict

    @staticmethod
    def found(rows, network, code, day):
        day = day.isoformat()
        return next((v for n, c, since, until, v in rows if (n, c) == (network, code) and since <= day <= until), None)

    def verdict(self, network, code, advice, day):
        """Of a response code and an advice code the stricter decides; what both allow may be tried again after the longer wait."""
        one = self.found(self.codes, network, code, day)
        if one is None and network != "ach":
            one = self.found(self.codes, "any", code, day)
        one = one or Verdict("unknown", "ask", None, "person")
        other = advice and self.found(self.advice, network, advice, day)
        if not other:
            return one
        first = other if RETRIES.index(other.retry) < RETRIES.index(one.retry) else one
        lifts = [lift for lift in LIFTS if lift in (one.lift, other.lift)]
        hours = [hours for hours in (one.hours, other.hours) if hours]
        return Verdict(first.kind, first.retry, max(hours, default=None), lifts[0] if lifts else None)

    def limits_on(self, network, kind):
        return [limit for limit in self.limits if limit.network == network and limit.kind in (None, kind)]


class Does:
    """What the sandbox does with one charge."""

    def __init__(self, about):
        self.declines = about.startswith("declined")
        self.returns = "returned" in about or "charged back" in about
        #: How many days after it settled; 0 instead.
        late = re.search(r"(\d+|a) days? later|(a) day after settlement", about)
        self.late = int((late[1] or late[2]).replace("a", "1")) if late else 0
        self.code = self.network_code = self.advice = None
        coded = re.search(r"`(\w+)` \((\w+\.?\w*)(?:, advice (\d\d))?\)", about)
        if coded:
            self.code, self.network_code, self.advice = coded.groups()


class Sandbox:
    def __init__(self, docs):
        #: What each digit of a number that takes turns stands for, and what each listed card does.
        self.turns, self.cards = {"card": {}, "bank": {}}, {}
        of_turns = False
        for line in (docs / "SANDBOX.md").read_text(encoding="utf-8").splitlines():
            row = cells(line)
            of_turns = line.startswith("| digit ") or of_turns and line.startswith("|")
            if of_turns and row[0].isdigit():
                self.turns["card"][row[0]], self.turns["bank"][row[0]] = Does(row[1]), Does(row[2])
            elif line.startswith("| ") and len(row) == 5 and row[0].isdigit():
                self.cards[row[0]] = Does(row[4])
