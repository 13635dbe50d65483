#!/bin/bash
# Fetches the tunnels' pre-shared keys with the instance's own role and writes them where swanctl looks for them.
#
# A key is never printed, never an argument of a process, never in user data. The file stays on the encrypted disk,
# readable by root alone: a gateway must come up after a reboot even when the key store cannot be reached.
set -uo pipefail
umask 077
list=${KEY_LIST:-/etc/switchback/keys} # A line per tunnel: name, store, key's id, our identity, the peer's.
target=${KEY_FILE:-/etc/swanctl/conf.d/switchback-keys.conf}
pause=${PAUSE:-2}
aws="aws --region $REGION --cli-connect-timeout 2 --cli-read-timeout 5 --output text"

fetch() {
  case $1 in
    secret) $aws secretsmanager get-secret-value --secret-id "$2" --query SecretString ;;
    parameter) $aws ssm get-parameter --name "$2" --with-decryption --query Parameter.Value ;;
  esac
}

write_all() {
  local name store id ours theirs key
  echo 'secrets {'
  while read -r name store id ours theirs; do
    key=$(fetch "$store" "$id") || return 1
    [ -n "$key" ] || return 1
    # As base64, so that no character of a key can be taken for the file's own.
    printf '  ike-%s {\n    id-1 = %s\n    id-2 = %s\n    secret = 0s%s\n  }\n' \
      "$name" "$ours" "$theirs" "$(printf %s "$key" | base64 -w0)"
  done < "$list"
  echo '}'
}

# A new role may be invisible for half a minute. With an older copy at hand, nothing waits for the store.
tries=60
[ -s "$target" ] && tries=1
for ((try = 1; try <= tries; try++)); do
  if write_all > "$target.new"; then
    mv "$target.new" "$target"
    echo "The keys are fetched."
    exit 0
  fi
  rm -f "$target.new"
  [ "$try" -lt "$tries" ] && sleep "$pause"
done
if [ -s "$target" ]; then
  echo "The keys cannot be fetched: the last ones are kept."
  exit 0
fi
echo "The keys cannot be fetched, and there are none from before." >&2
exit 1
