//! A signed statement: a payload of a known kind inside an envelope. `docs/spec/envelope.md#statements`.

mod error;
mod position;

use crate::cbor::{self, FieldError};
use crate::envelope::{Envelope, Kind, Opened};
use crate::id::StatementId;
use crate::keys::{KnownKeys, PublicKey, Signer};
use crate::value::Value;

pub use self::error::{OpenError, SealError};
pub use self::position::Position;

/// A payload that can be signed: its kind, and its one form as a value.
pub trait Statement: PartialEq + Sized {
    /// The kind that its signature is bound to.
    const KIND: Kind;

    /// The value whose encoding is signed.
    fn to_value(&self) -> Value;

    /// The encoding of [`to_value`](Self::to_value).
    fn encode(&self) -> Vec<u8> {
        cbor::encode(&self.to_value())
    }

    /// Whether `payload` is the encoding of [`to_value`](Self::to_value).
    fn is_encoded_as(&self, payload: &[u8]) -> bool {
        cbor::is_encoding(payload, &self.to_value())
    }

    /// Read the value back.
    ///
    /// # Errors
    /// A field that is missing, unknown or of another kind.
    fn from_value(value: Value) -> Result<Self, FieldError>;
}

/// A statement whose every signature was verified, or made here.
#[derive(Clone, Debug)]
pub struct Signed<T> {
    envelope: Envelope,
    statement: T,
    signers: Vec<PublicKey>,
}

impl<T: Statement> Signed<T> {
    /// Sign `statement`.
    ///
    /// # Errors
    /// A statement that could not be read again, or a signer that does not sign.
    pub fn seal(statement: T, signer: &dyn Signer) -> Result<Self, SealError> {
        let (mut envelope, written) = Envelope::unsigned(T::KIND, statement.encode())?;
        // The type may hold what the format does not: an event without a type, say.
        if T::from_value(written)? != statement {
            return Err(SealError::NotCanonical { kind: T::KIND });
        }
        envelope.add_signature(signer)?;
        Ok(Self {
            envelope,
            statement,
            signers: vec![signer.public_key()],
        })
    }

    /// Verify an envelope's signatures and read its statement.
    ///
    /// Who signed is not judged here: that is what [`Trust`](crate::policy::Trust) is for.
    ///
    /// # Errors
    /// Another kind, a signature that does not verify, or a payload that is not such a statement.
    pub fn open(envelope: Envelope) -> Result<Self, OpenError> {
        Self::open_known(envelope, &mut KnownKeys::new())
    }

    /// As [`open`](Self::open), with keys that are checked once for many envelopes.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_known(envelope: Envelope, known: &mut KnownKeys) -> Result<Self, OpenError> {
        let opened = envelope.open(T::KIND, known)?;
        Self::read(envelope, opened)
    }

    /// As [`open`](Self::open), of an envelope whose very bytes were verified before, as somebody
    /// remembers: **no signature is verified here**. What rests on it is worth as much as that memory;
    /// whatever proves something to others must not use it.
    ///
    /// # Errors
    /// As [`open`](Self::open), but for signatures that do not verify.
    pub fn recall(envelope: Envelope, known: &mut KnownKeys) -> Result<Self, OpenError> {
        let opened = envelope.recall(T::KIND, known)?;
        Self::read(envelope, opened)
    }

    fn read(envelope: Envelope, opened: Opened) -> Result<Self, OpenError> {
        let Opened { payload, signers } = opened;
        let statement = T::from_value(payload)?;
        // A statement has one form: a list in another order or a text in another case is another.
        if !statement.is_encoded_as(envelope.payload_bytes()) {
            return Err(OpenError::NotCanonical { kind: T::KIND });
        }
        Ok(Self {
            envelope,
            statement,
            signers,
        })
    }

    /// As [`open`](Self::open), from an envelope's bytes.
    ///
    /// # Errors
    /// As [`open`](Self::open), or bytes that are no envelope.
    pub fn decode(bytes: &[u8]) -> Result<Self, OpenError> {
        Self::open(Envelope::decode(bytes)?)
    }

    /// The id: of the payload, so that it stays when a signature is added.
    #[must_use]
    pub fn id(&self) -> StatementId {
        self.envelope.id().into()
    }

    /// What is stated.
    #[must_use]
    pub const fn statement(&self) -> &T {
        &self.statement
    }

    /// What is stated, without its envelope.
    #[must_use]
    pub fn into_statement(self) -> T {
        self.statement
    }

    /// The envelope.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Who signed: at least one key, each once.
    #[must_use]
    pub fn signers(&self) -> &[PublicKey] {
        &self.signers
    }
}
