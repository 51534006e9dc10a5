//! A bank that sends BAI2: files whose totals are right, of whatever moved.

use http::Method;
use serde_json::{Value, json};

use super::agency::Agency;
use super::client::Answer;

/// A movement: its type code, how much, and the customer reference.
pub(crate) struct Moved {
    pub(crate) code: u16,
    pub(crate) cents: i64,
    pub(crate) reference: String,
}

/// A movement.
pub(crate) fn moved(code: u16, cents: i64, reference: &str) -> Moved {
    Moved { code, cents, reference: reference.to_owned() }
}

impl Moved {
    fn signed(&self) -> i64 {
        if self.code < 400 { self.cents } else { -self.cents }
    }
}

/// A file about one account and one day.
pub(crate) struct Said {
    account: String,
    day: String,
    opening: i64,
    moved: Vec<Moved>,
    status: u8,
    modifier: u8,
    left_out: i64,
}

impl Said {
    /// What a bank says of an account at the end of a day (`261119`) on which this moved.
    pub(crate) fn of(account: &str, day: &str, opening: i64, moved: Vec<Moved>) -> Said {
        let (account, day) = (account.to_owned(), day.to_owned());
        Said { account, day, opening, moved, status: 1, modifier: 2, left_out: 0 }
    }

    /// The same, which stands in the place of what was sent.
    pub(crate) fn corrects(self) -> Said {
        Said { status: 3, ..self }
    }

    /// The same, which takes back what was sent.
    pub(crate) fn takes_back(self) -> Said {
        Said { status: 2, ..self }
    }

    /// The same as a test.
    pub(crate) fn tests(self) -> Said {
        Said { status: 4, ..self }
    }

    /// The same as a report within the day.
    pub(crate) fn within_the_day(self) -> Said {
        Said { modifier: 3, ..self }
    }

    /// The same, and the bank leaves so much out.
    pub(crate) fn leaves_out(self, cents: i64) -> Said {
        Said { left_out: cents, ..self }
    }

    /// What it closes with.
    pub(crate) fn closing(&self) -> i64 {
        self.opening + self.moved.iter().map(Moved::signed).sum::<i64>() + self.left_out
    }

    /// As the bank writes it.
    pub(crate) fn text(&self) -> String {
        let Said { account, day, opening, moved, status, modifier, .. } = self;
        let closing = self.closing();
        let total: i64 = opening + closing + moved.iter().map(|one| one.cents).sum::<i64>();
        let mut text = format!("01,HARBORST,261120,{day},0600,{day}A,,,2/\n");
        text += &format!("02,HARBORST,091000019,{status},{day},2400,USD,{modifier}/\n");
        text += &format!("03,{account},USD,010,{opening},,,015,{closing},,/\n");
        for (n, one) in moved.iter().enumerate() {
            let Moved { code, cents, reference } = one;
            text += &format!("16,{code:03},{cents},Z,B{n:06},{reference},PAID BY ROSA DIAZ\n");
        }
        let records = moved.len() + 2;
        text +=
            &format!("49,{total},{records}/\n98,{total},1,{}/\n99,{total},1,{}/\n", records + 2, records + 4);
        text
    }
}

impl Agency {
    /// A trust account with this number; its id.
    pub(crate) async fn bank_account(&self, number: &str) -> String {
        let new = json!({ "name": "Trust", "kind": "trust", "routing_number": "091000019", "account_number": number });
        self.post("/bank-accounts", new).await.made()
    }

    /// A file is sent.
    pub(crate) async fn bank_file(&self, text: &str) -> Answer {
        self.bank_file_saying(text, &[]).await
    }

    /// A file is sent, with these fields beside it.
    pub(crate) async fn bank_file_saying(&self, text: &str, fields: &[(&str, &str)]) -> Answer {
        let file = ("20261120.bai", "text/plain", text.as_bytes());
        self.ask(Method::POST, "/bank-statements").upload(fields, file).send().await
    }

    /// What a bank says is read; the file, and its statements.
    pub(crate) async fn bank_says(&self, said: &Said) -> Value {
        self.bank_file(&said.text()).await.is(201)["data"].clone()
    }

    /// The lines that stand so, oldest first.
    pub(crate) async fn bank_lines(&self, query: &str) -> Vec<Value> {
        let all = self.get(&format!("/bank-lines?limit=500&sort=created_at&{query}")).await.data();
        let mut all = all.as_array().expect("a list").clone();
        all.sort_by_key(|line| (line["day"].to_string(), line["number"].as_i64()));
        all
    }

    /// Something is expected on an account: of which kind, how much, which way, in which days, by which key; its id.
    pub(crate) async fn expects(
        &self,
        account: &str,
        what: (&str, i64, &str),
        days: (&str, &str),
        key: Option<&str>,
    ) -> String {
        let (kind, amount, direction) = what;
        let new = json!({
            "bank_account_id": account, "kind": kind, "amount": amount, "direction": direction,
            "from_day": days.0, "to_day": days.1, "key": key,
        });
        self.post("/bank-expectations", new).await.made()
    }
}
