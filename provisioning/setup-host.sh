#!/bin/sh
# Makes a server ready for claws: setup-host.sh [REPOSITORY]; --help tells all.
set -eu
exec node "$(dirname "$(readlink -f "$0")")/../host/cli/bin.mjs" admin setup-host "$@"
