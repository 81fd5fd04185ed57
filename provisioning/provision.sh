#!/bin/sh
# Makes a claw: provision.sh USERNAME [--zai-key-file FILE] … ; --help tells all.
set -eu
exec node "$(dirname "$(readlink -f "$0")")/../host/cli/bin.mjs" admin provision "$@"
