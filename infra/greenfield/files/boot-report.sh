# Whoever waits for this boot is told how it ended: CloudFormation by a signed URL, a person by the console. The reason
# is the last line of the log, so whatever gives up says why as its last word.
log=/var/log/switchback-boot.log
exec 3>&1 >> "$log" 2>&1
doing='begin'

stage() {
  doing=$1
  echo "$doing" > "$log.stage"
  echo "switchback: $doing"
  echo "switchback: $doing" >&3
}

# again N command…: tried so often, with a pause between.
again() {
  local try times=$1
  shift
  for ((try = 1; try <= times; try++)); do
    "$@" && return 0
    if [ "$try" -lt "$times" ]; then sleep "${PAUSE:-5}"; fi
  done
  return 1
}

# tell SUCCESS|FAILURE why: what JSON could trip over becomes a space.
tell() {
  local why
  why=$(printf %s "$2" | tr -c 'A-Za-z0-9 .,:;/_()=+-' ' ' | cut -c1-600)
  echo "switchback: $1: $why" >&3
  [ -n "$signal" ] || return 0
  printf '{"Status":"%s","UniqueId":"boot","Data":"boot","Reason":"%s"}' "$1" "$why" > "$log.signal"
  again 6 curl -fsS -o /dev/null --connect-timeout 5 --max-time 20 -X PUT -H 'Content-Type:' \
    --data-binary "@$log.signal" "$signal" || echo "switchback: CloudFormation could not be told" >&3
}

ended() {
  local code=$?
  if [ -n "${watch:-}" ]; then kill "$watch" || true; fi
  if [ "$code" -eq 0 ]; then
    tell SUCCESS "$name is done"
  else
    tail -n 15 "$log" >&3
    tell FAILURE "$name could not $doing (exit code $code): $(tail -n 1 "$log")"
  fi
}
trap ended EXIT

# CloudFormation waits for 30 minutes; what hangs is told before, with what hung.
if [ -n "$signal" ]; then
  (
    exec > /dev/null 2>&1 3>&1
    trap 'kill $!' TERM
    sleep 1500 &
    wait $! && tell FAILURE "$name was still busy after 25 minutes, with: $(cat "$log.stage")"
  ) &
  watch=$!
fi
