#!/bin/sh
# Installs py-libp2p into a virtual environment, FOLDER/py-libp2p, or brings it up to date: `install.sh FOLDER`.
#
# Needs Python 3.11 with its venv module, and no compiler: requirements.txt says why.
set -eu
here="$(dirname "$0")"
environment="$1/py-libp2p"

install() {
    "$environment/bin/pip" --quiet --disable-pip-version-check install "$@"
}

python3 -m venv "$environment"
install --requirement "$here/requirements-build.txt"
install --no-deps --no-build-isolation --use-pep517 --requirement "$here/requirements.txt"
