#!/bin/bash
# Initiates every tunnel that is down: strongSwan gives up for good when the peer refuses once (while it loads its own
# configuration, say). It never restarts the daemon: that is a repair, and Switchback's to decide.
list=${KEY_LIST:-/etc/switchback/keys}
keys=${KEY_FILE:-/etc/swanctl/conf.d/switchback-keys.conf}

timeout 5 swanctl --stats > /dev/null 2>&1 || exit 0
if [ ! -s "$keys" ]; then
  systemctl restart switchback-keys && timeout 5 swanctl --load-creds --noprompt > /dev/null
fi
while read -r name _; do
  timeout 5 swanctl --list-sas --ike "$name" --noblock | grep -q INSTALLED && continue
  timeout 15 swanctl --initiate --child "$name" --timeout 10 > /dev/null 2>&1 ||
    echo "Tunnel $name is down, the peer does not answer."
done < "$list"
