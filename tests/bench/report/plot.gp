# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Of the rows of tables.jq (data) the plot (svg); title: its second line.
set terminal svg size 860,560 dynamic background rgb "#ffffff" font "Helvetica,Arial,sans-serif,14" linewidth 1.2
set output svg
set datafile missing "?"
set title "Attach and detach of uprobes, one by one, by a libbpf tool\n{/*0.8 ".title."}"
set xlabel "probes"
set ylabel "seconds to attach and detach"
set logscale xy
set xrange [0.8:7000]
set format x "%.0f"
set format y "%g"
set grid xtics ytics linecolor rgb "#d8d8d8"
set key top left reverse Left samplen 2.5

names = "'perf uprobes' 'upshift, UPSHIFT\\\_DETACH=sync' 'upshift' 'one native uprobe\\\_multi link'"
array colour[4] = [ 0xd55e00, 0xcc79a7, 0x0072b2, 0x555555 ]
array full[4] = [ 7, 5, 9, 11 ]
array hollow[4] = [ 6, 4, 8, 10 ]

plot for [i = 1:3] data using 1:(column(2 * i + 1)) with linespoints linewidth 1.8 dashtype 2 \
         linecolor rgb colour[i] pointtype hollow[i] notitle, \
     for [i = 1:4] data using 1:(column(2 * i)) with linespoints linewidth 1.8 linecolor rgb colour[i] \
         pointtype full[i] title word(names, i), \
     keyentry with linespoints dashtype 2 linewidth 1.8 linecolor rgb "#888888" pointtype 6 title "extrapolated"
