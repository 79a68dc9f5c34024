//! Pushing over SSH to a server of our own on this machine.

use super::with_server;

#[test]
fn over_ssh_the_server_knows_who_pushes() {
    let lab = with_server();
    if !lab.can_serve_ssh() {
        return;
    }
    let port = lab.serve_ssh();
    lab.ok("ssh-keygen -q -t ed25519 -N '' -f ../ssh/bob");
    let gatos = lab.path("bin/gatos");
    let lines: String = [("alice", "../.ssh/id_ed25519"), ("bob", "../ssh/bob")]
        .map(|(who, key)| {
            format!(
                "echo \"restrict,command=\\\"PATH=$PATH {} gate shell {who}\\\" $(ssh-keygen -y -f {key})\"; ",
                gatos.display()
            )
        })
        .concat();
    // Whoever has Alice's key is Alice, and nothing else.
    lab.ok(&format!("({lines}) > ../ssh/authorized"));
    let as_whom = |key: &str| {
        format!(
            "export SSH_KEY={key} GIT_SSH_COMMAND=\"sh $HOME/ssh/ssh\"; \
             url=ssh://$(id -un)@127.0.0.1:{port}$(cd ../server.git && pwd);"
        )
    };
    let alice = as_whom("$HOME/.ssh/id_ed25519");
    let bob = as_whom("$HOME/ssh/bob");
    lab.ok("gatos -q event append m --type t '{\"n\": 2}'");
    let ran = lab.run(&format!("{bob} git push $url refs/gatos/journal/m"));
    assert_ne!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("`bob` pushes what `alice` signed"),
        "{}",
        ran.err
    );
    lab.ok(&format!("{alice} git push -q $url refs/gatos/journal/m"));
    let ran = lab.run(&format!("{alice} git push $url :refs/gatos/journal/m"));
    assert!(
        ran.code != 0 && ran.err.contains("gate.delete"),
        "{}",
        ran.err
    );
    lab.ok("git fetch -q origin 'refs/gatos/audit/*:refs/gatos/audit/*'");
    let denials = lab.ok("gatos policy denials --json");
    assert!(
        denials.contains("\"pusher\":\"bob\"") && denials.contains("\"pusher\":\"alice\""),
        "{denials}"
    );
    // Nothing but Git's commands can be asked for, and no variable can be sent along.
    let ran = lab.run(&format!(
        "{alice} $GIT_SSH_COMMAND -p {port} 127.0.0.1 'id; sh -c id'"
    ));
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
}
