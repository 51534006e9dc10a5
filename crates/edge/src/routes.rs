//! An endpoint as a row: who may call it, what it takes, what it answers, and the handler that does it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base::Result;
use http::Method;
use serde_json::Value;

use crate::call::{Call, Gate};
use crate::reply::Reply;
use crate::rules::{Described, Reader, describe};
use crate::samples::Samples;

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody: nobody is asked who they are.
    Anyone,
    /// Whoever has a valid token.
    Token,
    /// Whoever's token has this scope.
    Scope(&'static str),
}

/// How an endpoint takes its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// No body. One that comes with a POST or PUT still has to be readable.
    Nothing,
    /// An object.
    Object,
    /// A list of objects.
    List,
    /// In pieces, whatever its type: [`Call::take_stream`].
    Stream,
}

pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;
type Handler<S> = Arc<dyn Fn(Call<S>) -> Answer + Send + Sync>;

/// One row of the table.
pub struct Endpoint<S: Gate> {
    /// The method.
    pub method: Method,
    /// The path pattern below the table's base, with `{name}` for parameters.
    pub path: String,
    /// Who may call it.
    pub access: Access,
    /// One line on what it does.
    pub summary: String,
    /// What else there is to know, in sentences.
    pub description: String,
    /// The heading it stands under in the documentation.
    pub tag: String,
    /// How it takes its body.
    pub takes: Takes,
    /// What the body may hold.
    pub body: Described,
    /// What the query may hold.
    pub query: Described,
    /// Status and schema of its answers, besides refusals.
    pub responses: Vec<(u16, Arc<Value>)>,
    /// The most bytes of a body, where it is not the table's.
    pub body_limit: Option<usize>,
    /// How long a body may take as a whole, where it is not the table's.
    pub body_within: Option<Duration>,
    /// Whether it reads `Idempotency-Key`. Every POST does unless it says otherwise.
    pub idempotent: bool,
    /// Whether multipart bodies may hold files.
    pub takes_files: bool,
    /// The content types of its 200 that are no JSON.
    pub gives: &'static [&'static str],
    /// Whether it is JSON all the same, unless the query says otherwise.
    pub gives_json: bool,
    /// The row's path this one is another spelling of.
    pub twin_of: Option<String>,
    pub(crate) is_outside: bool,
    pub(crate) samples: Samples,
    twins: Twins,
    left_out: Vec<Vec<String>>,
    pub(crate) handler: Handler<S>,
}

#[derive(Clone)]
enum Twins {
    ByRule,
    None,
    These(Vec<String>),
}

impl<S: Gate> Clone for Endpoint<S> {
    fn clone(&self) -> Self {
        Endpoint {
            method: self.method.clone(),
            path: self.path.clone(),
            access: self.access,
            summary: self.summary.clone(),
            description: self.description.clone(),
            tag: self.tag.clone(),
            takes: self.takes,
            body: self.body.clone(),
            query: self.query.clone(),
            responses: self.responses.clone(),
            body_limit: self.body_limit,
            body_within: self.body_within,
            idempotent: self.idempotent,
            takes_files: self.takes_files,
            gives: self.gives,
            gives_json: self.gives_json,
            twin_of: self.twin_of.clone(),
            is_outside: self.is_outside,
            samples: self.samples.clone(),
            twins: self.twins.clone(),
            left_out: self.left_out.clone(),
            handler: self.handler.clone(),
        }
    }
}

/// A row for `GET`, which answers `HEAD` too.
pub fn get<S: Gate, F>(
    path: &str,
    access: Access,
    handler: impl Fn(Call<S>) -> F + Send + Sync + 'static,
) -> Endpoint<S>
where
    F: Future<Output = Result<Reply>> + Send + 'static,
{
    row(Method::GET, path, access, handler)
}

/// A row for `POST`.
pub fn post<S: Gate, F>(
    path: &str,
    access: Access,
    handler: impl Fn(Call<S>) -> F + Send + Sync + 'static,
) -> Endpoint<S>
where
    F: Future<Output = Result<Reply>> + Send + 'static,
{
    row(Method::POST, path, access, handler)
}

/// A row for `PUT`.
pub fn put<S: Gate, F>(
    path: &str,
    access: Access,
    handler: impl Fn(Call<S>) -> F + Send + Sync + 'static,
) -> Endpoint<S>
where
    F: Future<Output = Result<Reply>> + Send + 'static,
{
    row(Method::PUT, path, access, handler)
}

/// A row for `DELETE`.
pub fn delete<S: Gate, F>(
    path: &str,
    access: Access,
    handler: impl Fn(Call<S>) -> F + Send + Sync + 'static,
) -> Endpoint<S>
where
    F: Future<Output = Result<Reply>> + Send + 'static,
{
    row(Method::DELETE, path, access, handler)
}

