# How much comes in through one device, from looks at the kernel's counters one after the other, each `cat /proc/uptime
# /proc/net/dev`. Writes `rate empty`, both null where nothing can be said:
#
#     rate    packets a second received between the last two looks
#     empty   milliseconds from -v start (a line of /proc/uptime) until no more than -v quietAt packets a second came in,
#             where it has stayed so to the last look, for two seconds at least
#
# POSIX awk, without quotes and pairs of braces in its code: a Systems Manager document holds it.
BEGIN { rate = "null"; since = "null"; split(start, words, / /); begun = int(1000 * words[1]) }

NF == 2 && /^[0-9]+[.][0-9]+ / { now = int(1000 * $1); next }
{ sub(/:/, ": ") }
$1 == device ":" { look($3) }

END {
  if (since != "null" && was - since < 1900) since = "null"
  if (since != "null") since = (since > begun) ? since - begun : 0
  print rate, since
}

function look(packets,    between) {
  between = now - was
  if (looks++ && between > 0) {
    rate = int(1000 * (packets - count) / between + 0.999)
    if (rate > quietAt) since = "null"
    else if (since == "null") since = was
  }
  was = now
  count = packets
}
