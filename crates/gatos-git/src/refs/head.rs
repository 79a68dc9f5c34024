//! Where `HEAD` is: a locator of the files that people see, of which nothing is ever proved.

use super::error::FindRefError;
use super::loose::{self, Loose};
use super::packed::Packed;
use crate::object::ObjectId;
use crate::repository::Repository;

impl Repository {
    /// The commit that is checked out; `None` before the first one.
    ///
    /// # Errors
    /// [`FindRefError`]: what `HEAD` names is damaged or unreadable.
    pub fn head_commit(&self) -> Result<Option<ObjectId>, FindRefError> {
        let text = std::fs::read_to_string(self.git_dir().join("HEAD")).unwrap_or_default();
        let text = text.trim();
        let Some(name) = text.strip_prefix("ref: ") else {
            return Ok(text.parse().ok());
        };
        match loose::read(&self.common_dir().join(name), name, self.hash_kind())? {
            Loose::Target(id) => Ok(Some(id)),
            Loose::Absent => Packed::open(self)?.find(name),
        }
    }
}
