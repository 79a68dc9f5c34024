# Follows templates/experiment/README.md in a new folder.
trap 'echo "repair: follow templates/experiment/README.md in a new folder" >&2' ERR
nix registry add gatos "path:$source"
mkdir "$HOME/my-study"
cd "$HOME/my-study"
nix flake init -t gatos#experiment
git init --quiet
git add --all
nix flake lock --override-input gatos/nixpkgs "path:$nixpkgs" 2>&1 | sed --quiet 1p
git add flake.lock
git commit --quiet -m "My study, as the template has it"

gatos init --actor me --new-key "$HOME/my-key"
id=$(gatos run --quiet)
gatos verify "$id"
gatos reproduce "$id"
gatos evidence pack "$id" -o "$HOME/study.car"
cd "$HOME"
gatos verify study.car

# A suite that cannot fail is a defect: evidence without its end is none.
head --bytes=-1000 study.car >damaged.car
if gatos verify damaged.car; then
  echo "damaged evidence was verified" >&2
  false
fi
