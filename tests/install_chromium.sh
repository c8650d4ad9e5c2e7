#!/bin/sh
# Chromium for the browser tests: Debian's package where apt is there, else a sentence.
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null
else
    echo "No Chromium found: the browser tests will be skipped. Install one (Debian: apt-get install chromium) to run them."
fi
