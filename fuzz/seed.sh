#!/usr/bin/env bash
# Fills the corpora with the seeds, and that of pictures with the fixtures of the tests.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p corpus
cp -r seeds/. corpus
mkdir -p corpus/image_decode
for fixture in ../crates/artkg-image/tests/fixtures/*; do
    case "$fixture" in
    *.py | *large* | *.expected.png) continue ;;
    esac
    for choice in '\0' '\1'; do
        # The byte before the picture chooses the scale.
        { printf "$choice" && cat "$fixture"; } >"corpus/image_decode/$(basename "$fixture").${choice#?}"
    done
done
