//! Inputs and outputs as sorted lists of NAR hashes.

use crate::cbor::{self, FieldError, Fields};
use crate::cid::Cid;
use crate::name::ItemName;
use crate::value::Value;

/// The SHA-256 and length of a file system object's NAR serialisation.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct NarDigest {
    /// SHA-256 of the NAR
    pub sha256: [u8; 32],
    /// Length of the NAR in bytes
    pub size: u64,
}

impl NarDigest {
    /// The digest as Nix writes it: `sha256-` and base64.
    #[must_use]
    pub fn to_sri(&self) -> String {
        format!("sha256-{}", data_encoding::BASE64.encode(&self.sha256))
    }

    /// The map of the two fields.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::map([
            ("nar_sha256", Value::bytes(self.sha256.to_vec())),
            ("nar_size", Value::count(self.size)),
        ])
    }

    /// Take the two fields.
    ///
    /// # Errors
    /// A field that is missing or of another kind.
    pub fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        Ok(Self {
            sha256: fields.array("nar_sha256")?,
            size: fields.count("nar_size")?,
        })
    }

    /// Read a map of just the two fields.
    ///
    /// # Errors
    /// A field that is missing, unknown or of another kind.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("NAR digest", value)?;
        let digest = Self::take(&mut fields)?;
        fields.finish()?;
        Ok(digest)
    }
}

/// One input or output.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Item {
    /// Its name in the job
    pub name: ItemName,
    /// Its bytes
    pub nar: NarDigest,
    /// The store objects that it refers to: base names of their paths, sorted
    pub references: Vec<String>,
}

/// Inputs or outputs sorted by name, each once. The id of the block is `inputs_root` or `outputs_root`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ItemList {
    items: Vec<Item>,
}

impl ItemList {
    /// The list of these items; `None` if two have one name.
    #[must_use]
    pub fn new(mut items: Vec<Item>) -> Option<Self> {
        items.sort_by(|a, b| a.name.cmp(&b.name));
        items
            .is_sorted_by(|a, b| a.name < b.name)
            .then_some(Self { items })
    }

    /// The items, sorted by name.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.name.as_str() == name)
    }

    /// The block.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let items = self.items.iter().map(|item| {
            Value::map([
                ("name", Value::text(item.name.as_str())),
                ("nar_sha256", Value::bytes(item.nar.sha256.to_vec())),
                ("nar_size", Value::count(item.nar.size)),
                (
                    "references",
                    Value::list(item.references.iter().map(Value::text)),
                ),
            ])
        });
        cbor::encode(&Value::map([
            ("v", Value::Integer(1)),
            ("items", Value::list(items)),
        ]))
    }

    /// The id of the block.
    #[must_use]
    pub fn root(&self) -> Cid {
        Cid::of_dag_cbor(&self.encode())
    }

    /// Read the block's value.
    ///
    /// # Errors
    /// A value that is no such list.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("item list", value)?;
        if fields.integer("v")? != 1 {
            return Err(fields.content("v", "1, the only version"));
        }
        let wrong = fields.content("items", "sorted by name, each once");
        let items = fields.list("items")?.into_iter().map(Item::from_value);
        let items = items.collect::<Result<Vec<_>, _>>()?;
        fields.finish()?;
        if !items.is_sorted_by(|a, b| a.name < b.name) {
            return Err(wrong);
        }
        Ok(Self { items })
    }
}

impl Item {
    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("item", value)?;
        let wrong = fields.content("references", "a sorted list of base names");
        let references = fields
            .list("references")?
            .into_iter()
            .map(|item| match item {
                Value::Text(text) => Ok(text),
                _ => Err(wrong.clone()),
            });
        let references = references.collect::<Result<Vec<_>, _>>()?;
        if !references.is_sorted_by(|a, b| a < b) {
            return Err(wrong);
        }
        let item = Self {
            name: fields.parsed("name", "a name")?,
            nar: NarDigest::take(&mut fields)?,
            references,
        };
        fields.finish()?;
        Ok(item)
    }
}
