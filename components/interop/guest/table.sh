#!/bin/bash
# Reads lines "FIGURE MAKE VALUE" and prints for each figure the median, minimum and maximum of each make, and how many times better
# ours is: rates are better when they are higher, times (ms) when they are shorter.
awk '{ key = $1 SUBSEP $2; value[key, ++n[key]] = $3; if(!($1 in seen)) { seen[$1] = 1; order[++figures] = $1 } }
   function median(key,   i, j, t, k) {
      k = n[key]; if(!k) { low = high = 0; return -1 }
      for(i = 1; i <= k; i++) s[i] = value[key, i] + 0
      for(i = 2; i <= k; i++) { t = s[i]; for(j = i - 1; j > 0 && s[j] > t; j--) s[j + 1] = s[j]; s[j + 1] = t }
      low = s[1]; high = s[k]; return k % 2 ? s[(k + 1) / 2] : (s[k / 2] + s[k / 2 + 1]) / 2
   }
   function shown(m,   f) { f = m < 10 ? "%.2f" : "%.0f"; return m < 0 ? "-" : sprintf(f " (" f " to " f ", n=%d)", m, low, high, n[key]) }
   END {
      print "| figure | rsplib | ours | times better |"; print "| --- | --- | --- | --- |"
      for(f = 1; f <= figures; f++) {
         key = order[f] SUBSEP "rsplib"; theirs = median(key); a = shown(theirs)
         key = order[f] SUBSEP "ours"; ours = median(key); b = shown(ours)
         rate = order[f] ~ /^(register|deregister|resolve|fractal)/ && order[f] !~ /time/
         better = theirs > 0 && ours > 0 ? sprintf("%.1f", rate ? ours / theirs : theirs / ours) : "-"
         printf "| %s, %s | %s | %s | %s |\n", order[f], rate ? "per second" : "ms", a, b, better
      }
   }' "$1"
