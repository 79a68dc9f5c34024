//! What of a commit is signed, and by which text.

use super::{MAX_COMMIT_BYTES, ObjectFormat, ObjectId, ObjectKind, ReadError};
use crate::repository::Repository;

/// A commit that carries one signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedCommit {
    /// What was signed: the commit without the signature
    pub payload: Vec<u8>,
    /// The signature's text
    pub signature: Vec<u8>,
}

/// The headers that carry signatures.
const HEADERS: [(&[u8], ObjectFormat); 2] = [
    (b"gpgsig ", ObjectFormat::Sha1),
    (b"gpgsig-sha256 ", ObjectFormat::Sha256),
];

impl Repository {
    /// What of a commit is signed, and the signature; `None` if it carries none, several, or one of the other object
    /// format: whose word such a commit is cannot be said.
    ///
    /// # Errors
    /// [`ReadError`]: missing, of another kind, too large or damaged.
    pub fn read_signed_commit(&self, id: &ObjectId) -> Result<Option<SignedCommit>, ReadError> {
        let bytes = self.read_object(id, ObjectKind::Commit, MAX_COMMIT_BYTES)?;
        Ok(split(&bytes, self.object_format()))
    }
}

/// How many headers for signatures a commit has, of either object format.
pub(crate) fn signatures(bytes: &[u8]) -> usize {
    let lines = bytes.split(|byte| *byte == b'\n');
    let headers = lines.take_while(|line| !line.is_empty());
    let carries = |line: &&[u8]| HEADERS.iter().any(|(name, _)| line.starts_with(name));
    headers.filter(carries).count()
}

fn split(bytes: &[u8], format: ObjectFormat) -> Option<SignedCommit> {
    let mut payload = Vec::with_capacity(bytes.len());
    let mut signature: Option<Vec<u8>> = None;
    // Whether the lines that continue the last header are of a signature.
    let mut inside = false;
    let mut rest = bytes;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')? + 1;
        let (line, after) = rest.split_at(end);
        if line == b"\n" {
            payload.extend(rest);
            break;
        }
        rest = after;
        if let (true, Some(more)) = (inside, line.strip_prefix(b" ")) {
            signature.get_or_insert_default().extend(more);
            continue;
        }
        inside = false;
        let mut headers = HEADERS.iter();
        match headers.find_map(|(name, of)| Some((line.strip_prefix(*name)?, of))) {
            None => payload.extend(line),
            Some((first, of)) if *of == format && signature.is_none() => {
                signature = Some(first.to_vec());
                inside = true;
            }
            Some(_) => return None,
        }
    }
    signature.map(|signature| SignedCommit { payload, signature })
}

#[cfg(test)]
mod tests {
    //! Commits that are laid out by hand.

    use super::{ObjectFormat, signatures, split};

    const SHA1: ObjectFormat = ObjectFormat::Sha1;

    #[test]
    fn one_signature_is_taken_out_and_several_are_none() {
        let commit = |headers: &str| {
            format!("tree x\nparent y\nauthor a\n{headers}encoding z\n\nmessage\n\ngpgsig no\n x\n")
        };
        let found = split(commit("gpgsig A\n B\n \n C\n").as_bytes(), SHA1).unwrap();
        assert_eq!(found.signature, b"A\nB\n\nC\n");
        assert_eq!(found.payload, commit("").as_bytes());
        for none in [
            "",
            "gpgsig A\n B\ngpgsig C\n D\n",
            "gpgsig A\n B\ngpgsig-sha256 C\n D\n",
            "gpgsig-sha256 C\n D\n",
            "gpgsig-sha256 C\n D\ngpgsig A\n B\n",
            "mergetag object x\n gpgsig A\n B\n",
        ] {
            assert_eq!(split(commit(none).as_bytes(), SHA1), None, "{none}");
        }
        for (headers, count) in [
            ("", 0),
            ("gpgsig A\n B\n", 1),
            ("gpgsig A\ngpgsig-sha256 C\n D\n", 2),
            ("gpgsig A\n gpgsig B\ngpgsig C\ngpgsig D\n", 3),
            ("mergetag object x\n gpgsig A\n B\n", 0),
        ] {
            assert_eq!(signatures(commit(headers).as_bytes()), count, "{headers}");
        }
        assert_eq!(split(b"tree x\ngpgsig A\n B\n", SHA1), None, "no message");
        let other = split(commit("gpgsig-sha256 A\n").as_bytes(), ObjectFormat::Sha256);
        assert_eq!(other.unwrap().signature, b"A\n");
    }
}
