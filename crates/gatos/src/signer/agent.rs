//! The two questions that we put to an SSH agent (draft-ietf-sshm-ssh-agent): which keys, and sign.
//!
//! The crates that speak this protocol bring a second, older Ed25519 and RSA along; two messages do not.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use gatos_core::keys::{PublicKey, SignError, Signature, Signer, SignerFailure};

use super::AgentError;

/// Largest answer of an agent, in bytes; OpenSSH has the same limit.
const MAX_ANSWER_BYTES: u32 = 256 << 10;
/// Most keys of which an agent can tell in one answer.
const MAX_KEYS: u32 = 2048;

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// An agent, by its socket. Each question is a connection of its own, so that threads can ask at once.
pub(super) struct Agent {
    socket: PathBuf,
    patience: Duration,
}

/// An Ed25519 key that an agent holds.
#[derive(Clone, Debug)]
pub(super) struct HeldKey {
    pub(super) key: PublicKey,
    pub(super) comment: String,
}

impl Agent {
    /// The agent at `socket`, which has `patience` for each answer.
    pub(super) const fn at(socket: PathBuf, patience: Duration) -> Self {
        Self { socket, patience }
    }

    /// The Ed25519 keys that the agent holds; those of other kinds are passed over.
    pub(super) fn keys(&self) -> Result<Vec<HeldKey>, AgentError> {
        let answer = self.ask(&[REQUEST_IDENTITIES])?;
        read_keys(&answer).ok_or(AgentError::Failed {
            source: SignerFailure::Protocol,
        })
    }

    /// The signer of one of the agent's keys.
    pub(super) const fn into_signer(self, key: PublicKey) -> AgentSigner {
        AgentSigner { agent: self, key }
    }

    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, AgentError> {
        let stream = UnixStream::connect(&self.socket).map_err(|source| {
            let socket = self.socket.clone();
            AgentError::Unreachable { socket, source }
        })?;
        let deadline = Instant::now() + self.patience;
        exchange(&stream, question, deadline).map_err(|source| AgentError::Failed { source })
    }
}

/// A key in an agent, ready to sign.
pub(super) struct AgentSigner {
    agent: Agent,
    key: PublicKey,
}

impl AgentSigner {
    fn signature(&self, message: &[u8]) -> Result<Signature, SignerFailure> {
        let mut question = vec![SIGN_REQUEST];
        put(&mut question, &self.key.to_ssh_blob());
        put(&mut question, message);
        question.extend_from_slice(&0_u32.to_be_bytes());
        let answer = self.agent.ask(&question).map_err(|error| match error {
            AgentError::Failed { source } => source,
            AgentError::Unset | AgentError::Unreachable { .. } => SignerFailure::Unreachable,
        })?;
        let signature = read_signature(&answer).ok_or(SignerFailure::Protocol)?;
        // What does not verify here would be found much later, in a history that nobody can change.
        self.key
            .verify(message, &signature)
            .map_err(|_| SignerFailure::WrongSignature)?;
        Ok(signature)
    }
}

impl Signer for AgentSigner {
    fn public_key(&self) -> PublicKey {
        self.key
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        self.signature(message)
            .map_err(|failure| SignError::Signer {
                key: self.key.fingerprint(),
                failure,
            })
    }
}

fn read_keys(answer: &[u8]) -> Option<Vec<HeldKey>> {
    let rest = answer.strip_prefix(&[IDENTITIES_ANSWER])?;
    let (count, mut rest) = rest.split_first_chunk()?;
    let mut keys = Vec::new();
    for _ in 0..u32::from_be_bytes(*count).min(MAX_KEYS) {
        let (blob, after) = take(rest)?;
        let (comment, after) = take(after)?;
        rest = after;
        if let Ok(key) = PublicKey::from_ssh_blob(blob) {
            let comment = String::from_utf8_lossy(comment).into_owned();
            keys.push(HeldKey { key, comment });
        }
    }
    rest.is_empty().then_some(keys)
}

fn read_signature(answer: &[u8]) -> Option<Signature> {
    let (blob, rest) = take(answer.strip_prefix(&[SIGN_RESPONSE])?)?;
    let (algorithm, inner) = take(blob)?;
    let (signature, more) = take(inner)?;
    let whole = rest.is_empty() && more.is_empty() && algorithm == b"ssh-ed25519";
    let bytes = signature.try_into().ok().filter(|_| whole)?;
    Some(Signature::from_bytes(bytes))
}

/// Send a question and read its answer, all before the deadline.
fn exchange(
    mut stream: &UnixStream,
    question: &[u8],
    deadline: Instant,
) -> Result<Vec<u8>, SignerFailure> {
    let mut framed = Vec::with_capacity(4 + question.len());
    put(&mut framed, question);
    stream
        .set_write_timeout(Some(remaining(deadline)?))
        .and_then(|()| stream.write_all(&framed))
        .map_err(|error| failure(&error))?;
    let mut length = [0; 4];
    read_exact(stream, &mut length, deadline)?;
    let length = u32::from_be_bytes(length);
    if length == 0 || length > MAX_ANSWER_BYTES {
        return Err(SignerFailure::Protocol);
    }
    let mut answer = vec![0; length as usize];
    read_exact(stream, &mut answer, deadline)?;
    match answer.first() {
        Some(&FAILURE) => Err(SignerFailure::Refused),
        _ => Ok(answer),
    }
}

/// Fill `buffer`, however slowly the bytes drip, but not after the deadline.
fn read_exact(
    mut stream: &UnixStream,
    buffer: &mut [u8],
    deadline: Instant,
) -> Result<(), SignerFailure> {
    let mut rest = buffer;
    while !rest.is_empty() {
        let read = stream
            .set_read_timeout(Some(remaining(deadline)?))
            .and_then(|()| stream.read(rest));
        match read {
            Ok(0) => return Err(SignerFailure::Disconnected),
            Ok(count) => rest = &mut rest[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failure(&error)),
        }
    }
    Ok(())
}

fn remaining(deadline: Instant) -> Result<Duration, SignerFailure> {
    deadline
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
        .ok_or(SignerFailure::TimedOut)
}

fn failure(error: &io::Error) -> SignerFailure {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => SignerFailure::TimedOut,
        _ => SignerFailure::Disconnected,
    }
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}
