#!/usr/bin/env bash
# All checks that need an NVIDIA GPU, in at most eight minutes, whatever hangs:
#
#     tests/cuda/run.sh
#
# With --trial the code of the checks is tried on the processor, which takes longer and needs no GPU.
#
# Each check is bounded and told by itself. $OUT (cuda-results) gets results.json and rows.jsonl,
# written as tests end, checks.log with what they printed, and measured.json.
#
# The checks run with the first of $PYTHON, .venv and python3 that has PyTorch and the rest. Where
# one has PyTorch alone, the rest is installed beside it into a folder of its own: from the wheels in
# $WHEELS, for a machine without a network, else from the package index. To fill such a folder:
#
#     pip download -d wheels --no-deps --only-binary=:all: --python-version 3.12 \
#         textual plotext platformdirs rich pyte wcwidth pytest-asyncio pytest-timeout nvidia-ml-py \
#         linkify-it-py uc-micro-py mdit-py-plugins markdown-it-py mdurl pygments scikit-learn
#
# Exit codes: 0 all passed, 1 something failed, 2 nothing to run them with, 3 no GPU here.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
OUT=${OUT:-$PWD/cuda-results}
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
export OUT
rm -f "$OUT"/{results.json,rows.jsonl,checks.log,measured.json,install.log}
SECONDS=0
ALL=475
INSTALL=180

trial=()
[ "${1:-}" = --trial ] && trial=(--trial)
if [ ${#trial[@]} -eq 0 ] && ! ls /dev/nvidia[0-9]* /dev/dxg >/dev/null 2>&1; then
    echo "no NVIDIA GPU here: nothing was checked"
    echo '{"gpu": null, "checks": []}' >"$OUT/results.json"
    exit 3
fi

missing() { # what the Python $1 lacks, without importing it
    timeout -k 5 30 "$1" -c '
import importlib.util, sys
needed = "torch textual plotext platformdirs rich pyte pytest pytest_asyncio pytest_timeout".split()
print(*(name for name in needed if importlib.util.find_spec(name) is None))
sys.exit(sys.version_info < (3, 10))' 2>/dev/null || echo "Python 3.10"
}
check_with() {
    echo "== checks with $1 ($("$1" --version 2>&1), after $SECONDS s)"
    exec "$1" tests/cuda/checks.py "${trial[@]}" --seconds $((ALL - SECONDS)) "$OUT"
}

beside=""
for python in "${PYTHON:-}" .venv/bin/python python3; do
    command -v "${python:-none}" >/dev/null || continue
    lacks=$(missing "$python")
    [ -z "$lacks" ] && check_with "$python"
    echo "== $python lacks: $lacks"
    case " $lacks " in *" torch "* | *" Python "*) ;; *) beside=${beside:-$python} ;; esac
done

site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
python=${beside:-python3}
own=(textual plotext platformdirs rich pyte "pytest>=8.3" "pytest-asyncio>=1.0" "pytest-timeout>=2.3"
    nvidia-ml-py scikit-learn)
if [ -n "${WHEELS:-}" ]; then
    what=(--no-index --no-deps "$WHEELS"/*.whl)
else
    what=("${own[@]}")
fi
[ -n "$beside" ] || what+=(torch)
echo "== installing beside $python, for $INSTALL s at most"
timeout -k 5 "$INSTALL" "$python" -m pip install -q --no-compile --target "$site" "${what[@]}" \
    >"$OUT/install.log" 2>&1
export PYTHONPATH="$site${PYTHONPATH:+:$PYTHONPATH}"
lacks=$(missing "$python")
if [ -n "$lacks" ]; then
    tail -n 20 "$OUT/install.log"
    echo "there is nothing to run the checks with, $python lacks: $lacks"
    printf '{"gpu": null, "checks": [], "problem": "%s lacks: %s"}\n' "$python" "$lacks" \
        >"$OUT/results.json"
    exit 2
fi
echo "== checks with $python ($("$python" --version 2>&1), after $SECONDS s)"
"$python" tests/cuda/checks.py "${trial[@]}" --seconds $((ALL - SECONDS)) "$OUT"
