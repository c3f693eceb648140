#!/usr/bin/env bash
# Checks a script, and tells the report as annotations, as SARIF and on the page of the job; on a
# pull request also in a comment, with the repair card where there is something to repair.
# Ends as "zgtui check" ended: 0 pass, 1 fail, 2 usage error, 3 inconclusive.
set -euo pipefail
MAX_COMMENT=60000 # bytes; GitHub takes 65,536 characters
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
report=$work/report.json page=$work/page.md
pull_request=${ZGTUI_ACTION_PULL_REQUEST:-}
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
# The card takes further runs of the script, which are made only for what needs repair.
if [ "$code" = 1 ] && [ -n "$pull_request" ] && ! grep -q '"repaired_by"' "$report"; then
    again=0
    zgtui check --json --compare "${words[@]}" >"$work/card.json" || again=$?
    if [ "$again" = 1 ]; then
        mv "$work/card.json" "$report"
    fi
fi
# Each ends as the check did, which is told at the end.
zgtui check --show "$report" --github || true
zgtui check --show "$report" --sarif >"$ZGTUI_ACTION_SARIF" || true
zgtui check --show "$report" --markdown >"$page" || true
cat "$page" >>"${GITHUB_STEP_SUMMARY:-/dev/stdout}"

# The one comment on this script is found again by its first line. The first is made once there is
# something to say, and from then on it always tells the newest report.
comment() {
    local mark id first
    local comments=repos/$GITHUB_REPOSITORY/issues/$pull_request/comments
    mark="<!-- zgtui check $(printf '%s' "$ZGTUI_ACTION_SCRIPT" | cksum | tr ' ' '-') -->"
    { printf '%s\n\n' "$mark" && head -c "$MAX_COMMENT" "$page"; } >"$work/comment.md"
    gh api --paginate "$comments" --jq '.[] | "\(.id) \(.body | split("\n")[0])"' >"$work/ids" ||
        return
    while read -r id first; do
        if [ "${first%$'\r'}" = "$mark" ]; then
            gh api --silent --method PATCH "${comments%/*/*}/comments/$id" -F "body=@$work/comment.md"
            return
        fi
    done <"$work/ids"
    if [ "$code" != 0 ]; then
        gh api --silent --method POST "$comments" -F "body=@$work/comment.md"
    fi
}
if [ -n "$pull_request" ] && ! comment; then
    echo "::warning::the pull request could not be commented on"
fi
verdict=$(sed -n 's/^  "verdict": "\(.*\)".*/\1/p' "$report")
echo "verdict=$verdict" >>"${GITHUB_OUTPUT:-/dev/stdout}"
exit "$code"
