#!/usr/bin/env bash
# All checks that need an NVIDIA GPU, in at most eight minutes:
#
#     tests/cuda/run.sh
#
# With --trial the code of the checks is tried on the processor, which takes longer and needs no GPU.
#
# Each check is bounded and told by itself; $OUT (cuda-results) gets results.json, what each check
# printed, and measured.json. PyTorch is that of $PYTHON, of .venv or of python3, where it has
# one and what the tests need; else README's command installs all in an environment of its own.
#
# Exit codes: 0 all passed, 1 something failed, 2 nothing to run them with, 3 no GPU here.
set -uo pipefail
cd "$(dirname "$0")/../.."
OUT=${OUT:-$PWD/cuda-results}
mkdir -p "$OUT"
export OUT

trial=""
[ "${1:-}" = --trial ] && trial=--trial
if [ -z "$trial" ] && ! ls /dev/nvidia[0-9]* /dev/dxg >/dev/null 2>&1; then
    echo "no NVIDIA GPU here: nothing was checked"
    echo '{"gpu": null, "checks": []}' >"$OUT/results.json"
    exit 3
fi

usable() { "$1" -c 'import torch, textual, plotext, platformdirs, pytest, pytest_asyncio, pytest_timeout' 2>/dev/null; }
for python in "${PYTHON:-}" .venv/bin/python python3; do
    if [ -n "$python" ] && usable "$python"; then exec "$python" tests/cuda/checks.py $trial "$OUT"; fi
done

echo "== an environment"
env=$(mktemp -d)/venv
trap 'rm -rf "$(dirname "$env")"' EXIT
own=""
python3 -c 'import torch' 2>/dev/null && own=--system-site-packages # whose PyTorch suits the driver
timeout 180 bash -euc '
    python3 -m venv '"$own"' "$1"
    "$1/bin/pip" install -q ".[digits,gpu]" "pytest>=8.3" "pytest-asyncio>=1.0" "pytest-timeout>=2.3"
' _ "$env" >"$OUT/install.log" 2>&1
if ! usable "$env/bin/python"; then
    tail -n 20 "$OUT/install.log"
    echo "there is nothing to run the checks with: see $OUT/install.log"
    echo '{"gpu": null, "checks": [], "problem": "nothing to run the checks with"}' >"$OUT/results.json"
    exit 2
fi
"$env/bin/python" tests/cuda/checks.py $trial "$OUT"
