//! Words of a table, of which a query may name several: `status=open`, `status=open,resolved`, `status[]=open`.

use edge::rules::{Kind, Sketch, Spot};
use serde_json::{Value, json};

/// One or several of a table's words.
pub(crate) struct Several<T: 'static>(pub(crate) &'static [(&'static str, T)]);

impl<T: Copy> Kind for Several<T> {
    type Out = Vec<T>;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Vec<T>> {
        let said: Vec<&str> = match value {
            Value::String(text) => text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect(),
            Value::Array(all) => {
                all.iter().map(|one| one.as_str().map(str::trim)).collect::<Option<_>>().unwrap_or(vec![""])
            }
            Value::Object(all) => {
                all.values().map(|one| one.as_str().map(str::trim)).collect::<Option<_>>().unwrap_or(vec![""])
            }
            _ => vec![""],
        };
        let known = |word: &&str| self.0.iter().find(|(known, _)| known == word).map(|(_, meaning)| *meaning);
        let read: Option<Vec<T>> = said.iter().map(known).collect();
        let read = read.filter(|all| !all.is_empty() && all.len() <= 50);
        if read.is_none() {
            spot.say_invalid();
        }
        read
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        let words: Vec<&str> = self.0.iter().map(|(word, _)| *word).collect();
        let list = format!("^\\s*({0})?\\s*(,\\s*({0})?\\s*)*$", words.join("|"));
        json!({"anyOf": [
            {"type": "array", "items": {"type": "string", "enum": words}, "minItems": 1, "maxItems": 50},
            {"type": "string", "pattern": list},
        ]})
    }

    fn harmless(&self) -> Vec<T> {
        Vec::new()
    }
}
