# Reads what a VPN daemon says of its tunnels and writes a line for each name: `name up bytesIn bytesOut`, up being 1
# or 0. The one reader of tunnels on a gateway: whoever counts or restarts them there asks it.
#
#     swanctl --list-sas --raw | awk -v names='aws-1 aws-2' -f tunnel-state.awk      strongSwan: VICI, one message a line
#     ipsec trafficstatus      | awk -v names='aws-1 aws-2' -f tunnel-state.awk      Libreswan 4 and 5
#
# With `names`: those and no others, in that order, the absent ones down. Without: whatever the daemon lists.
#
# A name is up while one of its children is installed. Lines would count wrongly: after a rekey the DELETED child stands
# beside its successor for five seconds, and an IKE_SA being rekeyed over an installed child is not ESTABLISHED. Libreswan lists installed children
# only, also those that are being replaced. Of several children the bytes are summed; a counter that is absent is 0.
#
# Exit 3, and nothing written: the text is cut off, or none of these two. Unknown is never "no tunnel".
# POSIX awk, without quotes and pairs of braces in its code: a Systems Manager document holds it, too.
BEGIN {
  seen = 0
  broken = 0
  ended = 0
  split("", up)
  split("", got)
  split("", sent)
}

/^[ \t\r]*$/ { next }
/^list-sa event / { strongswan(); next }
/^list-sas reply / { if (/errmsg=|success=no/) broken = 1; ended = 1; next }
/^(006 )?#[0-9]+: "/ { libreswan(); next }
/^000 / { next }
{ broken = 1 }

END {
  if (broken || (seen && !ended)) exit 3
  count = split(names, wanted, /[ ,\t\n]+/)
  asked = 0
  for (i = 1; i <= count; i++) if (wanted[i] != "") { asked = 1; print line(wanted[i]) }
  if (!asked) for (i = 1; i <= known; i++) print line(listed[i])
}

function line(name) {
  return sprintf("%s %d %.0f %.0f", name, up[name] + 0, got[name] + 0, sent[name] + 0)
}

function note(name) {
  if (!(name in up)) { up[name] = 0; listed[++known] = name }
}

# A message is `list-sa event {name {key=value key=[value value] child-sas {name {key=value}}}}`. A word that begins
# with a brace opens a section, and those at its end close sections; an identity may hold braces of its own, in pairs.
function strongswan(    words, n, i, word, depth, opens, closes, at, inside) {
  seen = 1
  n = split($0, words, / /)
  depth = 0
  for (i = 3; i <= n; i++) {
    word = words[i]
    if (substr(word, 1, 1) == "{") { depth++; word = substr(word, 2) }
    opens = gsub(/[{]/, "{", word)
    closes = 0
    while (substr(word, length(word)) == "}") { closes++; word = substr(word, 1, length(word) - 1) }
    closes -= opens
    if (depth == 1 && closes <= 0 && word != "") { at = word; note(at) }
    if (depth == 2 && word == "child-sas") inside = 1
    if (depth == 4 && inside) child(at, word)
    if (closes > 0) depth -= closes
    if (depth < 3 && word != "child-sas") inside = 0
  }
  if (depth != 0) broken = 1
}

function child(name, word,    at, value) {
  at = index(word, "=")
  value = substr(word, at + 1)
  word = substr(word, 1, at - 1)
  if (word == "state" && (value == "INSTALLED" || value == "REKEYING" || value == "REKEYED")) up[name] = 1
  if (word == "bytes-in") got[name] += value
  if (word == "bytes-out") sent[name] += value
}

# `#2: "aws-1"[1] 198.51.100.20, type=ESP, add_time=…, inBytes=0, outBytes=84, maxBytes=2^63B, id=…`. A connection of
# several subnets is listed as "aws-1/1x2": its name is what stands in ipsec.conf.
function libreswan(    name, words, n, i) {
  name = $0
  sub(/^[^"]*"/, "", name)
  sub(/".*$/, "", name)
  sub(/\/[0-9]+x[0-9]+$/, "", name)
  note(name)
  up[name] = 1
  n = split($0, words, /, */)
  for (i = 2; i <= n && words[i] !~ /^id=/; i++) {
    if (words[i] ~ /^inBytes=[0-9]+$/) got[name] += substr(words[i], 9)
    if (words[i] ~ /^outBytes=[0-9]+$/) sent[name] += substr(words[i], 10)
  }
}
