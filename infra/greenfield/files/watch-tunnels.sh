#!/bin/bash
# Initiates every tunnel that is down: strongSwan gives up for good when the peer refuses once (while it loads its own
# configuration, say). It never restarts the daemon: that is a repair, and Switchback's to decide.
list=${KEY_LIST:-/etc/switchback/keys}
keys=${KEY_FILE:-/etc/swanctl/conf.d/switchback-keys.conf}
reader=${TUNNEL_STATE:-/usr/local/lib/switchback-tunnel-state.awk}

timeout 5 swanctl --stats > /dev/null 2>&1 || exit 0
if [ ! -s "$keys" ]; then
  systemctl restart switchback-keys && timeout 5 swanctl --load-creds --noprompt > /dev/null
fi
# A tunnel of which nobody knows whether it is up is left alone.
said=$(timeout 5 swanctl --list-sas --raw) || exit 0
awk -v names="$(cut -d ' ' -f 1 "$list" | tr '\n' ' ')" -f "$reader" <<< "$said" | while read -r name up _; do
  [ "$up" = 1 ] && continue
  timeout 15 swanctl --initiate --child "$name" --timeout 10 > /dev/null 2>&1 < /dev/null ||
    echo "Tunnel $name is down, the peer does not answer."
done
