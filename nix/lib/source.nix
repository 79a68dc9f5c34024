# One file or folder as a source of its own: its store path depends on its content and this name,
# never on what lies beside it in the study.
name: path:
builtins.path { inherit name path; }
