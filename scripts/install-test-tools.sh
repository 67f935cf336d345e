#!/usr/bin/env bash
# Installs the programs that some tests use as foreign judges (Debian and its kin, as root). Where that cannot be done the tests that need
# a program are reported as skipped, by name.
set -u
missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need tshark tshark
need xmllint libxml2-utils
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "not installed, tests that need them are skipped: ${missing[*]}" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 \
  || echo "could not install, tests that need them are skipped: ${missing[*]}" >&2
