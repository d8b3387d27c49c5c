# Reads events "TIME ADDRESS" (this registrar was killed), then packets "TIME ENRP ASAP"; prints the milliseconds from each event to
# the first INIT_TAKEOVER, and to the last acknowledgement or TAKEOVER_SERVER that follows it within 5 s.
function has(list, what,   items, n, i) { n = split(list, items, ","); for(i = 1; i <= n; i++) if(items[i] == what) return 1; return 0 }
NR == FNR { split($0, e, " "); at[++events] = e[1]; next }
{ time[++packets] = $1; enrp[packets] = $2 }
END {
   for(k = 1; k <= events; k++) {
      until = k < events ? at[k + 1] : at[k] + 60; init = done = 0
      for(i = 1; i <= packets; i++) {
         t = time[i] + 0; if(t < at[k]) continue; if(t > until) break
         if(!init && has(enrp[i], 7)) init = t
         if(init && t < init + 5 && (has(enrp[i], 8) || has(enrp[i], 9))) done = t
      }
      if(init) printf "takeover-begun %.0f\n", (init - at[k]) * 1000
      if(done) printf "takeover-agreed %.0f\n", (done - at[k]) * 1000
   }
}
