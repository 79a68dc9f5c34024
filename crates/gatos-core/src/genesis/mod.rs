//! The first statement of a repository; its id is the repository's. `docs/spec/policy-bundle.md#genesis`.

use crate::cbor::{FieldError, Fields};
use crate::envelope::Kind;
use crate::keys::PublicKey;
use crate::name::ActorName;
use crate::statement::Statement;
use crate::value::Value;

/// How a repository begins: who founded it, and a nonce that makes it the only one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Genesis {
    /// The founder's name
    pub actor: ActorName,
    /// The founder's key, which signs this statement and the first policy bundle
    pub key: PublicKey,
    /// 16 random bytes
    pub nonce: [u8; 16],
}

impl Statement for Genesis {
    const KIND: Kind = Kind::Genesis;

    fn to_value(&self) -> Value {
        Value::map([
            ("actor", Value::text(self.actor.as_str())),
            ("key", Value::bytes(self.key.as_bytes().to_vec())),
            ("nonce", Value::bytes(self.nonce.to_vec())),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("genesis", value)?;
        let actor = fields.parsed("actor", "a name")?;
        let key = PublicKey::from_bytes(fields.array("key")?)
            .map_err(|_| fields.content("key", "an acceptable Ed25519 key"))?;
        let nonce = fields.array("nonce")?;
        fields.finish()?;
        Ok(Self { actor, key, nonce })
    }
}
