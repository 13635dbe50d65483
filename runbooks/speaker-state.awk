# Reads what FRR says of one neighbour and writes one line of words, by which the two speaker documents act and report:
#
#     session advertises prefixes outgoing own by shut trouble communities inherits
#
# Input, one after the other, from one call of vtysh:
#     show bgp neighbors N json
#     show bgp ipv4 unicast neighbors N advertised-routes json
#     show running-config
# Given: -v neighbor=N -v as=AS (ours) -v map=M (the route-map that drains it) -v mark=MED (what that map sets).
#
#     session      up, down
#     advertises   normal, drained (also: shut by us), partly, silent (session down by itself or by hand, or no prefix)
#     prefixes     how many are advertised to it
#     outgoing     its route-map out now, - for none
#     own          while M is there: the owner's map that M calls, - for none
#     by           while M is there: prepend, graceful-shutdown, - for none
#     shut         no, ours (with our message), theirs (by hand)
#     trouble      none, no-neighbor, other-as, no-policy (FRR sends nothing for want of one)
#     communities  yes, no: are standard communities sent to it
#     inherits     yes, no: its peer-group has the owner's map too
#
# A prefix is drained when it shows what M alone sets: the mark as MED, and, where M prepends, our AS that often in front
# of its path. Configured is not advertised: FRR applies a map some time after it was told to, and a default route that it
# originates for a neighbour passes by every map.
#
# Exit 3, and nothing written: none of this, or cut off. FRR 8.4.4 is what it was tried on.
# POSIX awk, without quotes and pairs of braces in its code: a Systems Manager document holds it.
BEGIN { text = ""; inConfig = 0; prepends = 0; own = "-"; by = "-" }

/^Building configuration/ { inConfig = 1; next }
!inConfig { text = text $0 " "; next }

/^router bgp / { at = "bgp"; if ($3 == as && NF == 3) isOurs = 1; next }
/^route-map / { at = ($2 == map) ? "map" : "other"; next }
/^[^ ]/ { at = "" }
at == "map" && $1 == "call" { own = $2 }
at == "map" && $1 == "set" && $2 == "as-path" && $3 == "prepend" { by = "prepend"; prepends = NF - 3 }
at == "map" && $1 == "set" && $2 == "community" && $3 == "graceful-shutdown" { by = "graceful-shutdown" }
at == "bgp" && $1 == "neighbor" && $2 == neighbor && $3 == "shutdown" { message = $0 }
at == "bgp" && $1 == "neighbor" && $3 == "route-map" && $5 == "out" { outOf[$2] = $4 }

END {
  if (!inConfig) exit 3
  read()
  if (broken || depth != 0) exit 3
  if (missing) { print "down silent 0 - - - no no-neighbor no no"; exit 0 }
  if (state == "") exit 3
  session = (state == "Established") ? "up" : "down"
  for (prefix in listed) {
    count++
    if (isDrained(prefix)) drained++
  }
  if (session == "down") count = 0
  advertises = "partly"
  if (count + 0 == 0) advertises = "silent"
  else if (drained + 0 == 0) advertises = "normal"
  else if (drained == count) advertises = "drained"
  shut = "no"
  if (isShut) shut = (message ~ / drained by Switchback$/) ? "ours" : "theirs"
  if (shut == "ours") advertises = "drained"
  trouble = "none"
  if (!isOurs) trouble = "other-as"
  else if (needsPolicy && outgoing != map) trouble = "no-policy"
  inherits = (group != "" && own != "-" && outOf[group] == own) ? "yes" : "no"
  if (outgoing == "") outgoing = "-"
  print session, advertises, count + 0, outgoing, own, by, shut, trouble, (sends ? "yes" : "no"), inherits
}

function isDrained(prefix,    words, n, i) {
  if (med[prefix] != mark) return 0
  n = split(path[prefix], words, / +/)
  for (i = 1; i <= prepends; i++) if (i > n || words[i] != as) return 0
  return 1
}

# The keys down to a value are in `keys`; FRR puts no array where we look.
function read(    token, key, expectsKey) {
  depth = 0
  while (length(text) > 0) {
    if (match(text, /^[ \t\r,:]+/)) { text = substr(text, RLENGTH + 1); continue }
    token = substr(text, 1, 1)
    if (token == "{" || token == "[") {
      depth++
      keys[depth] = key
      if (depth == 3 && keys[2] == "advertisedRoutes") listed[key] = 1
      key = ""
      text = substr(text, 2)
    } else if (token == "}" || token == "]") {
      depth--
      key = ""
      text = substr(text, 2)
    } else if (match(text, /^"([^"\\]|\\.)*"[ \t]*:/)) {
      key = substr(text, 2, RLENGTH - 1)
      sub(/"[ \t]*:$/, "", key)
      text = substr(text, RLENGTH + 1)
    } else if (match(text, /^("([^"\\]|\\.)*"|[-+.0-9A-Za-z]+)/)) {
      token = substr(text, 1, RLENGTH)
      gsub(/^"|"$/, "", token)
      value(key, token)
      text = substr(text, RLENGTH + 1)
    } else {
      broken = 1
      return
    }
  }
}

function value(key, said) {
  if (depth == 1 && key == "bgpOriginatingDefaultNetwork") listed[said] = 1
  if (key == "bgpNoSuchNeighbor" || said ~ /^No such neighbor/) missing = 1
  if (depth == 2 && keys[2] == neighbor) {
    if (key == "bgpState") state = said
    if (key == "adminShutDown" && said == "true") isShut = 1
  }
  if (depth == 4 && keys[4] == "ipv4Unicast" && keys[3] == "addressFamilyInfo") {
    if (key == "routeMapForOutgoingAdvertisements") outgoing = said
    if (key == "outboundEbgpRequiresPolicy") needsPolicy = 1
    if (key == "commAttriSentToNbr" && said ~ /tandard/) sends = 1
    if (key == "peerGroupMember") group = said
  }
  if (depth == 3 && keys[2] == "advertisedRoutes") {
    if (key == "metric") med[keys[3]] = said
    if (key == "path") path[keys[3]] = said
  }
}
