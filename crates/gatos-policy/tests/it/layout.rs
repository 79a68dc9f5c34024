//! What changes the root of a policy, and how its sources are laid out.

use gatos_policy::{Module, compile, formatted};

use super::lab::{Rule, module};

fn root(text: &str) -> String {
    let program = compile(&[Module::new("rules.rgs", text)]);
    program
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
        .root()
        .to_string()
}

fn text() -> String {
    let rule = Rule::new("rule", "event.append");
    let body = "allow if {\n\tsome x in [1, 2, {\"a\": 3}]\n\tnot f(x, -1)\n\tinput.payload[0].y[1] == `a b`\n}\n\nf(a, b) if a == b";
    module(&[rule.text(body)]).text
}

#[test]
fn comments_and_spaces_do_not_change_the_root() {
    let text = text();
    let same = [
        text.replace(
            "some x in [1, 2, {\"a\": 3}]",
            "some   x in [ 1,2,\t{ \"a\" :3 } ]  # why",
        ),
        text.replace('\n', "\r\n"),
        text.replace("allow if {\n", "allow if {\n\n\n  # a comment\n"),
        text.replace("f(a, b) if a == b", "f( a ,b ) if a==b"),
        text.replace(
            "# title: The rule rule",
            "# title:   The rule rule\n# description: more words",
        ),
        format!("# a licence\n\n{text}\n\n# the end\n"),
    ];
    for other in same {
        assert_eq!(root(&other), root(&text), "{other}");
    }
    let changed = [
        text.replace("a == b", "a != b"),
        text.replace("`a b`", "`a  b`"),
        text.replace("f(", "g("),
        text.replace("The rule rule", "The rule"),
        text.replace("speaks", "says"),
        text.replace("event.append", "push.ref"),
        text.replace("[1, 2, ", "[2, 1, "),
        text.replace("not f(x, -1)", "not f(x, 1)"),
    ];
    for other in changed {
        assert_ne!(root(&other), root(&text), "{other}");
    }
}

#[test]
fn the_order_of_modules_does_not_matter_and_their_names_do() {
    let rule = |package: &str, id: &str| {
        let text = Rule::new(id, "event.append").text("allow if 1 == 1");
        format!("package {package}\n{text}")
    };
    let (a, b) = (rule("a", "one"), rule("b", "two"));
    let both = |x: (&str, &str), y: (&str, &str)| {
        let modules = [Module::new(x.0, x.1), Module::new(y.0, y.1)];
        compile(&modules).unwrap().root()
    };
    let first = both(("a.rgs", &a), ("b.rgs", &b));
    assert_eq!(first, both(("b.rgs", &b), ("a.rgs", &a)));
    assert_ne!(first, both(("c.rgs", &a), ("b.rgs", &b)));
}

#[test]
fn laying_out_changes_no_meaning_and_is_stable() {
    let ragged = "package   rules\n\n\n\n# METADATA\n# title: t\n# custom:\n#   id: a\n#   adr: x\n#   severity: error\n#   intent: event.append\n#   message: m\nallow   if {\n  some x in [\n1,\n      2]   # why\n\n\n      x==1\n}\n\n\nf(a)   :=   b if b:=a+1\n";
    let wanted = "package rules\n\n# METADATA\n# title: t\n# custom:\n#   id: a\n#   adr: x\n#   severity: error\n#   intent: event.append\n#   message: m\nallow if {\n\tsome x in [\n\t\t1,\n\t\t2] # why\n\n\tx == 1\n}\n\nf(a) := b if b := a + 1\n";
    let laid_out = formatted(&Module::new("rules.rgs", ragged)).unwrap();
    assert_eq!(laid_out, wanted);
    assert_eq!(
        formatted(&Module::new("rules.rgs", wanted)).unwrap(),
        wanted
    );
    assert_eq!(root(ragged), root(wanted));
}
