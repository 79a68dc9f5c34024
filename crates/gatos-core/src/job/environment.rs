//! On what a job ran: a manifest, for whoever has to explain a difference.

use std::collections::BTreeMap;

use crate::cbor::{FieldError, Fields};
use crate::value::Value;

/// The machine and the builder that produced a result.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Environment {
    /// What `nix --version` prints
    pub nix: String,
    /// The Nix system, such as `x86_64-linux`
    pub system: String,
    /// Name and release of the kernel
    pub kernel: String,
    /// Model of the processor
    pub cpu: String,
    /// Its features, sorted
    pub cpu_features: Vec<String>,
    /// Number of processors
    pub cores: u64,
    /// The settings of Nix that were in effect and can matter, by name
    pub settings: BTreeMap<String, String>,
}

impl Environment {
    /// The value that stands in a proof.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let settings = self
            .settings
            .iter()
            .map(|(key, value)| (key.as_str(), Value::text(value)));
        Value::map([
            ("nix", Value::text(&self.nix)),
            ("system", Value::text(&self.system)),
            ("kernel", Value::text(&self.kernel)),
            ("cpu", Value::text(&self.cpu)),
            (
                "cpu_features",
                Value::list(self.cpu_features.iter().map(Value::text)),
            ),
            ("cores", Value::count(self.cores)),
            ("settings", Value::map(settings)),
        ])
    }

    /// Read the value back.
    ///
    /// # Errors
    /// A field that is missing, unknown or of another kind.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("environment", value)?;
        let wrong = fields.content("cpu_features", "a list of texts");
        let features = fields
            .list("cpu_features")?
            .into_iter()
            .map(|item| match item {
                Value::Text(text) => Ok(text),
                _ => Err(wrong.clone()),
            });
        let cpu_features = features.collect::<Result<_, _>>()?;
        let wrong = fields.content("settings", "a map of texts");
        let settings = fields
            .map("settings")?
            .into_iter()
            .map(|(key, item)| match item {
                Value::Text(text) => Ok((key, text)),
                _ => Err(wrong.clone()),
            });
        let environment = Self {
            settings: settings.collect::<Result<_, _>>()?,
            nix: fields.text("nix")?,
            system: fields.text("system")?,
            kernel: fields.text("kernel")?,
            cpu: fields.text("cpu")?,
            cpu_features,
            cores: fields.count("cores")?,
        };
        fields.finish()?;
        Ok(environment)
    }
}
