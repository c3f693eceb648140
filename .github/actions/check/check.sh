#!/usr/bin/env bash
# Checks a script once, and tells the report as annotations, as SARIF and on the page of the job.
# Ends as "zgtui check" ended: 0 pass, 1 fail, 2 usage error, 3 inconclusive.
set -euo pipefail
report=$(mktemp)
page=$(mktemp)
trap 'rm -f "$report" "$page"' EXIT
code=0
# The words of both inputs are split as in a shell's command line, without being run.
words=()
while IFS= read -r -d '' word; do
    words+=("$word")
done < <(printf '%s\n' "$ZGTUI_ACTION_OPTIONS" "$ZGTUI_ACTION_SCRIPT" | xargs printf '%s\0')
zgtui check --json "${words[@]}" >"$report" || code=$?
if [ "$code" = 2 ] || [ ! -s "$report" ]; then
    exit "$code"
fi
# Each ends as the check did, which is told at the end.
zgtui check --show "$report" --github || true
zgtui check --show "$report" --sarif >"$ZGTUI_ACTION_SARIF" || true
zgtui check --show "$report" --markdown >"$page" || true
cat "$page" >>"${GITHUB_STEP_SUMMARY:-/dev/stdout}"
if [ -n "${ZGTUI_ACTION_PULL_REQUEST:-}" ]; then
    gh pr comment "$ZGTUI_ACTION_PULL_REQUEST" --repo "$GITHUB_REPOSITORY" --body-file "$page" ||
        echo "::warning::the pull request could not be commented on"
fi
verdict=$(sed -n 's/^  "verdict": "\(.*\)".*/\1/p' "$report")
echo "verdict=$verdict" >>"${GITHUB_OUTPUT:-/dev/stdout}"
exit "$code"