/// A row for any method.
pub fn row<S: Gate, F>(
    method: Method,
    path: &str,
    access: Access,
    handler: impl Fn(Call<S>) -> F + Send + Sync + 'static,
) -> Endpoint<S>
where
    F: Future<Output = Result<Reply>> + Send + 'static,
{
    let tag = path.split('/').find(|step| !step.is_empty()).unwrap_or("root").replace(['-', '_'], " ");
    Endpoint {
        idempotent: method == Method::POST,
        method,
        path: path.to_owned(),
        access,
        summary: String::new(),
        description: String::new(),
        tag,
        takes: Takes::Nothing,
        body: Described::default(),
        query: Described::default(),
        responses: Vec::new(),
        body_limit: None,
        body_within: None,
        takes_files: false,
        gives: &[],
        gives_json: false,
        twin_of: None,
        is_outside: false,
        samples: Samples::default(),
        twins: Twins::ByRule,
        left_out: Vec::new(),
        handler: Arc::new(move |call| Box::pin(handler(call))),
    }
}

impl<S: Gate> Endpoint<S> {
    /// One line on what it does.
    #[must_use]
    pub fn summary(mut self, summary: &str) -> Self {
        self.summary = summary.into();
        self
    }

    /// What else there is to know.
    #[must_use]
    pub fn describe(mut self, description: &str) -> Self {
        self.description = description.into();
        self
    }

    /// The heading it stands under. The first part of its path, unless said.
    #[must_use]
    pub fn tag(mut self, tag: &str) -> Self {
        self.tag = tag.into();
        self
    }

    /// It takes an object with these rules. They are run over nothing here, to learn what they say.
    #[must_use]
    pub fn body<T>(mut self, rules: impl FnOnce(&mut Reader<'_>) -> T) -> Self {
        (self.takes, self.body) = (Takes::Object, describe(rules));
        self
    }

    /// It takes a list of objects with these rules.
    #[must_use]
    pub fn body_list<T>(mut self, most: usize, rules: impl FnOnce(&mut Reader<'_>) -> T) -> Self {
        let one = describe(rules);
        let schema = serde_json::json!({"type": "array", "maxItems": most, "items": *one.schema});
        let left_out = one.left_out.into_iter().map(|path| std::iter::once("*".into()).chain(path).collect());
        (self.takes, self.body) =
            (Takes::List, Described { schema: Arc::new(schema), left_out: left_out.collect() });
        self
    }

    /// Its body is described so, however it is taken.
    #[must_use]
    pub fn body_described(mut self, body: Described) -> Self {
        self.body = body;
        self
    }

    /// It takes its body in pieces, of any content type.
    #[must_use]
    pub fn body_stream(mut self) -> Self {
        self.takes = Takes::Stream;
        self
    }

    /// Multipart bodies may hold files.
    #[must_use]
    pub fn files(mut self) -> Self {
        self.takes_files = true;
        self
    }

    /// It takes a query with these rules.
    #[must_use]
    pub fn query<T>(mut self, rules: impl FnOnce(&mut Reader<'_>) -> T) -> Self {
        self.query = describe(rules);
        self
    }

    /// An answer it gives, with the JSON schema of the whole body.
    #[must_use]
    pub fn answers(mut self, status: u16, schema: Value) -> Self {
        self.responses.push((status, Arc::new(schema)));
        self
    }

    /// What it answers with is a file of one of these content types.
    #[must_use]
    pub fn gives(mut self, content_types: &'static [&'static str]) -> Self {
        self.gives = content_types;
        self
    }

    /// Besides JSON, where the query says so.
    #[must_use]
    pub fn gives_sometimes(self, content_types: &'static [&'static str]) -> Self {
        Endpoint { gives_json: true, gives: content_types, ..self }
    }

    /// The most bytes of a body.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// How long a body may take as a whole.
    #[must_use]
    pub fn body_within(mut self, time: Duration) -> Self {
        self.body_within = Some(time);
        self
    }

    /// Whether it reads `Idempotency-Key`.
    #[must_use]
    pub fn idempotent(mut self, is: bool) -> Self {
        self.idempotent = is;
        self
    }

    /// The field at this dotted path is never part of a fingerprint; `*` is every element of a list.
    #[must_use]
    pub fn leave_out(mut self, path: &str) -> Self {
        self.left_out.push(path.split('.').map(str::to_owned).collect());
        self
    }

    /// It exists under this path too, and not under the twin that the rule would give it.
    #[must_use]
    pub fn also(mut self, path: &str) -> Self {
        match &mut self.twins {
            Twins::These(paths) => paths.push(path.into()),
            twins => *twins = Twins::These(vec![path.into()]),
        }
        self
    }

    /// It exists under no other spelling.
    #[must_use]
    pub fn no_twin(mut self) -> Self {
        self.twins = Twins::None;
        self
    }

    /// It stands at the root, not below the table's base: the documentation itself.
    pub(crate) fn outside(mut self) -> Self {
        self.is_outside = true;
        self
    }

    pub(crate) fn all_left_out(&self) -> Vec<Vec<String>> {
        self.body.left_out.iter().chain(&self.left_out).cloned().collect()
    }

    pub(crate) fn other_paths(&self) -> Vec<String> {
        match &self.twins {
            Twins::None => Vec::new(),
            Twins::These(paths) => paths.clone(),
            Twins::ByRule => crate::table::twin(&self.path).into_iter().collect(),
        }
    }
}
