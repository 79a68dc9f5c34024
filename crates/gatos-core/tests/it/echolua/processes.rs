//! C-01 and C-18: a hundred processes, each in another environment, fold to the same bytes with the
//! same fuel. Plain Lua, asked for no more than the order of its keys, does not.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::echolua::Limits;
use gatos_core::value::Value;

use super::{Random, compile, elc, fold, generator, parse};

/// Set in a process that is to fold and say what came out.
const CHILD: &str = "GATOS_TEST_FOLD_CHILD";
const TEST: &str = "echolua::processes::a_hundred_processes";

/// A digest of twelve folds: their states, fuel and errors.
fn folds() -> String {
    let mut said = String::new();
    let mut note = |source: &str, events: &[Value]| {
        let program = compile(source).program;
        let outcome = match fold(&program, Limits::default(), None, events) {
            Ok((state, fuel)) => format!("{} {fuel:?}\n", Cid::of_dag_cbor(&cbor::encode(&state))),
            Err(error) => format!("{error} at {:?}\n", error.node),
        };
        said.push_str(&format!("{} {outcome}", program.root()));
    };
    let events: Vec<Value> = (0..20)
        .map(|n| {
            parse(&format!(
                r#"{{"n":{n},"k":"k{}","list":[3,1,2],"payload":{{"m":{{}}}}}}"#,
                n % 7
            ))
        })
        .collect();
    for (_, source) in elc::PROGRAMS {
        note(source, &events);
    }
    for seed in 0..5 {
        note(
            &generator::aliasing_program(&mut Random::new(seed)),
            &events,
        );
    }
    note(
        "function fold(state, event)
           for i = 1, 300 do state[\"k\" .. i * 7919 % 1000] = i / 7 end
           local t = list()
           for k, v in dpairs(state) do t[#t + 1] = { k = k, v = v } end
           table.sort(t, function(a, b) return a.v > b.v end)
           return { t = t, s = table.concat({ tostring(1 / 3), decimal.sqrt(2), \"I\", (\"i\"):upper() }, \",\") }
         end",
        &events[..1],
    );
    note(
        "local function down(n) return 1 + down(n + 1) end
         function fold(state, event) state.n = down(1) return state end",
        &events[..1],
    );
    Cid::of_raw(said.as_bytes()).to_string()
}

/// The order in which plain Lua goes through a table.
fn order_of_plain_lua() -> String {
    let order: String = mlua::Lua::new()
        .load(
            "local t, out = {}, {}
             for i = 1, 200 do t['key' .. i] = i end
             for i = 1, 20 do t[{}] = i end
             for _, v in pairs(t) do out[#out + 1] = v end
             return table.concat(out, ' ')",
        )
        .eval()
        .unwrap();
    Cid::of_raw(order.as_bytes()).to_string()
}

/// This test again, in a process of its own; what it found is on one line.
fn child(what: &str, shell: &str) -> Command {
    let mut command = Command::new("sh");
    let program = std::env::current_exe().unwrap();
    command
        .args(["-c", &format!("{shell} \"$0\" \"$@\"")])
        .arg(program)
        .args(["--exact", TEST, "--nocapture", "--test-threads=1"])
        .env(CHILD, what)
        .stderr(Stdio::null());
    command
}

fn found_by(mut command: Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, found) = text
        .split_once("found=")
        .unwrap_or_else(|| panic!("{command:?}: {text}"));
    found.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn a_hundred_processes() {
    match std::env::var(CHILD).as_deref() {
        Ok("folds") => return println!("found={}", folds()),
        Ok(_) => return println!("found={}", order_of_plain_lua()),
        Err(_) => {}
    }
    let here = folds();
    let folders = [std::env::temp_dir(), crate::manifest(), "/".into()];
    for number in 0..100 {
        let pick = |all: &[&'static str]| all[number % all.len()];
        let shell = pick(&[
            "exec",
            "ulimit -s 1024; exec",
            "ulimit -s 65536 2>/dev/null; exec",
            "nice -n 5",
            "umask 077; exec",
        ]);
        let mut command = child("folds", shell);
        command
            .env(
                "LANG",
                pick(&[
                    "C",
                    "tr_TR.UTF-8",
                    "de_DE.UTF-8",
                    "ar_SA.UTF-8",
                    "C.UTF-8",
                    "",
                ]),
            )
            .env("LC_ALL", pick(&["C", "tr_TR.UTF-8", "de_DE.UTF-8"]))
            .env(
                "TZ",
                pick(&["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"]),
            )
            .env("HOME", pick(&["/", "/nowhere", ""]))
            .env("SOME_VARIABLE", "x".repeat(number * 97))
            .current_dir(&folders[number % folders.len()]);
        assert_eq!(found_by(command), here, "process {number}: {shell}");
    }
}

/// The harness sees what the machine lets through.
#[test]
fn plain_lua_differs_between_processes() {
    let found: BTreeSet<String> = (0..8).map(|_| found_by(child("order", "exec"))).collect();
    assert!(found.len() > 1, "eight processes had one order");
}
