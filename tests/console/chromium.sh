#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sees to it that there is a Chromium for the tests of the console; on Debian it installs it.
set -eu
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing Chromium and fonts for the tests of the console (once)"
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium fonts-noto-core >/dev/null
else
  echo "The tests of the console need Chromium: apt-get install chromium fonts-noto-core" >&2
fi
