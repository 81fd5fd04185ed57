#!/bin/sh
# Takes a claw down: deprovision.sh USERNAME [--delete-data]; --help tells all.
set -eu
exec node "$(dirname "$(readlink -f "$0")")/../host/cli/bin.mjs" admin deprovision "$@"
