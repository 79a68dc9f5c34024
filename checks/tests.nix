# The workspace's tests pass in the sandbox, against the programs as they are packaged.
{
  gatos,
  pkgs,
  source,
  ...
}:
import ../nix/nested { inherit pkgs; } "tests" {
  tools = [
    gatos
    pkgs.openssh
    pkgs.patchelf
    pkgs.python3
  ];
  environment = {
    inherit gatos source;
    bash_static = "${pkgs.pkgsStatic.bash}/bin/bash";
    tests = import ../nix/tests.nix { inherit pkgs; };
    # What the sandbox forbids, or has not: each is run outside of it, by `cargo test`.
    skipped = [
      # A file with a set-uid bit.
      "nar::refuses_what_cannot_be_recorded_and_names_it"
      # Time zones.
      "studies::determinism::a_program_that_depends_on_its_environment_is_found"
      # Loop devices.
      "power::a04"
      # A Git that can make reftable repositories.
      "environment::a26_reftable_is_refused_by_name"
      # Names that only a locale with Unicode shows.
      "answers::nothing_that_users_wrote_commands_the_terminal"
      # A Git that asks hooks about symbolic refs.
      "gate::installation::whoever_works_on_the_server_with_git_is_stopped_too"
      # Clients that speak the protocol by hand, and limits of processes.
      "gate::extent::"
      "gate::moments::"
      "gate::names::"
      "gate::objects::"
      # What Debian's own shell says of a command that is not there.
      "sessions::bisect"
      # Addresses that differ between processes.
      "echolua::processes::plain_lua_differs_between_processes"
      # A program that lists processes.
      "limits::j15_a_job_of_many_processes_ends_whole_when_its_time_is_over"
    ];
  };
} (builtins.readFile ./tests.sh)
