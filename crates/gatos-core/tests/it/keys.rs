//! Keys as people have them: files and lines that OpenSSH wrote, and what is refused.

use std::process::Command;

use gatos_core::keys::{Fingerprint, PublicKey, PublicKeyError, SecretKey, SecretKeyError, Signer};

fn vector(name: &str) -> String {
    let path = crate::manifest().join("vectors/keys").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn key_files_of_openssh_are_read() {
    for (name, passphrase) in [
        ("ok/plain", None),
        ("ok/aes256-ctr", Some("correct horse")),
        ("ok/aes256-gcm", Some("correct horse")),
        ("ok/chacha20-poly1305", Some("Zürich 🐈")),
        ("ok/comment-unicode", None),
    ] {
        let key = SecretKey::from_openssh(&vector(&format!("{name}.key")), passphrase);
        let key = key.unwrap_or_else(|error| panic!("{name}: {error}"));
        let public: PublicKey = vector(&format!("{name}.pub")).parse().unwrap();
        assert_eq!(key.public_key(), public, "{name}");
        let fingerprint: Fingerprint = vector(&format!("{name}.fingerprint"))
            .trim()
            .parse()
            .unwrap();
        assert_eq!(public.fingerprint(), fingerprint, "{name}");
        assert_eq!(
            public.fingerprint().to_string(),
            vector(&format!("{name}.fingerprint")).trim()
        );
        if passphrase.is_some() {
            let text = vector(&format!("{name}.key"));
            let without = SecretKey::from_openssh(&text, None).map(drop);
            assert_eq!(without, Err(SecretKeyError::PassphraseNeeded));
            let wrong = SecretKey::from_openssh(&text, Some("wrong")).map(drop);
            assert_eq!(wrong, Err(SecretKeyError::PassphraseWrong));
        }
    }
}

#[test]
fn other_kinds_of_key_are_refused_by_name() {
    for (name, kind) in [
        ("rsa", "ssh-rsa"),
        ("ecdsa-256", "ecdsa-sha2-nistp256"),
        ("ecdsa-521", "ecdsa-sha2-nistp521"),
    ] {
        let error = vector(&format!("err/{name}.pub"))
            .parse::<PublicKey>()
            .unwrap_err();
        let found = kind.to_owned();
        assert_eq!(error, PublicKeyError::Algorithm { found });
        let error = SecretKey::from_openssh(&vector(&format!("err/{name}.key")), None).map(drop);
        let found = kind.to_owned();
        assert_eq!(error, Err(SecretKeyError::Algorithm { found }));
    }
    for (line, kind) in [
        (
            "sk-ssh-ed25519@openssh.com AAAA x",
            "sk-ssh-ed25519@openssh.com",
        ),
        (
            "sk-ecdsa-sha2-nistp256@openssh.com AAAA",
            "sk-ecdsa-sha2-nistp256@openssh.com",
        ),
        (
            "ssh-ed25519-cert-v01@openssh.com AAAA",
            "ssh-ed25519-cert-v01@openssh.com",
        ),
        ("ssh-dss AAAA", "ssh-dss"),
        ("ssh-ed448 AAAA", "ssh-ed448"),
    ] {
        let found = kind.to_owned();
        assert_eq!(
            line.parse::<PublicKey>(),
            Err(PublicKeyError::Algorithm { found })
        );
    }
}

#[test]
fn key_files_of_other_programs_are_refused_by_name() {
    for (text, found) in [
        ("-----BEGIN RSA PRIVATE KEY-----\n", "PEM (RSA)"),
        ("-----BEGIN EC PRIVATE KEY-----\n", "PEM (EC)"),
        ("-----BEGIN PRIVATE KEY-----\n", "PKCS #8"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
            "encrypted PKCS #8",
        ),
        ("PuTTY-User-Key-File-3: ssh-ed25519\n", "PuTTY"),
    ] {
        let error = SecretKey::from_openssh(text, None).map(drop);
        assert_eq!(error, Err(SecretKeyError::OtherFormat { found }));
    }
    for text in [
        "",
        "hello",
        "ssh-ed25519 AAAA",
        "-----BEGIN OPENSSH PUBLIC KEY-----\n",
    ] {
        let error = SecretKey::from_openssh(text, None).map(drop);
        assert_eq!(error, Err(SecretKeyError::Format), "{text}");
    }
}

#[test]
fn damaged_key_files_are_refused() {
    let good = vector("ok/plain.key");
    let body: Vec<&str> = good.lines().collect();
    let mut refused = 0;
    // One character of the base64 at a time: refused, or the very same key.
    let key = SecretKey::from_openssh(&good, None).unwrap().public_key();
    for (at, old) in good.char_indices() {
        let new = if old == 'A' { 'B' } else { 'A' };
        let mut changed = good.clone();
        changed.replace_range(at..=at, &new.to_string());
        match SecretKey::from_openssh(&changed, None) {
            Ok(other) => assert_eq!(other.public_key(), key, "character {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > good.len() / 2, "{refused}");
    for cut in 1..body.len() {
        assert!(SecretKey::from_openssh(&body[..cut].join("\n"), None).is_err());
    }
    let twice = format!("{good}{good}");
    assert!(SecretKey::from_openssh(&twice, None).is_err());
}

#[test]
fn the_public_half_must_belong_to_the_secret() {
    let (a, b) = (SecretKey::from_seed([1; 32]), SecretKey::from_seed([2; 32]));
    let text = a.to_openssh("");
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let blob = data_encoding::BASE64.decode(body.as_bytes()).unwrap();
    let (own, other) = (a.public_key(), b.public_key());
    let mut forged = Vec::new();
    let mut rest = &blob[..];
    while let Some((&first, after)) = rest.split_first() {
        match rest.strip_prefix(&own.as_bytes()[..]) {
            Some(after) => {
                forged.extend_from_slice(other.as_bytes());
                rest = after;
            }
            None => {
                forged.push(first);
                rest = after;
            }
        }
    }
    assert_ne!(forged, blob);
    let forged = format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
        wrapped(&data_encoding::BASE64.encode(&forged)),
    );
    let error = SecretKey::from_openssh(&forged, None).map(drop);
    assert_eq!(error, Err(SecretKeyError::Mismatch));
}

fn wrapped(text: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(70).collect();
    let lines = lines.into_iter().map(|l| std::str::from_utf8(l).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn one_key_is_one_signer_in_every_form() {
    let key: PublicKey = vector("ok/plain.pub").parse().unwrap();
    let hex = key.key_id().to_string();
    let base64 = data_encoding::BASE64.encode(key.as_bytes());
    let forms = [
        key.to_string(),
        format!("  {key}  "),
        format!("{key} a comment, with ssh-rsa in it\n"),
        format!("{key}\r\n"),
        key.to_string().replace(' ', "\t"),
        hex.clone(),
        hex.to_uppercase(),
        base64.clone(),
        base64.trim_end_matches('=').to_owned(),
    ];
    for form in &forms {
        assert_eq!(form.parse::<PublicKey>(), Ok(key), "{form:?}");
    }
    let distinct: std::collections::BTreeSet<PublicKey> =
        forms.iter().map(|form| form.parse().unwrap()).collect();
    assert_eq!(distinct.len(), 1);
}

#[test]
fn texts_that_are_no_key_are_refused() {
    let key: PublicKey = vector("ok/plain.pub").parse().unwrap();
    let (line, hex) = (key.to_string(), key.key_id().to_string());
    for text in [
        String::new(),
        "ssh-ed25519".to_owned(),
        "ssh-ed25519 ".to_owned(),
        "ssh-ed25519 !!!!".to_owned(),
        line[..line.len() - 1].to_owned(),
        line[..line.len() - 4].to_owned(),
        format!("{line}AAAA"),
        line.replace("AAAAC3", "AAAAC4"),
        format!("from=\"10.0.0.0/8\" {line}"),
        format!("{line} comment\n{line}"),
        format!("SSH-ED25519 {}", &line[12..]),
        hex[1..].to_owned(),
        format!("{hex}0"),
        format!("0x{hex}"),
        hex.replace(|c: char| c.is_ascii_digit(), "g"),
        "\u{1b}]0;title\u{7}".to_owned(),
    ] {
        let error = text.parse::<PublicKey>().expect_err(&text).to_string();
        assert!(!error.contains('\u{1b}') && error.len() < 200, "{error}");
    }
}

#[test]
fn secrets_are_never_shown() {
    let seed = [0xa7; 32];
    let key = SecretKey::from_seed(seed);
    let shown = format!("{key:?} {key:#?} {:?}", key.public_key());
    assert!(
        !shown.contains(&"a7".repeat(4)) && !shown.contains("167, 167"),
        "{shown}"
    );
}

/// The program that everyone has agrees with what is read and written here.
#[test]
fn ssh_keygen_agrees() {
    let folder = std::env::temp_dir().join(format!("gatos-keys-{}", std::process::id()));
    let file = folder.join("key");
    let run = |arguments: &[&str]| {
        Command::new("ssh-keygen")
            .args(arguments)
            .arg(&file)
            .output()
            .ok()
            .map(|output| {
                (
                    output.status.success(),
                    String::from_utf8_lossy(&output.stdout).into_owned(),
                )
            })
    };
    if Command::new("ssh-keygen").arg("-?").output().is_err() {
        println!("NOT RUN: no ssh-keygen on this machine");
        return;
    }
    std::fs::create_dir_all(&folder).unwrap();
    for (seed, comment) in [
        ([3; 32], ""),
        ([4; 32], "alice@example.org"),
        ([5; 32], "a b c d e f g"),
    ] {
        let key = SecretKey::from_seed(seed);
        std::fs::write(&file, key.to_openssh(comment).as_bytes()).unwrap();
        restrict(&file);
        let (done, public) = run(&["-y", "-P", "", "-f"]).unwrap();
        assert!(done);
        assert_eq!(public.parse::<PublicKey>(), Ok(key.public_key()));
        let (_, listed) = run(&["-l", "-f"]).unwrap();
        assert!(
            listed.contains(&format!(" {} ", key.public_key().fingerprint())),
            "{listed}"
        );
        // Encrypted by ssh-keygen, read here.
        let (done, _) = run(&["-p", "-P", "", "-N", "secret", "-f"]).unwrap();
        assert!(done);
        let text = std::fs::read_to_string(&file).unwrap();
        let again = SecretKey::from_openssh(&text, Some("secret")).unwrap();
        assert_eq!(again.public_key(), key.public_key());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

fn restrict(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}
