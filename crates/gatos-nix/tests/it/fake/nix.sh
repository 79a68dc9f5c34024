#!/bin/sh
# Runs the real program of the name by which this was called, in the way that the file `environment`
# beside that name says. Tests link to this script; they never write a program that they then run.
here=$(dirname "$0")
program=$(basename "$0")
. "$here/environment"
exec "$REAL/$program" "$@"
