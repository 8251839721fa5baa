#!/usr/bin/env bash
# Runs a command with Node 20 or newer on the PATH: the system's, else the virtual environment's.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
if [ "${major:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
    PATH="$root/.venv/bin:$PATH"
fi
exec "$@"
