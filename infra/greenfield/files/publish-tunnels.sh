#!/bin/bash
# Publishes, once a minute, what this gateway's own daemon says of its tunnels: how many of those named are up, and whether
# and how fast it could be asked. Of strongSwan and of Libreswan; where both are installed, of the one that answers.
#
# A daemon that is dead, hangs, or says what nobody understands was not measured: TunnelCheckOk is 0 then, and TunnelsUp
# is not published. A 0 there means that the daemon lives and has no tunnel.
set -uo pipefail
reader=${TUNNEL_STATE:-/usr/local/lib/switchback-tunnel-state.awk}
read -ra names <<< "$TUNNELS" # In /etc/switchback/metrics, as are REGION, NAMESPACE, DEPLOYMENT and GATEWAY.

ask() {
  if timeout 5 ipsec --version 2> /dev/null | grep -q Libreswan; then
    timeout 5 ipsec trafficstatus && return
  fi
  timeout 5 swanctl --list-sas --raw
}

datum() {
  printf '{"MetricName":"%s","Value":%s,"Unit":"%s","Dimensions":[' "$1" "$2" "$3"
  printf '{"Name":"Deployment","Value":"%s"},{"Name":"Gateway","Value":"%s"},' "$DEPLOYMENT" "$GATEWAY"
  printf '{"Name":"By","Value":"gateway"}]}'
}

began=$(date +%s%3N)
said=$(ask) && state=$(awk -v names="${names[*]}" -f "$reader" <<< "$said")
measured=$?
took=$(($(date +%s%3N) - began))

data="$(datum TunnelsConfigured ${#names[@]} Count),$(datum TunnelCheckMs "$took" Milliseconds)"
if [ "$measured" -eq 0 ]; then
  up=$(grep -c '^[^ ]* 1 ' <<< "$state")
  data="$data,$(datum TunnelCheckOk 1 Count),$(datum TunnelsUp "$up" Count)"
else
  echo "The tunnels could not be measured: the daemon was asked in vain (exit code $measured)."
  data="$data,$(datum TunnelCheckOk 0 Count)"
fi
timeout 40 aws cloudwatch put-metric-data --region "$REGION" --namespace "$NAMESPACE" --metric-data "[$data]"
