#!/bin/sh
# Puts claws on a new image: patch.sh [--build] USERNAME | --all; --help tells all.
set -eu
exec node "$(dirname "$(readlink -f "$0")")/../host/cli/bin.mjs" admin patch "$@"
