#!/bin/sh
# Makes .venv (for `make play`) and what tests, benchmarks or fuzzing need besides (`make test`, `make bench`,
# `make netcode`, `make fuzz`), from nothing but Python.
# What is missing from the system is installed by apt-get when that is possible, and named in a sentence when it is not.
set -eu
what=${1:-play}
python=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }
give_up() { say "$*"; exit 1; }

updated=
debian() { # debian "purpose" package...
    purpose=$1; shift
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing $* ($purpose)..."
        [ -n "$updated" ] || apt-get update -qq >&2
        updated=yes
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    else
        give_up "$purpose is missing. Install it (Debian and Ubuntu: sudo apt-get install $*) and run this again."
    fi
}

command -v "$python" >/dev/null || debian "Python" python3 python3-venv
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    give_up "Rumpus needs Python 3.11 or newer and $python is $("$python" -V); name another with: make $what PYTHON=python3.12"
# A virtual environment is made again when its Python is gone or when making it was interrupted.
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    "$python" -c 'import ensurepip' 2>/dev/null || debian "Python's venv module" python3-venv
    "$python" -m venv --clear .venv
fi

case $what in
    test) extra='[dev]' ;;
    bench) extra='[bench]' ;;
    fuzz) extra='[fuzz]' ;;
    *) extra='' ;;
esac
stamp=.venv/installed-$what
if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
    say "Installing Rumpus into .venv..."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".$extra"
    touch "$stamp"
fi
if [ "$what" = bench ]; then
    command -v cc >/dev/null || debian "A C compiler, for the floor" gcc libc6-dev
    command -v npm >/dev/null || debian "Node.js, for Colyseus" nodejs npm
fi
if [ "$what" = netcode ]; then
    command -v node >/dev/null || debian "Node.js 20.10 or newer, for the clients" nodejs
fi
[ "$what" = test ] || exit 0

# Any Chromium does; the one without windows leaves more of the processor to the tests.
for browser in chromium-headless-shell chromium google-chrome; do
    command -v "$browser" >/dev/null && break
done || debian "Chromium, for the browser tests" chromium-headless-shell
# The tests start a server of their own, in a folder of their own.
if ! command -v initdb >/dev/null && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    debian "PostgreSQL, for the tests of results" postgresql
fi
command -v npm >/dev/null || debian "Node.js, to check the browser client's types" nodejs npm
if [ ! -e node_modules/.installed ] || [ package.json -nt node_modules/.installed ]; then
    npm install --silent --no-package-lock --no-audit --no-fund
    touch node_modules/.installed
fi
