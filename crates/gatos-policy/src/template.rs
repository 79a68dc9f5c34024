//! The policies that come with the program, each with its tests.

/// A policy to begin with.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// What it is called
    pub name: &'static str,
    /// Whom it is for, in one line
    pub about: &'static str,
    /// Names and contents of its files
    pub files: &'static [(&'static str, &'static str)],
}

macro_rules! template {
    ($name:literal, $about:literal) => {
        Template {
            name: $name,
            about: $about,
            files: &[
                (
                    "rules.rgs",
                    include_str!(concat!("../templates/", $name, "/rules.rgs")),
                ),
                (
                    "rules_test.rgs",
                    include_str!(concat!("../templates/", $name, "/rules_test.rgs")),
                ),
            ],
        }
    };
}

/// Every template.
pub const TEMPLATES: &[Template] = &[
    template!("minimal", "the roles of trust, written as rules"),
    template!("research", "a laboratory whose analysis plan needs two PIs"),
    template!(
        "regulated",
        "four eyes, secrets, exports, and two groups for the law"
    ),
];
