// Made by scripts/generate.ts from src/catalog: PerfWatch keeps its task like this and undoes changes.

import "date"
import "influxdata/influxdb"
import "influxdata/influxdb/schema"

option task = {name: "perfwatch-1h", every: 1h, offset: 30s}

stop = date.truncate(t: now(), unit: 1h)
start = date.sub(d: 3h, from: stop)

roll = (fn, suffix, keep) =>
    from(bucket: "perfwatch")
        |> range(start: start, stop: stop)
        |> filter(fn: (r) => r._measurement =~ /^(cpu|cpu_core|memory|network|network_interface|network_connections|disk|disk_device|filesystem|perf|memory_bandwidth|pressure|host)$/)
        |> filter(fn: keep)
        |> aggregateWindow(every: 1h, fn: fn, timeSrc: "_start", createEmpty: false)
        |> toFloat()
        |> drop(columns: ["_start", "_stop"])
        |> schema.fieldsAsCols()
        |> rename(fn: (column) => if column =~ /^(_.*|host|core|interface|device|mount)$/ then column else column + suffix)
        |> influxdb.wideTo(bucket: "perfwatch_1h")

gauge = (r) => r._field !~ /^(core_count|physical_cores|total_bytes|swap_total_bytes|hugepages_total|total_bytes_sent|total_bytes_recv|uptime_seconds|file_handles_limit|errors_in|errors_out|drops_in|drops_out)$/

roll(fn: mean, suffix: "", keep: gauge)
roll(fn: min, suffix: "_min", keep: gauge)
roll(fn: max, suffix: "_max", keep: gauge)
roll(fn: count, suffix: "_n", keep: gauge)
roll(fn: last, suffix: "", keep: (r) => r._field =~ /^(core_count|physical_cores|total_bytes|swap_total_bytes|hugepages_total|total_bytes_sent|total_bytes_recv|uptime_seconds|file_handles_limit)$/)
roll(fn: sum, suffix: "", keep: (r) => r._field =~ /^(errors_in|errors_out|drops_in|drops_out)$/)
