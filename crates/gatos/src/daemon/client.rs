//! A connection to the daemon.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Address, ClientError};
use crate::repository::Repository;
use crate::rpc::{Body, Framer, Id, MAX_LINE_BYTES, Message, PROTOCOL};

/// A connection to the daemon.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    framer: Framer,
    last: i64,
}

impl Client {
    /// Connect to the daemon that listens at `socket`, which has `patience` for each answer.
    ///
    /// # Errors
    /// Nobody who listens there.
    pub fn connect(socket: &Path, patience: Option<Duration>) -> Result<Self, ClientError> {
        let stream = UnixStream::connect(Address::of(socket)?.path())?;
        stream.set_read_timeout(patience)?;
        stream.set_write_timeout(patience)?;
        Ok(Self {
            stream,
            framer: Framer::new(),
            last: 0,
        })
    }

    /// Send a request: the method and its fields, which are JSON without braces around it.
    ///
    /// # Errors
    /// A daemon that does not take it.
    pub fn send(&mut self, method: &str, fields: &impl Serialize) -> Result<Id, ClientError> {
        #[derive(Serialize)]
        struct Line<'a, T> {
            id: i64,
            method: &'a str,
            #[serde(flatten)]
            fields: &'a T,
        }
        self.last += 1;
        let id = self.last;
        let line = Line { id, method, fields };
        let mut line = serde_json::to_vec(&line).map_err(|_| ClientError::Answer)?;
        line.push(b'\n');
        if line.len() > MAX_LINE_BYTES {
            return Err(ClientError::TooLong);
        }
        self.stream.write_all(&line)?;
        Ok(Id::Number(id))
    }

    /// The next line of the daemon, whatever request it is about.
    ///
    /// # Errors
    /// A daemon that goes away, takes too long, or sends what is no line of its protocol.
    pub fn receive(&mut self) -> Result<Message, ClientError> {
        let mut piece = vec![0; 64 << 10];
        loop {
            if let Some(line) = self.framer.next_line() {
                return Message::read(&line?).ok_or(ClientError::Answer);
            }
            let count = self.stream.read(&mut piece)?;
            if count == 0 {
                return Err(ClientError::Gone);
            }
            self.framer.feed(piece.get(..count).unwrap_or_default());
        }
    }

    /// The answer to a request; what is said before it is passed over.
    ///
    /// # Errors
    /// As [`receive`](Self::receive), and a refusal.
    pub fn answer(&mut self, to: &Id) -> Result<Box<RawValue>, ClientError> {
        loop {
            let message = self.receive()?;
            match message.body {
                // What cannot be told apart is about the connection as a whole.
                Body::Refused(refusal) if message.id.is_none() => {
                    return Err(ClientError::Refused(refusal));
                }
                _ if message.id.as_ref() != Some(to) => {}
                Body::Done(result) => return Ok(result),
                Body::Refused(refusal) => return Err(ClientError::Refused(refusal)),
                Body::Note(..) => {}
            }
        }
    }

    /// Send a request and wait for its answer.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub fn ask(
        &mut self,
        method: &str,
        fields: &impl Serialize,
    ) -> Result<Box<RawValue>, ClientError> {
        let id = self.send(method, fields)?;
        self.answer(&id)
    }

    /// As [`ask`](Self::ask), if the daemon serves this repository.
    pub(super) fn ask_about(
        &mut self,
        repository: &Repository,
        method: &str,
        fields: &impl Serialize,
    ) -> Result<Box<RawValue>, ClientError> {
        #[derive(Serialize)]
        struct Hello {
            protocol: i64,
            repo: String,
        }
        let hello = Hello {
            protocol: PROTOCOL,
            repo: repository.id().to_string(),
        };
        self.ask("hello", &hello)?;
        self.ask(method, fields)
    }
}
