#!/usr/bin/env bats
# The scripts as an operator calls them, over the recording Docker. NODE is the Node to use; host.test.ts runs this.

setup() {
  SCRIPTS="$(cd "$BATS_TEST_DIRNAME/.." && pwd)"
  export FAKE_DOCKER="$BATS_TEST_TMPDIR/docker" CLAW_ROOT="$BATS_TEST_TMPDIR/claw" CLAW_ROUTER=none
  export DOCKER="$BATS_TEST_TMPDIR/docker.sh"
  mkdir -p "$FAKE_DOCKER"
  printf '#!/bin/sh\nexec "%s" "%s/testing/docker/main.ts" "$@"\n' "$NODE" "$SCRIPTS" >"$DOCKER"
  chmod +x "$DOCKER"
  "$DOCKER" build --tag clay:latest .
  # Nobody may reach a real Docker from here.
  export DOCKER_HOST=unix:///nonexistent
}

@test "every script has --help, and does nothing else then" {
  for script in provision deprovision patch setup-host; do
    run "$SCRIPTS/$script.sh" --help
    [ "$status" -eq 0 ]
    [[ "$output" == *"clay admin $script "* ]]
  done
  [ ! -e "$CLAW_ROOT" ]
}

@test "a claw is made and taken down, and the key stands in no argument of Docker's" {
  run "$SCRIPTS/provision.sh" alice --zai-key - <<<"sk-very-secret-key"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"claw-alice runs."* ]]
  [ "$(stat -c %a "$CLAW_ROOT/users/alice/claw.env")" = 600 ]
  run grep -c sk-very-secret-key "$FAKE_DOCKER/calls.jsonl"
  [ "$output" = 0 ]
  run "$SCRIPTS/deprovision.sh" alice --delete-data
  [ "$status" -eq 0 ]
  [ ! -e "$CLAW_ROOT/users/alice" ]
}

@test "a hostile name is refused, and no part of it is run" {
  cd "$BATS_TEST_TMPDIR"
  run "$SCRIPTS/provision.sh" '; touch pwned "$(touch pwned)" `touch pwned`'
  [ "$status" -eq 2 ]
  run "$SCRIPTS/deprovision.sh" '../../$(touch pwned)' --delete-data
  [ "$status" -eq 2 ]
  [ ! -e pwned ]
}

@test "a script tells the truth by its exit code, and works through a link from elsewhere" {
  ln -s "$SCRIPTS/patch.sh" "$BATS_TEST_TMPDIR/patch"
  cd /
  run "$BATS_TEST_TMPDIR/patch" nobody
  [ "$status" -eq 1 ]
  run "$BATS_TEST_TMPDIR/patch" --nonsense
  [ "$status" -eq 2 ]
}
