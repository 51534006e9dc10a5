//! Whoever delivers messages, played by the story: they keep what they were given, and say what they are told to say.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use exchange::post::{Answer, Channel, Later, Mail, Mailer, Means, MessageId, Reason, Text, Texter, Ways};
use tokio::sync::watch;

/// What is done with one message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Does {
    /// It is taken.
    Takes,
    /// It is refused for good.
    Refuses,
    /// It may be taken later; not before so many seconds.
    Later(Option<u64>),
    /// A bug.
    Panics,
    /// It is taken, and that is never said.
    Hangs,
}

/// A message that was handed over.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) id: MessageId,
    pub(crate) channel: Channel,
    pub(crate) to: String,
    pub(crate) sender: String,
    pub(crate) reply_to: Option<String>,
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// The deliverers of everything. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Letters {
    given: Arc<Mutex<Vec<Letter>>>,
    will: Arc<Mutex<VecDeque<Does>>>,
    many: Arc<watch::Sender<usize>>,
}

impl Letters {
    pub(crate) fn new() -> Letters {
        Letters { given: Arc::default(), will: Arc::default(), many: Arc::new(watch::channel(0).0) }
    }

    /// They deliver for both environments.
    pub(crate) fn means(&self) -> Means {
        let all = || Ways { mailer: Some(Arc::new(self.clone())), texter: Some(Arc::new(self.clone())) };
        Means { production: all(), sandbox: all() }
    }

    /// With the next messages they do this, one after the other; after that they take everything.
    pub(crate) fn will(&self, does: impl IntoIterator<Item = Does>) {
        self.will.lock().expect("a lock").extend(does);
    }

    /// Everything they were given, in that order.
    pub(crate) fn given(&self) -> Vec<Letter> {
        self.given.lock().expect("a lock").clone()
    }

    /// The one message they were given.
    #[track_caller]
    pub(crate) fn only(&self) -> Letter {
        let given = self.given();
        assert_eq!(given.len(), 1, "{given:?}");
        given.into_iter().next().expect("one")
    }

    /// Waits until they were given so many.
    pub(crate) async fn came(&self, many: usize) {
        self.many.subscribe().wait_for(|n| *n >= many).await.expect("they live");
    }

    async fn take(&self, letter: Letter) -> Answer {
        self.given.lock().expect("a lock").push(letter);
        self.many.send_modify(|n| *n += 1);
        let does = self.will.lock().expect("a lock").pop_front().unwrap_or(Does::Takes);
        match does {
            Does::Takes => Answer::Sent { provider_id: Some("theirs-1".into()) },
            Does::Refuses => Answer::Refused(Reason::Refused),
            Does::Later(wait) => {
                Answer::Failed { why: Reason::TryLater, retry_after: wait.map(Duration::from_secs) }
            }
            Does::Panics => panic!("a bug of ours"),
            Does::Hangs => std::future::pending().await,
        }
    }
}

impl Mailer for Letters {
    fn send<'a>(&'a self, mail: &'a Mail) -> Later<'a, Answer> {
        let letter = Letter {
            id: mail.id,
            channel: Channel::Email,
            to: mail.to.reveal().clone(),
            sender: mail.sender.clone(),
            reply_to: mail.reply_to.clone(),
            subject: mail.subject.reveal().clone(),
            body: mail.body.reveal().clone(),
        };
        Box::pin(self.take(letter))
    }
}

impl Texter for Letters {
    fn send<'a>(&'a self, text: &'a Text) -> Later<'a, Answer> {
        let letter = Letter {
            id: text.id,
            channel: Channel::Sms,
            to: text.to.reveal().clone(),
            sender: text.sender.clone(),
            reply_to: None,
            subject: String::new(),
            body: text.body.reveal().clone(),
        };
        Box::pin(self.take(letter))
    }
}
