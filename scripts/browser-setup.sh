#!/usr/bin/env bash
# Makes sure that a Chromium is there for the browser tests; says plainly when it can't.
set -euo pipefail
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null; then
        echo "Browser tests: $(command -v "$name")"
        exit 0
    fi
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Browser tests: installing Chromium"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; then
        exit 0
    fi
fi
echo "Browser tests: no Chromium here and no right to install one; they will be skipped."
echo "               Install the package 'chromium' to run them."
