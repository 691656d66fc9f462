# Python 3.12 or later, and one environment per server with pinned packages, kept in the cache.
# shellcheck shell=bash

uv_version=0.13.8

# The real path of the first interpreter that runs and is new enough. A version manager's shims may be on PATH
# and yet refuse to run, so each candidate is asked.
find_python() {
  local name candidate version
  {
    for name in python3.13 python3.12 python3.14 python3; do type -ap "$name" || true; done
    if command -v pyenv >/dev/null; then
      while read -r version; do
        echo "$(pyenv prefix "$version" 2>/dev/null)/bin/python3"
      done < <(pyenv versions --bare 2>/dev/null | grep -E '^3\.[0-9]+\.[0-9]+$' | sort -rV)
    fi
    if command -v uv >/dev/null; then uv python find --no-python-downloads '>=3.12' 2>/dev/null || true; fi
  } | while read -r candidate; do
    "$candidate" -c 'import sys, venv, ensurepip; sys.version_info >= (3, 12) or sys.exit(1); print(sys.executable)' \
      2>/dev/null && return 0
  done | grep -m 1 .
}

# Sets `python` (an interpreter for small jobs), and the interpreters of one environment each: `ministack_python`,
# `model_python`, `gremlin_python`, `cassandra_python`, `tds_python`, `documents_python`,
# `flux_python` and `valkey_python`.
prepare_python() {
  local base uv
  if ! base=$(find_python); then
    # Debian 12 carries 3.11 only: uv brings its own interpreter.
    say "no Python 3.12 or later found: fetching one with uv"
    bootstrap_uv "$(command -v python3)"
    "$uv" python install -q 3.13 >&2
    base=$("$uv" python find 3.13)
  fi
  python=$base
  bootstrap_uv "$base"
  ministack_python=$(environment ministack)
  model_python=$(environment model)
  gremlin_python=$(environment gremlin)
  cassandra_python=$(environment cassandra)
  tds_python=$(environment tds)
  documents_python=$(environment documents)
  flux_python=$(environment flux)
  valkey_python=$(environment valkey)
}

# bootstrap_uv PYTHON: sets `uv` to the pinned installer (it resolves in seconds where pip takes minutes).
bootstrap_uv() {
  local home=$cache/tools/uv-$uv_version
  uv=$home/bin/uv
  [ -x "$uv" ] && return 0
  rm -rf "$home"
  "$1" -m venv "$home" >&2
  "$home/bin/python" -m pip install -q --disable-pip-version-check "uv==$uv_version" >&2
}

# environment NAME: prints the interpreter of the environment that holds exactly what NAME.txt pins.
environment() {
  local pins=tests/servers/$1.txt home
  home=$cache/python/$1-$({ cat "$pins"; "$base" -VV; } | sha256sum | cut -c1-12)
  if [ ! -f "$home/ready" ]; then
    say "installing the packages of $pins"
    rm -rf "$home"
    "$uv" venv -q --python "$base" "$home" >&2
    "$uv" pip install -q --python "$home/bin/python" --no-deps -r "$pins" >&2
    touch "$home/ready"
  fi
  echo "$home/bin/python"
}
