#!/usr/bin/env bash
# The steps of action.yml. Inputs are environment variables, so that no input is read as a command.
set -euo pipefail

fail() {
  echo "::error::$*"
  exit 2
}

output() { # name, value
  printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# The words of an input. Unlike the shell, this expands no `*`.
words() { # variable, text
  IFS=$' \t\n' read -r -d '' -a "$1" <<<"$2" || true
}

# The rest of a line of a command of the runner, as it must be written there.
escaped() {
  local text=${1//%/%25}
  text=${text//$'\r'/%0D}
  printf '%s' "${text//$'\n'/%0A}"
}

# The program of a release, whose archive matches its checksum; or the one that the user names.
get() {
  if [ -n "${INPUT_PROGRAM:-}" ]; then
    local program
    program=$(command -v -- "$INPUT_PROGRAM") || fail "$(escaped "there is no program $INPUT_PROGRAM")"
    output program "$(realpath -- "$program")"
    return
  fi
  local version=${INPUT_VERSION:-} repository=${ACTION_REPOSITORY:-} releases=${INPUT_RELEASES:-} machine
  [ -n "$version" ] || version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
  version=${version#v}
  if [ -z "$releases" ]; then
    # The runner keeps actions in _actions/OWNER/REPOSITORY/REF.
    [ -n "$repository" ] || repository=$(sed -n 's|.*/_actions/\([^/]*/[^/]*\)/.*|\1|p' <<<"$GITHUB_ACTION_PATH/")
    [ -n "$repository" ] || fail "where the releases are is not known; set the input releases or program"
    releases=${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download
  fi
  machine=$(uname -m)
  case "$(uname -s)-$machine" in
    Linux-x86_64 | Linux-aarch64) ;;
    *) fail "no release has a program for $(uname -s) on $machine; set the input program" ;;
  esac
  local name=olm-catalog-$version-$machine-unknown-linux-gnu folder sum
  folder=${XDG_CACHE_HOME:-$HOME/.cache}/olm-catalog/releases/$version
  mkdir -p "$folder"
  download "$releases/v$version/SHA256SUMS" "$folder/SHA256SUMS"
  sum=${INPUT_SHA256:-$(sed -n "s/^\([0-9a-f]\{64\}\)  ${name//./\\.}\.tar\.gz$/\1/p" "$folder/SHA256SUMS")}
  [ -n "$sum" ] || fail "$(escaped "the release $version has no $name.tar.gz")"
  matches() { sha256sum --check --status <<<"$sum  $folder/$name.tar.gz"; }
  [ -f "$folder/$name.tar.gz" ] && matches || download "$releases/v$version/$name.tar.gz" "$folder/$name.tar.gz"
  matches || fail "$(escaped "$name.tar.gz does not have the SHA-256 $sum")"
  local place=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/$name-$$
  mkdir -p "$place"
  tar -xzf "$folder/$name.tar.gz" -C "$place" --strip-components 1
  output program "$place/catalog"
  if [ -n "${GITHUB_PATH:-}" ]; then echo "$place" >>"$GITHUB_PATH"; fi
}

download() { # address, file
  curl --fail --silent --show-error --location --retry 3 --output "$2" "$1" || fail "$(escaped "cannot download $1")"
}

# That what is generated is what the sources say.
check() {
  local status=0 file
  if compgen -G "bundles/*/operator.yaml" >/dev/null; then "$CATALOG" generate --check || status=$?; fi
  if compgen -G "channels/*.yaml" >/dev/null; then "$CATALOG" build --check || status=$?; fi
  if [ "$status" = 1 ]; then echo "::error::generated files are not up to date; run the verbs above without --check"; fi
  return "$status"
}

# Findings become annotations of the files, and a summary of the run.
validate() {
  local paths arguments report status=0 errors warnings
  words paths "$INPUT_PATH"
  words arguments "${INPUT_ARGUMENTS:-}"
  report=$(mktemp)
  "$CATALOG" validate "${paths[@]}" "${arguments[@]}" -o github >"$report" || status=$?
  # Annotations name files from the root of the repository.
  sed "s|^\(::[a-z]* file=\)|\1$(prefix)|" "$report"
  errors=$(grep -c '^::error ' "$report" || true)
  warnings=$(grep -c '^::warning ' "$report" || true)
  output errors "$errors"
  output warnings "$warnings"
  {
    echo "### catalog validate"
    echo
    if [ "$status" = 2 ]; then echo "It could not be done: see the log."; else echo "Errors: $errors, warnings: $warnings"; fi
    if [ "$errors$warnings" != 00 ]; then
      echo
      echo "<details><summary>Findings</summary><pre>"
      # A summary may have a megabyte.
      { NO_COLOR=1 "$CATALOG" validate "${paths[@]}" "${arguments[@]}" -o text 2>&1 || true; } | head -c 500000 |
        sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
      echo "</pre></details>"
    fi
  } >>"$GITHUB_STEP_SUMMARY"
  rm -f "$report"
  return "$status"
}

# The folder that is worked in, as the beginning of paths in a replacement of sed.
prefix() {
  local folder=${INPUT_WORKING_DIRECTORY:-.}
  folder=${folder#./}
  folder=${folder%/}
  case $folder in '' | .) ;; *) printf '%s/' "$folder" | sed 's/[|&\\]/\\&/g' ;; esac
}

build() {
  local arguments digest
  words arguments "${INPUT_BUILD_ARGUMENTS:-}"
  digest=$("$CATALOG" build --quiet "${arguments[@]}")
  digest=$(tail -n 1 <<<"$digest")
  echo "$digest"
  output digest "$digest"
  printf '\nThe catalog image is `%s`.\n' "$digest" >>"$GITHUB_STEP_SUMMARY"
}

push() {
  local arguments image
  words arguments "${INPUT_PUSH_ARGUMENTS:-}"
  image=$("$CATALOG" push "$INPUT_PUSH" --quiet "${arguments[@]}")
  echo "$image"
  output image "$image"
  printf '\nIt was pushed to `%s`.\n' "$image" >>"$GITHUB_STEP_SUMMARY"
}

cd -- "${INPUT_WORKING_DIRECTORY:-.}"
case ${1:-} in
  get | check | validate | build | push) "$1" ;;
  *) fail "usage: action.sh get|check|validate|build|push" ;;
esac
